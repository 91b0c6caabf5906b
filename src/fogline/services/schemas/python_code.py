"""Python code bindings: a package with one class for each record, and a marshaller between them and JSON values."""

from __future__ import annotations

import keyword
import re
from collections.abc import Sequence

from fogline.services.schemas.record_types import Kind, Member, RecordType

_PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_OF_RECORDS = frozenset(("from_dict", "to_dict"))

_MARSHALLER = '''\
"""Between records and what json.loads gives. Members that the schema does not name are left out."""

from __future__ import annotations

from typing import Any, ClassVar, Dict, Tuple, Type, TypeVar

R = TypeVar("R", bound="Record")


class Record:
    """An object of the schema."""

    _members: ClassVar[Tuple[Tuple[str, str, bool, Any], ...]] = ()
    """Of each member: its name in JSON, the attribute, whether it is required, and what it is."""

    @classmethod
    def from_dict(cls: Type[R], value: Dict[str, Any]) -> R:
        """The record that a JSON object describes. Raises TypeError if a required member is missing."""
        return cls(
            **{
                attribute: _read(kind, value[name])
                for name, attribute, _, kind in cls._members
                if name in value
            }
        )

    def to_dict(self) -> Dict[str, Any]:
        """The JSON object of this record. Members that are None are left out, unless they are required."""
        written = {}
        for name, attribute, is_required, _ in self._members:
            value = getattr(self, attribute)
            if value is not None or is_required:
                written[name] = _write(value)
        return written


class Marshaller:
    """The same two ways as functions."""

    @staticmethod
    def marshall(record: Record) -> Dict[str, Any]:
        return record.to_dict()

    @staticmethod
    def unmarshall(value: Dict[str, Any], record_type: Type[R]) -> R:
        return record_type.from_dict(value)


def _read(kind: Any, value: Any) -> Any:
    """`kind` is a record, ("list", kind), ("map", kind), or None for whatever JSON says."""
    if value is None or kind is None:
        return value
    if isinstance(kind, tuple):
        if kind[0] == "list" and isinstance(value, list):
            return [_read(kind[1], each) for each in value]
        if kind[0] == "map" and isinstance(value, dict):
            return {name: _read(kind[1], each) for name, each in value.items()}
        return value
    return kind.from_dict(value) if isinstance(value, dict) else value


def _write(value: Any) -> Any:
    if isinstance(value, Record):
        return value.to_dict()
    if isinstance(value, list):
        return [_write(each) for each in value]
    if isinstance(value, dict):
        return {name: _write(each) for name, each in value.items()}
    return value
'''


def python_files(package: Sequence[str], records: Sequence[RecordType]) -> dict[str, str]:
    """The files of the package by path. `package` is its dotted name in parts."""
    folder = ""
    files = {}
    for part in package:
        folder += f"{part}/"
        files[f"{folder}__init__.py"] = ""
    names = sorted(record.name for record in records)
    exported = "".join(f"    {name!r},\n" for name in ["Marshaller", *names])
    files[f"{folder}__init__.py"] = (
        '"""Code bindings of an event schema."""\n\n'
        f"from .marshaller import Marshaller\n"
        f"from .records import {', '.join(names)}\n\n"
        f"__all__ = [\n{exported}]\n"
    )
    files[f"{folder}marshaller.py"] = _MARSHALLER
    files[f"{folder}records.py"] = _records(records)
    return files


def _records(records: Sequence[RecordType]) -> str:
    head = (
        '"""The objects of the schema."""\n\n'
        "from __future__ import annotations\n\n"
        "from dataclasses import dataclass\n"
        "from typing import Any, Dict, List, Optional\n\n"
        "from .marshaller import Record\n"
    )
    classes = "".join(_class(record) for record in records)
    # After all classes, because they may name one another.
    tables = "".join(_table(record) for record in records)
    return f"{head}{classes}\n\n{tables}"


def _class(record: RecordType) -> str:
    lines = [f"\n\n@dataclass\nclass {record.name}(Record):"]
    attributes = _attributes(record)
    for member in sorted(record.members, key=lambda each: not each.is_required):
        kind = _annotation(member.kind)
        if not member.is_required:
            is_optional = kind == "Any" or kind.startswith("Optional[")
            kind = f"{kind if is_optional else f'Optional[{kind}]'} = None"
        lines.append(f"    {attributes[member.name]}: {kind}")
    if not record.members:
        lines.append("    pass")
    return "\n".join(lines) + "\n"


def _table(record: RecordType) -> str:
    attributes = _attributes(record)
    rows = "".join(
        f"    ({each.name!r}, {attributes[each.name]!r}, {each.is_required}, {_reader(each.kind)}),\n"
        for each in record.members
    )
    return f"{record.name}._members = (\n{rows})\n" if rows else f"{record.name}._members = ()\n"


def _attributes(record: RecordType) -> dict[str, str]:
    """The attribute of each member: its own name as far as Python allows."""
    taken = set(_OF_RECORDS)
    attributes: dict[str, str] = {}
    for member in record.members:
        attribute = wanted = _attribute(member)
        number = 0
        while attribute in taken:
            number += 1
            attribute = f"{wanted}_{number}"
        taken.add(attribute)
        attributes[member.name] = attribute
    return attributes


def _attribute(member: Member) -> str:
    name = re.sub(r"[^0-9A-Za-z_]", "_", member.name).lstrip("_") or "member"
    if name[0].isdigit():
        name = f"member_{name}"
    return f"{name}_" if keyword.iskeyword(name) else name


def _annotation(kind: Kind) -> str:
    if kind.name == "record":
        return kind.record
    if kind.name == "list":
        return f"List[{_annotation(kind.inner[0])}]"
    if kind.name == "map":
        return f"Dict[str, {_annotation(kind.inner[0])}]"
    if kind.name == "union":
        others = [each for each in kind.inner if each.name != "null"]
        if len(others) == 1 and others[0].name != "any":
            return f"Optional[{_annotation(others[0])}]"
    return _PLAIN.get(kind.name, "Any")


def _reader(kind: Kind) -> str:
    """The kind as the marshaller wants it; "None" where JSON's value is the record's."""
    if kind.name == "record":
        return kind.record
    if kind.name in ("list", "map"):
        inner = _reader(kind.inner[0])
        return "None" if inner == "None" else f"({kind.name!r}, {inner})"
    if kind.name == "union":
        others = [each for each in kind.inner if each.name != "null"]
        return _reader(others[0]) if len(others) == 1 else "None"
    return "None"
