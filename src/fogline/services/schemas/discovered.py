"""Discovered schemas: how EventBridge writes the shape of an event as an OpenAPI document, and reads it again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from fogline.services.schemas.inference import Shape

REGISTRY = "discovered-schemas"
EVENT = "AWSEvent"
DETAIL_TYPE = "x-amazon-events-detail-type"
SOURCE = "x-amazon-events-source"
COMPONENTS = "#/components/schemas/"

_REQUIRED = (
    *("detail-type", "resources", "detail", "id", "source", "time", "region", "version"),
    "account",
)
"""The members of an event in the order in which EventBridge lists them."""
_FORBIDDEN_IN_NAMES = re.compile(r"[^0-9A-Za-z._@-]")
_NAME_CHARACTERS_MAX = 385
_NAMES_MAX = 4_096
"""Names that are kept at hand: each event asks for one."""


def title_of(words: str) -> str:
    """`Step Functions Execution Status Change` as the name of a type."""
    found = re.findall(r"[0-9A-Za-z]+", words)
    return "".join(word[0].upper() + word[1:] for word in found) or "Event"


@lru_cache(_NAMES_MAX)
def schema_name(source: str, detail_type: str) -> str:
    """What EventBridge calls the schema of such events, unless they are of its own making."""
    name = f"{source}@{title_of(detail_type)}"
    return _FORBIDDEN_IN_NAMES.sub("-", name)[:_NAME_CHARACTERS_MAX]


def is_event(value: Any) -> bool:
    """True if the value is an event as rules match it."""
    return (
        isinstance(value, Mapping)
        and isinstance(value.get("source"), str)
        and isinstance(value.get("detail-type"), str)
        and isinstance(value.get("detail"), Mapping)
    )


def write_event(source: str, detail_type: str, shape: Shape) -> dict[str, Any]:
    """The document of events of that type; `shape` is that of the whole event."""
    title = title_of(detail_type)
    components = _Components((EVENT,))
    detail = components.name(title)
    members = {"detail": {"$ref": COMPONENTS + detail}}
    for name, member in sorted(shape["properties"].items()):
        if name != "detail":
            members[name] = components.referring(member, name)
    components.fill(detail, shape["properties"]["detail"])
    required = shape.get("required", ())
    known = [name for name in _REQUIRED if name in required]
    event = {
        "type": "object",
        "required": [*known, *(name for name in required if name not in _REQUIRED)],
        DETAIL_TYPE: detail_type,
        SOURCE: source,
        "properties": members,
    }
    return _document(title, {EVENT: event, **components.written})


def write_value(shape: Shape, title: str = "Event") -> dict[str, Any]:
    """The document of JSON objects that are no events."""
    components = _Components(())
    components.fill(components.name(title), shape)
    return _document(title, components.written)


def read_event(document: Mapping[str, Any]) -> Shape:
    """The shape of the whole event that `write_event` wrote."""
    components = document["components"]["schemas"]
    event = components[EVENT]
    plain = {name: event[name] for name in ("type", "required", "properties")}
    return _inline({**plain, "required": sorted(plain["required"])}, components)


def _document(title: str, components: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "openapi": "3.0.0",
        "info": {"version": "1.0.0", "title": title},
        "paths": {},
        "components": {"schemas": components},
    }


class _Components:
    """Objects by names of their own, which others refer to."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)
        self.written: dict[str, Any] = {}

    def name(self, wanted: str) -> str:
        """A name nobody has yet."""
        name, number = wanted, 0
        while name in self._taken:
            number += 1
            name = f"{wanted}_{number}"
        self._taken.add(name)
        return name

    def fill(self, name: str, shape: Shape) -> None:
        """Write the object of that name, and after it those that it refers to."""
        self.written[name] = {}
        members = shape.get("properties", {})
        written = {each: self.referring(members[each], each) for each in members}
        self.written[name] = {**shape, "properties": written}

    def referring(self, shape: Shape, member: str) -> dict[str, Any]:
        """The shape, with every object in it under a name that is made of its member's."""
        if "oneOf" in shape:
            return {**shape, "oneOf": [self.referring(each, member) for each in shape["oneOf"]]}
        if shape.get("type") == "array":
            return {**shape, "items": self.referring(shape["items"], f"{member} item")}
        if shape.get("type") == "object" and "properties" in shape:
            name = self.name(title_of(member))
            self.fill(name, shape)
            return {"$ref": COMPONENTS + name}
        return dict(shape)


def _inline(schema: Shape, components: Mapping[str, Any]) -> Shape:
    if "$ref" in schema:
        return _inline(components[schema["$ref"].removeprefix(COMPONENTS)], components)
    if "oneOf" in schema:
        return {**schema, "oneOf": [_inline(each, components) for each in schema["oneOf"]]}
    if "items" in schema:
        return {**schema, "items": _inline(schema["items"], components)}
    if "properties" in schema:
        members = {
            name: _inline(each, components) for name, each in sorted(schema["properties"].items())
        }
        return {**schema, "properties": members}
    return schema
