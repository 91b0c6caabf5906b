"""Patch operations: how Update operations change a resource, by a table of the paths that it lets change.

Source: https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from fogline.services.apigateway.errors import BadRequestException, NotFoundException

Operation = Mapping[str, Any]

_INTEGER = re.compile(r"-?[0-9]{1,10}")

REPLACE = frozenset(("replace",))
REPLACE_REMOVE = frozenset(("replace", "remove"))
ADD_REMOVE = frozenset(("add", "remove"))
ALL = frozenset(("add", "remove", "replace"))


class Form(Enum):
    """What a path leads to."""

    VALUE = auto()
    """A member, perhaps of a member."""
    ENTRY = auto()
    """An entry of a map, whose name ends the path."""
    ELEMENT = auto()
    """An element of a list, which ends the path; to replace it puts the value at the list's end."""
    LISTED = auto()
    """A list, of which the value is an element."""


@dataclass(frozen=True, slots=True)
class Path:
    """One path of a table. Segments in braces stand for any text, and are kept."""

    path: str
    operations: frozenset[str] = REPLACE
    read: Callable[[str], Any] = str
    form: Form = Form.VALUE
    missing: str = ""
    """Why an entry that is not there can't be replaced or removed; "" lets it be made."""
    blank: str = ""
    """Why nothing at all is no value; "" lets it be one."""

    @property
    def segments(self) -> tuple[str, ...]:
        return tuple(self.path[1:].split("/"))

    def leads(self, segments: Sequence[str]) -> bool:
        own = self.segments
        return len(own) == len(segments) and all(
            mine == given or mine.startswith("{") for mine, given in zip(own, segments, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Patches:
    """The paths that a kind of resource lets change."""

    paths: tuple[Path, ...]
    is_listing: bool = False
    """Whether a refusal lists what is possible: AWS does so for some kinds only."""

    def apply(self, document: dict[str, Any], operations: Sequence[Operation] | None) -> set[str]:
        """Change `document`; the paths that were changed. Raises BadRequestException, NotFoundException."""
        changed = set()
        for operation in operations or ():
            path = operation.get("path")
            where, segments = self.find(operation.get("op") or "", path)
            _apply(document, operation, where, segments)
            changed.add(where.path)
        return changed

    def find(self, op: str, path: str | None) -> tuple[Path, list[str]]:
        """The place that a path leads to, and its segments. Raises BadRequestException."""
        segments = split_path(path)
        for where in self.paths:
            if op in where.operations and where.leads(segments):
                return where, segments
        raise BadRequestException(self._refusal(op, path))

    def _refusal(self, op: str, path: str | None) -> str:
        shown = path or "null"
        if not self.is_listing:
            return f"Invalid patch path {shown}"
        possible = ", ".join(where.path for where in self.paths if op in where.operations)
        front = f"Invalid patch path  '{shown}' specified for op '{op}'."
        if not possible:
            return f"{front} Please choose supported operations"
        return f"{front} Must be one of: [{possible}]"


def split_path(path: str | None) -> list[str]:
    """The segments of a path, with `~1` and `~0` read as the characters that they stand for."""
    if not path or not path.startswith("/"):
        return []
    return [part.replace("~1", "/").replace("~0", "~") for part in path[1:].split("/")]


def read_boolean(value: str) -> bool:
    if value.lower() not in ("true", "false"):
        raise BadRequestException(f"Invalid boolean value specified: {value[:100]}")
    return value.lower() == "true"


def read_integer(value: str) -> int:
    if _INTEGER.fullmatch(value.strip()) is None:
        raise BadRequestException(f"Invalid integer value specified: {value[:100]}")
    return int(value)


def read_number(value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not -1e15 < number < 1e15:
        raise BadRequestException(f"Invalid number specified: {value[:100]}")
    return number


def _apply(
    document: dict[str, Any], operation: Operation, where: Path, segments: Sequence[str]
) -> None:
    op, value = operation["op"], operation.get("value")
    if op in ("copy", "move"):
        source = split_path(operation.get("from"))
        holder = _holder(document, source, make=False)
        if not source or holder is None or source[-1] not in holder:
            raise BadRequestException(f"Invalid patch path {operation.get('from') or 'null'}")
        copied = holder[source[-1]]
        _set(document, segments, copied)
        if op == "move":
            del holder[source[-1]]
        return
    if op != "remove" and where.blank and not value:
        raise BadRequestException(where.blank)
    if where.form is Form.ELEMENT:
        _change_element(document, op, segments, value, where)
    elif where.form is Form.LISTED:
        _change_list(document, op, segments, where.read(value or ""))
    elif op == "remove":
        _remove(document, segments, where)
    else:
        if op == "replace" and where.missing and _find(document, segments) is None:
            raise NotFoundException(where.missing)
        _set(document, segments, where.read(value or ""))


def _holder(
    document: dict[str, Any], segments: Sequence[str], *, make: bool
) -> dict[str, Any] | None:
    """What holds the last segment."""
    inside: Any = document
    for name in segments[:-1]:
        if not isinstance(inside.get(name), dict):
            if not make:
                return None
            inside[name] = {}
        inside = inside[name]
    found: dict[str, Any] = inside
    return found


def _find(document: dict[str, Any], segments: Sequence[str]) -> Any:
    holder = _holder(document, segments, make=False)
    return holder.get(segments[-1]) if holder is not None else None


def _set(document: dict[str, Any], segments: Sequence[str], value: Any) -> None:
    holder = _holder(document, segments, make=True)
    assert holder is not None
    holder[segments[-1]] = value


def _remove(document: dict[str, Any], segments: Sequence[str], where: Path) -> None:
    holder = _holder(document, segments, make=False)
    if holder is None or segments[-1] not in holder:
        if where.missing:
            raise NotFoundException(where.missing)
        return
    del holder[segments[-1]]


def _change_element(
    document: dict[str, Any], op: str, segments: Sequence[str], value: str | None, where: Path
) -> None:
    holder = _holder(document, segments[:-1], make=True)
    assert holder is not None
    name, element = segments[-2], segments[-1]
    elements = list(holder.get(name) or ())
    if op != "add":
        if element not in elements:
            if where.missing:
                raise NotFoundException(where.missing)
            return
        elements.remove(element)
    new = element if op == "add" else value if op == "replace" else None
    if new and new not in elements:
        elements.append(where.read(new))
    holder[name] = elements


def _change_list(document: dict[str, Any], op: str, segments: Sequence[str], value: Any) -> None:
    holder = _holder(document, segments, make=True)
    assert holder is not None
    elements = [each for each in holder.get(segments[-1]) or () if each != value]
    holder[segments[-1]] = [*elements, value] if op == "add" else elements
