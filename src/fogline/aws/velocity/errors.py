"""How templates fail: when they are read, and when they are rendered."""

from __future__ import annotations


class InvalidTemplate(ValueError):
    """The text is no template."""

    def __init__(self, reason: str, line: int, column: int) -> None:
        super().__init__(f"{reason} at line {line}, column {column}")
        self.reason = reason
        self.line = line
        self.column = column


class TemplateFailed(Exception):
    """The template has no answer for these variables; `str()` says why."""


class NoSuchMethod(Exception):
    """The value has no method that takes such arguments: what is called so has no value."""
