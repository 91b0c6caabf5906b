"""Record types: what code bindings are made from, the objects of a schema with their members, in no language yet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from fogline.aws.schema_bounds import find_in
from fogline.services.schemas.discovered import title_of

_RESERVED = frozenset(("Any", "Array", "Date", "Dict", "False", "List", "Marshaller", "None")) | {
    *("Object", "Optional", "Record", "True", "Tuple")
}
"""Names that the code needs for itself."""
_PLAIN = ("string", "integer", "number", "boolean", "null")
_REFERENCES_MAX = 32


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value is: of a plain type, one of the records, a list or map of a kind, or one of several kinds.

    `name` is `string`, `integer`, `number`, `boolean`, `null`, `any`, `list`, `map`, `union`, or `record`.
    """

    name: str
    record: str = ""
    inner: tuple[Kind, ...] = ()
    values: tuple[str, ...] = ()
    """The texts that a string may be, if they are told."""


ANY = Kind("any")


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a record, under its name in JSON."""

    name: str
    kind: Kind
    is_required: bool


@dataclass(slots=True)
class RecordType:
    """An object with members of its own."""

    name: str
    members: list[Member] = field(default_factory=list)


def record_types(schema: Mapping[str, Any], title: str) -> list[RecordType]:
    """The records of a draft 4 schema, the outermost first. `title` names that one."""
    return _Reader(schema).read(title)


class _Reader:
    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._records: list[RecordType] = []
        self._by_pointer: dict[str, Kind] = {}
        self._taken = set(_RESERVED)

    def read(self, title: str) -> list[RecordType]:
        outermost = self._root if self._object(self._root) else {"type": "object"}
        self._by_pointer["#"] = Kind("record", self._name(title))
        self._fill(self._by_pointer["#"].record, outermost)
        return self._records

    def _name(self, wanted: str) -> str:
        made = title_of(wanted)
        made = f"_{made}" if made[0].isdigit() else made
        name, number = made, 0
        while name in self._taken:
            number += 1
            name = f"{made}_{number}"
        self._taken.add(name)
        return name

    def _fill(self, name: str, schema: Mapping[str, Any]) -> None:
        record = RecordType(name)
        self._records.append(record)
        members, required = self._members(schema, 0)
        record.members = [
            Member(member, self._kind(each, member), member in required)
            for member, each in members.items()
        ]

    def _members(self, schema: Mapping[str, Any], level: int) -> tuple[dict[str, Any], set[str]]:
        """The members of an object, and those of all that it is made of."""
        members: dict[str, Any] = {}
        required: set[str] = set()
        for part in _list(schema.get("allOf")):
            target = self._followed(part)
            if target is not None and level < _REFERENCES_MAX:
                inherited, always = self._members(target, level + 1)
                members |= inherited
                required |= always
        own = schema.get("properties")
        members |= own if isinstance(own, Mapping) else {}
        always = {each for each in _list(schema.get("required")) if isinstance(each, str)}
        return members, required | always

    def _followed(self, schema: Any) -> Mapping[str, Any] | None:
        for _ in range(_REFERENCES_MAX):
            if not isinstance(schema, Mapping):
                return None
            if not isinstance(schema.get("$ref"), str):
                return schema
            schema = find_in(self._root, unquote(schema["$ref"].lstrip("#")))
        return None

    def _object(self, schema: Mapping[str, Any]) -> bool:
        """True for what has members of its own."""
        return bool(schema.get("properties")) or bool(schema.get("allOf"))

    def _kind(self, schema: Any, name: str) -> Kind:
        if not isinstance(schema, Mapping):
            return ANY
        if isinstance(schema.get("$ref"), str):
            return self._referred(schema["$ref"])
        for word in ("anyOf", "oneOf"):
            if isinstance(schema.get(word), list):
                return _union([self._kind(each, name) for each in schema[word]])
        if self._object(schema):
            record = self._name(name)
            self._fill(record, schema)
            return _or_null(Kind("record", record), schema)
        kinds = schema.get("type")
        if isinstance(kinds, list):
            return _union([self._plain(str(each), schema, name) for each in kinds])
        return self._plain(str(kinds), schema, name)

    def _referred(self, pointer: str) -> Kind:
        if pointer in self._by_pointer:
            return self._by_pointer[pointer]
        target = self._followed({"$ref": pointer})
        if target is None:
            return ANY
        name = re.split(r"[/#]", pointer)[-1]
        if not self._object(target):
            self._by_pointer[pointer] = ANY  # for what refers to itself on the way
            self._by_pointer[pointer] = self._kind(target, name)
            return self._by_pointer[pointer]
        record = self._name(name)
        self._by_pointer[pointer] = kind = _or_null(Kind("record", record), target)
        self._fill(record, target)
        return kind

    def _plain(self, kind: str, schema: Mapping[str, Any], name: str) -> Kind:
        if kind == "array":
            items = schema.get("items")
            return Kind("list", inner=(self._kind(items, f"{name} item"),))
        if kind == "object":
            values = schema.get("additionalProperties")
            return Kind("map", inner=(self._kind(values, f"{name} value"),))
        if kind == "string":
            texts = _list(schema.get("enum"))
            is_told = all(isinstance(each, str) for each in texts)
            return Kind("string", values=tuple(texts) if is_told else ())
        return Kind(kind) if kind in _PLAIN else ANY


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _union(kinds: list[Kind]) -> Kind:
    single = tuple(dict.fromkeys(kinds))
    return single[0] if len(single) == 1 else Kind("union", inner=single) if single else ANY


def _or_null(kind: Kind, schema: Mapping[str, Any]) -> Kind:
    kinds = schema.get("type")
    is_nullable = isinstance(kinds, list) and "null" in kinds
    return Kind("union", inner=(kind, Kind("null"))) if is_nullable else kind
