"""TypeScript code bindings: an interface for each record."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from fogline.services.schemas.record_types import Kind, Member, RecordType

_PLAIN = {
    "string": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "null": "null",
}
_IDENTIFIER = re.compile(r"[A-Za-z_$][0-9A-Za-z_$]*", re.ASCII)


def typescript_files(package: Sequence[str], records: Sequence[RecordType]) -> dict[str, str]:
    """The one file by its path. `package` are the names of its folders."""
    text = "// Code bindings of an event schema.\n"
    return {f"{'/'.join(package)}/index.ts": text + "".join(_interface(each) for each in records)}


def _interface(record: RecordType) -> str:
    members = "".join(f"  {_member(each)};\n" for each in record.members)
    return f"\nexport interface {record.name} {{\n{members}}}\n"


def _member(member: Member) -> str:
    name = member.name if _IDENTIFIER.fullmatch(member.name) else json.dumps(member.name)
    return f"{name}{'' if member.is_required else '?'}: {_type(member.kind)}"


def _type(kind: Kind) -> str:
    if kind.name == "record":
        return kind.record
    if kind.name == "list":
        return f"Array<{_type(kind.inner[0])}>"
    if kind.name == "map":
        return f"Record<string, {_type(kind.inner[0])}>"
    if kind.name == "union":
        return " | ".join(dict.fromkeys(_type(each) for each in kind.inner))
    if kind.values:
        return " | ".join(json.dumps(value) for value in kind.values)
    return _PLAIN.get(kind.name, "any")
