"""Settings of methods: a stage's own for one method, for all methods of a path, or for everything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_NONE: Mapping[str, Any] = {}


def settings_of(stage: Mapping[str, Any], path: str, verb: str) -> Mapping[str, Any]:
    """What a stage says of a method of the resource at that path."""
    settings = stage.get("methodSettings")
    if not settings:
        return _NONE
    wanted = (path, verb)
    found = _NONE
    for key, each in settings.items():
        at, _, method = key.rpartition("/")
        if (at, method) == ("*", "*"):
            found = found or each
        elif (_path(at), method) == wanted or (_path(at), method) == (path, "*"):
            return each if isinstance(each, Mapping) else _NONE
    return found


def _path(key: str) -> str:
    """A path as settings write it: `pets`, `~1pets~1{id}`, and `~1` for the root."""
    path = key.replace("~1", "/")
    return path if path.startswith("/") else f"/{path}"
