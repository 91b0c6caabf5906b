"""Inputs and outputs made up from the models."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from fogline.gateway.models import Member, Shape

_DEPTH_MAX = 4
_INTEGERS = {
    "byte": (-(2**7), 2**7 - 1),
    "short": (-(2**15), 2**15 - 1),
    "integer": (-(2**31), 2**31 - 1),
    "long": (-(2**53), 2**53),
}
_TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=8)
_KEYS = st.text("abcXYZ019-_.", min_size=1, max_size=6)
# What stands in a header or a path is narrower than what stands in a document.
_TOKENS = st.text("abcxyz019-_", min_size=1, max_size=6)


@st.composite
def values(draw: st.DrawFn, shape: Shape) -> Any:
    """A value of a shape: timestamps in milliseconds, blobs as bytes. Constraints are not kept."""
    return _value(draw, shape, "", 0)


def _value(draw: st.DrawFn, shape: Shape, location: str, depth: int) -> Any:
    kind = shape.type
    if shape.is_document:
        return draw(st.dictionaries(_KEYS, _TEXTS, max_size=2))
    if kind == "structure":
        return _structure(draw, shape, depth)
    if kind in ("list", "map"):
        count = draw(st.integers(1, 2)) if depth < _DEPTH_MAX else 0
        inner = shape.member.shape if kind == "list" else shape.value.shape
        items = [_value(draw, inner, location, depth + 1) for _ in range(count)]
        if kind == "list":
            return items
        keys = [_value(draw, shape.key.shape, "key", depth + 1) for _ in items]
        return dict(zip(keys, items, strict=True))
    return _scalar(draw, shape, location)


def _scalar(draw: st.DrawFn, shape: Shape, location: str) -> Any:
    kind = shape.type
    if kind in ("string", "character"):
        if shape.enum:
            return draw(st.sampled_from(shape.enum))
        return draw(_TOKENS if location else _TEXTS)
    if kind in _INTEGERS:
        return draw(st.integers(*_INTEGERS[kind]))
    if kind in ("float", "double"):
        return draw(st.integers(-4000, 4000)) / 4
    if kind == "boolean":
        return draw(st.booleans())
    if kind == "timestamp":
        return draw(st.integers(0, 4_000_000_000)) * 1000
    return draw(st.binary(max_size=8))


def _structure(draw: st.DrawFn, shape: Shape, depth: int) -> dict[str, Any]:
    members = [each for each in shape.members.values() if not each.shape.is_event_stream]
    if not members:
        return {}
    if shape.is_union:
        chosen = [draw(st.sampled_from(members))]
        if depth > _DEPTH_MAX:
            chosen = [
                min(members, key=lambda each: each.shape.type in ("structure", "list", "map"))
            ]
    else:
        optional = [each for each in members if each.name not in shape.required]
        extra = draw(st.lists(st.sampled_from(optional), max_size=4)) if optional else []
        if depth > _DEPTH_MAX:
            extra = []
        chosen = [each for each in members if each.name in shape.required or each in extra]
    return {each.name: _member(draw, each, depth) for each in chosen}


def _member(draw: st.DrawFn, member: Member, depth: int) -> Any:
    if member.is_json_value:
        return draw(st.dictionaries(_KEYS, _TEXTS, max_size=2))
    return _value(draw, member.shape, member.location, depth + 1)
