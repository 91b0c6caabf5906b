"""Selection expressions: from what is known of a message, or of an answer to it, to a key.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-selection-expressions.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import orjson

DEFAULT = "$default"

Lookup = Callable[[str], Any]
"""The value of a variable (`request.body.action`), None for none."""

_KEPT_MAX = 4_096
_EXPRESSION = re.compile(
    r"\\(?P<escaped>\$)|\$\{(?P<wrapped>[^{}]*)\}|\$(?P<bare>[A-Za-z][\w.\-\[\]'\"]*)"
)
_KNOWN = ("request.", "integration.response.", "response.", "context.", "stageVariables.")


class Selection:
    """An expression, read once. What it names and is not there counts as the empty text."""

    __slots__ = ("_parts",)

    def __init__(self, expression: str) -> None:
        self._parts: list[tuple[str, bool]] = []
        """Texts, and whether one names a variable."""
        at = 0
        for found in _EXPRESSION.finditer(expression):
            self._add(expression[at : found.start()])
            at = found.end()
            name = found["wrapped"] if found["wrapped"] is not None else found["bare"]
            if name is not None and name.startswith(_KNOWN):
                self._parts.append((name, True))
            else:
                self._add("$" if found["escaped"] else found[0])
        self._add(expression[at:])

    def _add(self, text: str) -> None:
        if text:
            self._parts.append((text, False))

    @property
    def reads_body(self) -> bool:
        """True if it cannot be told without the message being JSON."""
        return any(is_name and name.startswith("request.body") for name, is_name in self._parts)

    def key(self, lookup: Lookup) -> str:
        """The key."""
        return "".join(
            [stringified(lookup(text)) if is_name else text for text, is_name in self._parts]
        )


@lru_cache(_KEPT_MAX)
def selection(expression: str) -> Selection:
    """The expression, read."""
    return Selection(expression)


def stringified(value: Any) -> str:
    """A value as it stands in a key."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return f"[{', '.join(map(stringified, value))}]"
    return orjson.dumps(value).decode()


def pattern_of(key: str) -> str | None:
    """The regular expression that a response's key holds between slashes; None for a plain key."""
    return key[1:-1] if len(key) > 1 and key[0] == key[-1] == "/" else None
