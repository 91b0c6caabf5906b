"""Results: from what an operation answers to the JSON that a state gets. Compiled once for each operation."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

from fogline.aws.dates import iso_shortest
from fogline.ports.contracts import Contract, Shape
from fogline.services.stepfunctions.tasks.names import capitalised, pascal_case

Writer = Callable[[Any], Any]


class Results:
    """The results of one operation.

    Those of the SDK integrations have the names of the second SDK for Java and times as text; those of tuned ones
    keep the model's names and have times in milliseconds.
    """

    def __init__(self, contract: Contract, *, is_tuned: bool) -> None:
        self._name = capitalised if is_tuned else pascal_case
        self._timestamp = _as_it_is if is_tuned else iso_shortest
        is_base64 = is_tuned or contract.service.name in ("dynamodb", "dynamodbstreams")
        self._blob = _base64 if is_base64 else _blob_text
        self._writers: dict[str, Writer] = {}
        shape = contract.output
        self._write = self._structure(shape) if shape is not None else _nothing

    def write(self, result: Mapping[str, Any]) -> dict[str, Any]:
        """The JSON. What streams has been gathered before."""
        shown: dict[str, Any] = self._write(result)
        return shown

    def _writer(self, shape: Shape) -> Writer:
        if shape.is_document:
            return _as_it_is
        if shape.type == "timestamp":
            return self._timestamp
        if shape.type == "blob":
            return self._blob
        make = {"structure": self._structure, "list": self._list, "map": self._map}.get(shape.type)
        if make is None:
            return _as_it_is
        known = self._writers.get(shape.name)
        if known is None:
            # Shapes may hold themselves: what is being made is found by its name when it is first used.
            name = shape.name
            self._writers[name] = lambda value: self._writers[name](value)
            known = self._writers[name] = make(shape)
        return known

    def _structure(self, shape: Shape) -> Writer:
        members = {
            name: (self._name(name), self._writer(member.shape))
            for name, member in shape.members.items()
        }

        def write(value: Mapping[str, Any]) -> dict[str, Any]:
            shown: dict[str, Any] = {}
            for name in sorted(value):
                known, each = members.get(name), value[name]
                if known is not None and each is not None:
                    shown[known[0]] = known[1](each)
            return shown

        return write

    def _list(self, shape: Shape) -> Writer:
        writer = self._writer(shape.member.shape)
        return lambda value: [writer(each) for each in value]

    def _map(self, shape: Shape) -> Writer:
        writer = self._writer(shape.value.shape)
        return lambda value: {name: writer(each) for name, each in value.items()}


def _nothing(value: Any) -> dict[str, Any]:
    return {}


def _as_it_is(value: Any) -> Any:
    return value


def _blob_text(value: Any) -> str:
    """Recorded: test_s3_get_object."""
    return bytes(value).decode("utf-8", "replace") if not isinstance(value, str) else value


def _base64(value: Any) -> str:
    return base64.b64encode(bytes(value)).decode() if not isinstance(value, str) else value
