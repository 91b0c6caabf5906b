"""Mocked integrations: answers from a file in place of services, in the format of Step Functions Local.

https://docs.aws.amazon.com/step-functions/latest/dg/sfn-local-mock-cfg-file.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_MACHINES, _RESPONSES, _CASES = "StateMachines", "MockedResponses", "TestCases"
_ATTEMPTS = re.compile(r"(0|[1-9]\d{0,5})(?:-(0|[1-9]\d{0,5}))?")
_CHARACTERS_MAX = 10_485_760


class InvalidMocks(ValueError):
    """The text is no file of mocks; `str()` says where, and why."""


@dataclass(frozen=True, slots=True)
class Return:
    """The task succeeds with this result."""

    result: Any


@dataclass(frozen=True, slots=True)
class Throw:
    """The task fails with this error."""

    error: str
    cause: str


Answer = Return | Throw


@dataclass(frozen=True, slots=True)
class _Span:
    first: int
    last: int
    answer: Answer


@dataclass(frozen=True, slots=True)
class Mocks:
    """What a file says: for each machine its test cases, for each case its states, for each state its answers."""

    _machines: Mapping[str, Mapping[str, Mapping[str, tuple[_Span, ...]]]]

    def find(self, machine: str, case: str, state: str, attempt: int) -> Answer | None:
        """The answer to that attempt (0 for the first) of a state's task, None where the service is to be asked.

        Raises InvalidMocks when the state is mocked, but not so many attempts of it are.
        """
        spans = self._machines.get(machine, {}).get(case, {}).get(state)
        if spans is None:
            return None
        for span in spans:
            if span.first <= attempt <= span.last:
                return span.answer
        raise InvalidMocks(
            f"{_MACHINES}/{machine}/{_CASES}/{case}/{state}: no response for attempt {attempt}."
        )

    def has(self, machine: str, case: str) -> bool:
        """Whether there is such a test case."""
        return case in self._machines.get(machine, {})


def read_mocks(text: str) -> Mocks:
    """The mocks that a file's text holds. Raises InvalidMocks."""
    if len(text) > _CHARACTERS_MAX:
        raise InvalidMocks("The file is larger than 10 MB.")
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as broken:
        raise InvalidMocks(f"The file is not JSON: {broken}") from None
    document = _object(whole, "the file")
    _only(document, (_MACHINES, _RESPONSES), "the file")
    responses = {
        name: _spans(each, f"{_RESPONSES}/{name}")
        for name, each in _object(document.get(_RESPONSES, {}), _RESPONSES).items()
    }
    machines = _object(document.get(_MACHINES, {}), _MACHINES)
    return Mocks({name: _cases(name, each, responses) for name, each in machines.items()})


def _cases(
    machine: str, written: Any, responses: Mapping[str, tuple[_Span, ...]]
) -> dict[str, dict[str, tuple[_Span, ...]]]:
    place = f"{_MACHINES}/{machine}"
    fields = _object(written, place)
    _only(fields, (_CASES,), place)
    cases = _object(fields.get(_CASES, {}), f"{place}/{_CASES}")
    return {
        name: _states(_object(states, f"{place}/{_CASES}/{name}"), responses, f"{place}/{name}")
        for name, states in cases.items()
    }


def _states(
    states: Mapping[str, Any], responses: Mapping[str, tuple[_Span, ...]], place: str
) -> dict[str, tuple[_Span, ...]]:
    found: dict[str, tuple[_Span, ...]] = {}
    for state, name in states.items():
        if not isinstance(name, str):
            raise InvalidMocks(f"{place}/{state}: the name of one of the {_RESPONSES} is expected.")
        if name not in responses:
            raise InvalidMocks(f"{place}/{state}: there is no {name!r} among the {_RESPONSES}.")
        found[state] = responses[name]
    return found


def _spans(written: Any, place: str) -> tuple[_Span, ...]:
    spans = [
        _span(attempts, _object(answer, f"{place}/{attempts}"), f"{place}/{attempts}")
        for attempts, answer in _object(written, place).items()
    ]
    spans.sort(key=lambda span: span.first)
    expected = 0
    for span in spans:
        if span.first != expected:
            what = "again" if span.first < expected else f"but not {expected}"
            raise InvalidMocks(
                f"{place}: attempt {span.first} is mocked {what}; they follow each other from 0."
            )
        expected = span.last + 1
    if not spans:
        raise InvalidMocks(f"{place}: at least one attempt is expected.")
    return tuple(spans)


def _span(attempts: str, answer: Mapping[str, Any], place: str) -> _Span:
    numbers = _ATTEMPTS.fullmatch(attempts)
    if numbers is None:
        raise InvalidMocks(f"{place}: attempts are written as '0' or '1-2'.")
    first = int(numbers[1])
    last = int(numbers[2]) if numbers[2] else first
    if last < first:
        raise InvalidMocks(f"{place}: the last attempt stands before the first.")
    _only(answer, ("Return", "Throw"), place)
    if len(answer) != 1:
        raise InvalidMocks(f"{place}: either Return or Throw is expected.")
    if "Return" in answer:
        return _Span(first, last, Return(answer["Return"]))
    thrown = _object(answer["Throw"], f"{place}/Throw")
    _only(thrown, ("Error", "Cause"), f"{place}/Throw")
    error, cause = thrown.get("Error"), thrown.get("Cause", "")
    if not isinstance(error, str) or not isinstance(cause, str):
        raise InvalidMocks(f"{place}/Throw: Error and Cause are texts, and Error is required.")
    return _Span(first, last, Throw(error, cause))


def _object(value: Any, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidMocks(f"{place}: an object is expected.")
    return value


def _only(value: Mapping[str, Any], known: tuple[str, ...], place: str) -> None:
    for name in value:
        if name not in known:
            raise InvalidMocks(f"{place}: {name!r} is not known; {' and '.join(known)} are.")
