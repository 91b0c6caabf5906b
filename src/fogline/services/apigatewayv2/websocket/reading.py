"""Reading values out of JSON by paths, in bounded time, where nothing that is wrong matters."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson

from fogline.aws.jsonpath import InvalidPath, Path, PathFailed, Work, compile_path

_KEPT_MAX = 4_096
_STEPS_MAX = 100_000
NO_JSON: Any = object()
"""What a text is that is no JSON."""


@lru_cache(_KEPT_MAX)
def _compiled(path: str) -> Path | None:
    try:
        return compile_path(path)
    except InvalidPath:
        return None


def value_at(document: Any, path: str) -> Any:
    """What the path (`.user.name`, `[0]`, "") names in a document; None for nothing."""
    if not path:
        return document
    compiled = _compiled(f"${path}")
    if compiled is None or document is NO_JSON:
        return None
    try:
        return compiled.value(document, Work(_STEPS_MAX))
    except PathFailed:
        return None


def parsed(text: str | bytes) -> Any:
    """The text as JSON, or NO_JSON."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return NO_JSON


def within(values: Any, name: str) -> Any:
    """What a dotted name leads to in maps within maps; None for nothing."""
    for part in name.split("."):
        if not isinstance(values, Mapping):
            return None
        values = values.get(part)
    return values
