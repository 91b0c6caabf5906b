"""Inference: the shape of JSON values, in the words of OpenAPI, and one shape that fits what two others fit.

A shape is an OpenAPI schema without references. Only shapes made here are merged, so they take few forms: `{}` has seen
nothing but null; an array that was always empty has items of a bare `{"type": "object"}`, as EventBridge writes it
(an object without members has `properties`); an object with all members it ever had, required if they never missed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import reduce
from typing import Any

Shape = Mapping[str, Any]

LEVELS_MAX = 255
"""Deeper events are passed over: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-schemas-infer.html"""
_INT64_MAX = 2**63
_NOTHING_YET: Shape = {"type": "object"}
"""What an empty array says of its items."""
_DATE_TIME = re.compile(
    r"\d{4}-\d\d-\d\dT[012]\d:[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-][012]\d:[0-5]\d)", re.ASCII
)


class TooDeep(Exception):
    """The value is nested more deeply than schemas are inferred."""


def infer(value: Any, level: int = 0) -> Shape:
    """The shape of one JSON value. Raises TooDeep."""
    if level > LEVELS_MAX:
        raise TooDeep
    if value is None:
        return {}
    if isinstance(value, str):
        return {"type": "string", "format": "date-time"} if _is_time(value) else {"type": "string"}
    if isinstance(value, bool):
        return {"type": "boolean"}
    if isinstance(value, int):
        if -_INT64_MAX <= value < _INT64_MAX:
            return {"type": "integer", "format": "int64"}
        return {"type": "integer"}
    if isinstance(value, float):
        return {"type": "number", "format": "double"}
    if isinstance(value, list):
        items = [infer(each, level + 1) for each in value]
        return {"type": "array", "items": merge_all(items) if items else _NOTHING_YET}
    members = {name: infer(value[name], level + 1) for name in sorted(value)}
    return _object(members, members)


def _object(members: Mapping[str, Shape], always: Iterable[str]) -> Shape:
    """An object's shape. A list of required members may not be empty in draft 4."""
    required = sorted(always)
    if not required:
        return {"type": "object", "properties": members}
    return {"type": "object", "required": required, "properties": members}


def _is_time(text: str) -> bool:
    if len(text) < 20 or not _DATE_TIME.fullmatch(text):
        return False
    try:
        # Python reads fractions of six digits at most, and no year 0.
        datetime.fromisoformat(text[:19] + text[19:].lstrip(".0123456789"))
    except ValueError:
        return False
    return True


def merge_all(shapes: Iterable[Shape]) -> Shape:
    """The shape that fits all that any of these fits."""
    return reduce(merge, shapes)


def merge(one: Shape, other: Shape) -> Shape:
    """The shape that fits all that either fits."""
    if one == other:
        return one
    is_nullable = any(not each or each.get("nullable") for each in (one, other))
    kinds: dict[str, Shape] = {}
    for alternative in (*_alternatives(one), *_alternatives(other)):
        kind = "number" if alternative["type"] == "integer" else alternative["type"]
        known = kinds.get(kind)
        kinds[kind] = _merge_alike(known, alternative) if known is not None else alternative
    merged = [kinds[kind] for kind in sorted(kinds)]
    shape = dict(merged[0]) if len(merged) == 1 else {"oneOf": merged}
    return {**shape, "nullable": True} if is_nullable else shape


def _alternatives(shape: Shape) -> list[Shape]:
    """The shapes of one type each that a shape allows, besides null."""
    if "oneOf" in shape:
        return list(shape["oneOf"])
    if not shape:
        return []
    return [{name: value for name, value in shape.items() if name != "nullable"}]


def _merge_alike(one: Shape, other: Shape) -> Shape:
    """Merge two shapes of one type (or two types of numbers)."""
    if one["type"] == "object":
        return _merge_objects(one, other)
    if one["type"] == "array":
        return {"type": "array", "items": _merge_items(one["items"], other["items"])}
    if one["type"] != other["type"]:
        return {"type": "number", "format": "double"}
    return one if one.get("format") == other.get("format") else {"type": one["type"]}


def _merge_items(one: Shape, other: Shape) -> Shape:
    if one == _NOTHING_YET:
        return other
    return one if other == _NOTHING_YET else merge(one, other)


def _merge_objects(one: Shape, other: Shape) -> Shape:
    mine, theirs = one.get("properties", {}), other.get("properties", {})
    members: dict[str, Shape] = {}
    for name in sorted({**mine, **theirs}):
        if name in mine and name in theirs:
            members[name] = merge(mine[name], theirs[name])
        else:
            members[name] = mine[name] if name in mine else theirs[name]
    return _object(members, {*one.get("required", ())} & {*other.get("required", ())})


def strict(shape: Shape) -> dict[str, Any]:
    """A draft 4 schema of exactly what the shape has seen: a value that fits it would not change the shape."""
    if not shape:
        return {"type": "null"}
    if shape == _NOTHING_YET:
        return {"not": {}}
    if shape.get("nullable"):
        alternatives = [strict(each) for each in _alternatives(shape)]
        return {"anyOf": [*alternatives, {"type": "null"}]}
    if "oneOf" in shape:
        return {"anyOf": [strict(each) for each in shape["oneOf"]]}
    exact = {name: shape[name] for name in ("type", "format", "required") if shape.get(name)}
    if shape["type"] == "integer" and "format" in shape:
        exact |= {"minimum": -_INT64_MAX, "maximum": _INT64_MAX - 1}
    if shape["type"] == "array":
        exact["items"] = strict(shape["items"])
    if shape["type"] == "object":
        members = shape.get("properties", {})
        exact["properties"] = {name: strict(each) for name, each in members.items()}
        exact["additionalProperties"] = False
    return exact
