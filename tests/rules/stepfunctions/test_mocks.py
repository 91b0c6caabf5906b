"""Mocks: files in the format of Step Functions Local, read and asked."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fogline.services.stepfunctions.tasks.mocks import InvalidMocks, Return, Throw, read_mocks

THROWN = {"Throw": {"Error": "Lambda.TimeoutException", "Cause": "Lambda timed out."}}
FILE: dict[str, Any] = {
    "StateMachines": {
        "orders": {
            "TestCases": {
                "Happy": {"Check": "CheckSucceeds"},
                "Retried": {"Check": "CheckRetries"},
                "Plain": {},
            }
        }
    },
    "MockedResponses": {
        "CheckSucceeds": {"0": {"Return": {"StatusCode": 200, "Payload": None}}},
        "CheckRetries": {"0": THROWN, "1-2": THROWN, "3": {"Return": [1]}},
    },
}


def with_response(response: Any) -> str:
    return json.dumps({"MockedResponses": {"R": response}})


def test_each_attempt_has_its_answer() -> None:
    mocks = read_mocks(json.dumps(FILE))
    assert mocks.find("orders", "Happy", "Check", 0) == Return({"StatusCode": 200, "Payload": None})
    thrown = Throw("Lambda.TimeoutException", "Lambda timed out.")
    answers = [mocks.find("orders", "Retried", "Check", attempt) for attempt in range(4)]
    assert answers == [thrown, thrown, thrown, Return([1])]


def test_what_is_not_mocked_is_asked_of_the_service() -> None:
    mocks = read_mocks(json.dumps(FILE))
    assert mocks.find("orders", "Happy", "Ship", 0) is None
    assert mocks.find("orders", "Plain", "Check", 0) is None
    assert mocks.find("returns", "Happy", "Check", 0) is None


def test_a_case_is_known_by_its_machine_and_name() -> None:
    mocks = read_mocks(json.dumps(FILE))
    assert mocks.has("orders", "Plain")
    assert not mocks.has("orders", "Unhappy")
    assert not mocks.has("returns", "Happy")


def test_more_attempts_than_are_mocked_are_a_mistake_in_the_file() -> None:
    mocks = read_mocks(json.dumps(FILE))
    with pytest.raises(InvalidMocks, match="Happy/Check: no response for attempt 1"):
        mocks.find("orders", "Happy", "Check", 1)


def test_an_empty_file_mocks_nothing() -> None:
    assert read_mocks("{}").find("orders", "Happy", "Check", 0) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "the file: an object is expected"),
        ('{"Machines": {}}', "'Machines' is not known"),
        ('{"StateMachines": []}', "StateMachines: an object is expected"),
        ('{"StateMachines": {"m": {"Cases": {}}}}', "StateMachines/m: 'Cases' is not known"),
        ('{"StateMachines": {"m": {"TestCases": {"c": {"s": 1}}}}}', "the name of one of"),
        ('{"StateMachines": {"m": {"TestCases": {"c": {"s": "R"}}}}}', "there is no 'R' among"),
        (with_response({}), "at least one attempt"),
        (with_response({"first": {"Return": 1}}), "written as '0' or '1-2'"),
        (with_response({"2-1": {"Return": 1}}), "the last attempt stands before the first"),
        (with_response({"1": {"Return": 1}}), "attempt 1 is mocked but not 0"),
        (with_response({"0-1": {"Return": 1}, "1": {"Return": 2}}), "attempt 1 is mocked again"),
        (with_response({"0": {}}), "either Return or Throw"),
        (with_response({"0": {"Return": 1, "Throw": {"Error": "E"}}}), "either Return or Throw"),
        (with_response({"0": {"Throw": {"Cause": "C"}}}), "Error is required"),
        (with_response({"0": {"Throw": {"Error": "E", "Why": "C"}}}), "'Why' is not known"),
    ],
)
def test_a_broken_file_is_refused_with_its_place(text: str, why: str) -> None:
    with pytest.raises(InvalidMocks) as refused:
        read_mocks(text)
    assert why in str(refused.value)
