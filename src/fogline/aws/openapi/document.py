"""From the text of a document, JSON or YAML, to plain dicts, lists and scalars, bounded whatever it says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import yaml

from fogline.aws.openapi.errors import InvalidDocument
from fogline.aws.openapi.limits import DEPTH_MAX, DOCUMENT_BYTES_MAX, NODES_MAX

_WORDS: Mapping[str, bool | None] = {
    variant: meaning
    for word, meaning in (("true", True), ("false", False), ("yes", True), ("no", False), ("on", True),
                          ("off", False), ("null", None))
    for variant in (word, word.capitalize(), word.upper())
} | {"~": None, "": None}  # fmt: skip
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?(?:[0-9]{1,30}\.[0-9]{0,30}|\.[0-9]{1,30})(?:[eE][-+]?[0-9]{1,3})?")
_UNREADABLE = "Failed to parse the uploaded OpenAPI document due to: {}"


def read_document(text: str, variables: Mapping[str, str]) -> dict[str, Any]:
    """The document that the text spells. `${AWS::Region}` and the like become what `variables` has for them."""
    if len(text) > DOCUMENT_BYTES_MAX or len(text.encode("utf-8", "replace")) > DOCUMENT_BYTES_MAX:
        raise InvalidDocument("The API definition is larger than 6 MB")
    for name, value in variables.items():
        text = text.replace(f"${{{name}}}", value)
    document = _read_json(text) if text.lstrip()[:1] in ("{", "[") else _read_yaml(text)
    if not isinstance(document, dict):
        raise InvalidDocument("Invalid OpenAPI input.")
    return document


def _read_json(text: str) -> Any:
    try:
        document = orjson.loads(text)
    except ValueError as error:
        try:
            return _read_yaml(text)  # which knows comments, commas at the end and bare words
        except InvalidDocument:
            raise InvalidDocument(_UNREADABLE.format(error)) from None
    waiting = [(document, 0)]
    count = 0
    while waiting:
        value, depth = waiting.pop()
        count += 1
        if depth > DEPTH_MAX or count > NODES_MAX:
            raise InvalidDocument(_UNREADABLE.format("it is nested too deeply or too large"))
        if isinstance(value, dict):
            waiting.extend((item, depth + 1) for item in value.values())
        elif isinstance(value, list):
            waiting.extend((item, depth + 1) for item in value)
    return document


def _read_yaml(text: str) -> Any:
    try:
        return _Builder(
            yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        ).read()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise InvalidDocument(
            _UNREADABLE.format(f"{error.problem or error.context}{where}")
        ) from None
    except (yaml.YAMLError, RecursionError, UnicodeError):
        raise InvalidDocument(_UNREADABLE.format("it is no YAML")) from None


class _Builder:
    """Builds values from the parser's events, without constructors. Aliases share what they name, and pay for it."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._anchors: dict[str, tuple[Any, int, int]] = {}
        """Values by their anchors, with how many values and levels are in them."""
        self._count = 0

    def read(self) -> Any:
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                return self._value(next(self._events), DEPTH_MAX)[0]
        return None

    def _value(self, event: Any, left: int) -> tuple[Any, int]:
        """The value, and how many levels it has."""
        before = self._count
        self._count += 1
        if isinstance(event, yaml.AliasEvent):
            value, count, levels = self._anchors.get(str(event.anchor), (None, 0, 0))
            if count == 0:
                raise InvalidDocument(_UNREADABLE.format(f"found undefined alias {event.anchor}"))
            self._count += count
            self._check(left - levels)
            return value, levels
        self._check(left)
        value, levels = self._new_value(event, left)
        if event.anchor:
            self._anchors[event.anchor] = (value, self._count - before, levels)
        return value, levels

    def _check(self, left: int) -> None:
        if left < 0 or self._count > NODES_MAX:
            raise InvalidDocument(_UNREADABLE.format("it is nested too deeply or too large"))

    def _new_value(self, event: Any, left: int) -> tuple[Any, int]:
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event), 0
        levels = 0
        if isinstance(event, yaml.SequenceStartEvent):
            elements = []
            while not isinstance(inside := next(self._events), yaml.SequenceEndEvent):
                element, deep = self._value(inside, left - 1)
                elements.append(element)
                levels = max(levels, deep)
            return elements, levels + 1
        members: dict[str, Any] = {}
        while not isinstance(inside := next(self._events), yaml.MappingEndEvent):
            if isinstance(inside, yaml.ScalarEvent):
                name: Any = inside.value
            else:
                name, _ = self._value(inside, left - 1)
            if not isinstance(name, str):
                raise InvalidDocument(_UNREADABLE.format("a name is no text"))
            member, deep = self._value(next(self._events), left - 1)
            levels = max(levels, deep)
            if name == "<<" and isinstance(member, dict):
                members = member | members
                self._count += len(member)
            else:
                members[name] = member
        return members, levels + 1


def _scalar(event: Any) -> Any:
    text = event.value
    if not event.implicit[0]:  # in quotes, or with a tag
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text
