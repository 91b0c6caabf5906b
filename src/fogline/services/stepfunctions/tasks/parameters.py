"""Parameters: from the JSON that a state gives to the request that an operation takes.

Compiled once for each operation. Members begin with a capital, and go on as in AWS's model or in the SDK for Java.
Where a model has text, an object is written as JSON (recorded: test_sfn_start_execution_implicit_json_serialisation);
null is nothing (recorded: test_send_message_empty_body).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any

from fogline.aws.states.texts import json_text
from fogline.aws.states.timestamps import find_nanoseconds
from fogline.ports.contracts import Contract, Shape
from fogline.services.stepfunctions.tasks.causes import unusable
from fogline.services.stepfunctions.tasks.names import capitalised, pascal_case

Problems = list[str]
Reader = Callable[[Any, str, Problems], Any]
"""The value as the operation takes it; what is wrong with it is added to the problems, with the name of its field."""

_INSTANT_MAX = 253_402_300_799_999
_UNSUPPORTED = "The field '{name}' is not supported by Step Functions"
_MISSING = "The field '{name}' is required but was missing"
_TOO_DEEP = "The Parameters nest too deeply"
_WRONG = "The value for the field '{name}' must be {what}"


class Parameters:
    """The parameters of one operation. `apart` are left to the caller: they are known, and not read.

    Where an integration made for DynamoDB takes an attribute's value, a plain text is one, too, and "true"
    and "false" are what they say, as in published workflows.
    """

    def __init__(
        self, contract: Contract, apart: frozenset[str] = frozenset(), *, is_tuned: bool = False
    ) -> None:
        self._is_base64 = contract.service.name in ("dynamodb", "dynamodbstreams")
        self._takes_plain_texts = is_tuned and contract.service.name == "dynamodb"
        self._readers: dict[str, Reader] = {}
        self._apart = apart
        shape = contract.input
        self._read = self._structure(shape) if shape is not None else _nothing

    def problems(self, given: Any) -> list[str]:
        """Why no task can be started with these."""
        return self._looked_at(given)[1]

    def read(self, given: Any) -> dict[str, Any]:
        """The request. Raises TaskFailed."""
        request, problems = self._looked_at(given)
        if problems:
            raise unusable(given, problems)
        return request

    def _looked_at(self, given: Any) -> tuple[dict[str, Any], Problems]:
        problems: Problems = []
        try:
            return self._read(given, "Parameters", problems), problems
        except RecursionError:
            return {}, [_TOO_DEEP]

    def _reader(self, shape: Shape) -> Reader:
        if shape.is_document:
            return _as_it_is
        if shape.type == "blob":
            return _base64 if self._is_base64 else _blob
        simple = _SIMPLE.get(shape.type)
        if simple is not None:
            is_lenient = self._takes_plain_texts and simple is _boolean
            return _boolean_or_word if is_lenient else simple
        known = self._readers.get(shape.name)
        if known is None:
            # Shapes may hold themselves: what is being made is found by its name when it is first used.
            name = shape.name
            self._readers[name] = lambda value, field, problems: self._readers[name](
                value, field, problems
            )
            made = {"structure": self._structure, "list": self._list, "map": self._map}[shape.type]
            known = self._readers[name] = made(shape)
        return known

    def _structure(self, shape: Shape) -> Reader:
        required = shape.required
        known: dict[str, tuple[str, Reader]] = {}
        for name, member in shape.members.items():
            entry = (name, self._reader(member.shape))
            for written in (pascal_case(name), capitalised(name)):
                known[written] = entry
        shown = {name: capitalised(name) for name in required}
        apart = self._apart
        takes_text = self._takes_plain_texts and shape.name == "AttributeValue"

        def read(value: Any, field: str, problems: Problems) -> Any:
            if takes_text and type(value) is str:
                return {"S": value}
            if type(value) is not dict:
                problems.append(_WRONG.format(name=field, what="an OBJECT"))
                return {}
            request: dict[str, Any] = {}
            seen: set[str] = set()
            for written, each in value.items():
                entry = known.get(written)
                if entry is None:
                    problems.append(_UNSUPPORTED.format(name=written))
                    continue
                name, reader = entry
                seen.add(name)
                if each is not None and name not in apart:
                    request[name] = reader(each, written, problems)
            for name in required:
                if name not in seen:
                    problems.append(_MISSING.format(name=shown[name]))
            return request

        return read

    def _list(self, shape: Shape) -> Reader:
        reader = self._reader(shape.member.shape)

        def read(value: Any, field: str, problems: Problems) -> Any:
            if type(value) is not list:
                problems.append(_WRONG.format(name=field, what="an ARRAY"))
                return []
            return [reader(each, field, problems) for each in value if each is not None]

        return read

    def _map(self, shape: Shape) -> Reader:
        reader = self._reader(shape.value.shape)

        def read(value: Any, field: str, problems: Problems) -> Any:
            if type(value) is not dict:
                problems.append(_WRONG.format(name=field, what="an OBJECT"))
                return {}
            return {
                name: reader(each, name, problems)
                for name, each in value.items()
                if each is not None
            }

        return read


def _nothing(value: Any, field: str, problems: Problems) -> Any:
    for name in value if type(value) is dict else ():
        problems.append(_UNSUPPORTED.format(name=name))
    return {}


def _as_it_is(value: Any, field: str, problems: Problems) -> Any:
    return value


def _text(value: Any, field: str, problems: Problems) -> Any:
    if type(value) is str:
        return value
    if type(value) in (dict, list):
        return json_text(value)
    problems.append(_WRONG.format(name=field, what="a STRING"))
    return ""


def _boolean(value: Any, field: str, problems: Problems) -> Any:
    if type(value) is not bool:
        problems.append(_WRONG.format(name=field, what="a BOOLEAN"))
    return value


def _boolean_or_word(value: Any, field: str, problems: Problems) -> Any:
    words = {"true": True, "false": False}
    is_word = type(value) is str and value in words
    return words[value] if is_word else _boolean(value, field, problems)


def _integer(value: Any, field: str, problems: Problems) -> Any:
    if type(value) is int or (type(value) is float and value.is_integer()):
        return int(value)
    problems.append(_WRONG.format(name=field, what="an INTEGER"))
    return 0


def _number(value: Any, field: str, problems: Problems) -> Any:
    if type(value) in (int, float):
        return value
    problems.append(_WRONG.format(name=field, what="a NUMBER"))
    return 0


def _timestamp(value: Any, field: str, problems: Problems) -> Any:
    """Milliseconds, from ISO 8601 or seconds since 1970."""
    if type(value) in (int, float) and abs(value) * 1000 <= _INSTANT_MAX:
        return round(value * 1000)
    nanoseconds = find_nanoseconds(value) if type(value) is str else None
    if nanoseconds is None:
        problems.append(_WRONG.format(name=field, what="a TIMESTAMP"))
        return 0
    return nanoseconds // 1_000_000


def _blob(value: Any, field: str, problems: Problems) -> Any:
    text = value if type(value) is str else json_text(value)
    return text.encode("utf-8", "replace")


def _base64(value: Any, field: str, problems: Problems) -> Any:
    try:
        return base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error):
        problems.append(_WRONG.format(name=field, what="a BASE64 STRING"))
        return b""


_SIMPLE: dict[str, Reader] = {
    "string": _text,
    "character": _text,
    "boolean": _boolean,
    "byte": _integer,
    "short": _integer,
    "integer": _integer,
    "long": _integer,
    "float": _number,
    "double": _number,
    "timestamp": _timestamp,
}
