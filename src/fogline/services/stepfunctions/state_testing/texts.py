"""JSON texts of a request: read once, and shown again as they were written wherever their values turn up unchanged."""

from __future__ import annotations

from typing import Any

from fogline.aws.states.machine import InvalidJson, read_json
from fogline.aws.states.texts import json_text

NOT_JSON: Any = object()


def find_json(text: str) -> Any:
    """The value, or NOT_JSON."""
    try:
        return read_json(text)
    except (InvalidJson, RecursionError):
        return NOT_JSON


def find_object(text: str) -> dict[str, Any] | None:
    """The object that the text spells, None where it spells none."""
    value = find_json(text)
    return value if isinstance(value, dict) else None


class Texts:
    """Values by their texts."""

    def __init__(self) -> None:
        self._known: list[tuple[Any, str]] = []

    def know(self, value: Any, text: str) -> None:
        """The value was read from this text."""
        self._known.append((value, text))

    def of(self, value: Any) -> str:
        """The value as it was written, else as AWS writes values."""
        for known, text in self._known:
            if value is known:
                return text
        return json_text(value)
