"""One rendering of a template: its variables, what it has written, and how much it may still do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.velocity.errors import TemplateFailed
from fogline.aws.velocity.limits import (
    CALLS_MAX,
    CHARACTERS_PER_STEP,
    LEVELS_MAX,
    TEXT_CHARACTERS_MAX,
)

if TYPE_CHECKING:
    from fogline.aws.velocity.directives import MacroDefinition


class Run:
    __slots__ = ("_calls", "_length", "_levels", "left", "macros", "parts", "variables")

    def __init__(
        self, variables: dict[str, Any], macros: Mapping[str, MacroDefinition], steps: int
    ) -> None:
        self.variables = variables
        self.macros = macros
        self.parts: list[str] = []
        self.left = steps
        """Steps that are left."""
        self._length = 0
        self._calls = 0
        self._levels = 0

    def charge(self, steps: int) -> None:
        """Raises TemplateFailed when nothing is left."""
        self.left -= steps
        if self.left < 0:
            raise TemplateFailed("The template takes more steps than one rendering may take")

    def charge_text(self, length: int) -> None:
        """Pay for a text before it is made."""
        if length > TEXT_CHARACTERS_MAX:
            raise TemplateFailed("The template makes a longer text than a payload may be")
        self.charge(1 + length // CHARACTERS_PER_STEP)

    def write(self, text: str) -> None:
        self._length += len(text)
        if self._length > TEXT_CHARACTERS_MAX:
            raise TemplateFailed("The template makes a longer text than a payload may be")
        self.charge(1 + len(text) // CHARACTERS_PER_STEP)
        self.parts.append(text)

    def enter(self, levels: int) -> None:
        """Begin a macro or a block with so many levels of nesting; every `enter` needs its `leave`."""
        self._calls += 1
        self._levels += levels
        if self._calls > CALLS_MAX or self._levels > LEVELS_MAX:
            raise TemplateFailed(f"Macros call one another more than {CALLS_MAX} deep")

    def leave(self, levels: int) -> None:
        self._calls -= 1
        self._levels -= levels

    def aside(self) -> tuple[list[str], int]:
        """Write to a text of its own until `taken` is given what this returns."""
        outer = (self.parts, self._length)
        self.parts, self._length = [], 0
        return outer

    def taken(self, outer: tuple[list[str], int]) -> str:
        """The text written since `aside`."""
        text = "".join(self.parts)
        self.parts, self._length = outer
        return text
