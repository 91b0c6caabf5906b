"""Wait states in whole executions, on a clock that is moved."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest


@pytest.mark.parametrize(
    "fields",
    [
        {"Seconds": 10},
        {"SecondsPath": "$.n"},
        {"QueryLanguage": "JSONata", "Seconds": "{% $states.input.n %}"},
    ],
)
def test_a_wait_ends_when_its_seconds_are_over(begin, fields):
    running = begin({"Only": {"Type": "Wait", "End": True, **fields}}, {"n": 10})
    running.advance(9)
    assert running.status == "RUNNING"
    running.advance(1)
    assert running.output == {"n": 10}
    assert running.seconds("WaitStateExited") == [10]


def test_a_wait_ends_at_its_timestamp(begin, fogline_platform):
    at = datetime.fromtimestamp(fogline_platform.now() // 1000 + 60, UTC)
    given = {"at": at.strftime("%Y-%m-%dT%H:%M:%SZ")}
    running = begin({"Only": {"Type": "Wait", "TimestampPath": "$.at", "End": True}}, given)
    running.advance(58)
    assert running.status == "RUNNING"
    running.advance(2)
    assert running.status == "SUCCEEDED"


def test_a_timestamp_that_has_passed_is_no_wait(begin):
    state = {"Type": "Wait", "Timestamp": "2001-01-01T00:00:00Z", "End": True}
    assert begin({"Only": state}).status == "SUCCEEDED"


def test_no_seconds_are_no_wait(begin):
    assert begin({"Only": {"Type": "Wait", "Seconds": 0, "End": True}}).status == "SUCCEEDED"


@pytest.mark.parametrize("n", [-1, "ten", 1.5, None])
def test_seconds_that_are_no_whole_number_fail(begin, n):
    state = {"Type": "Wait", "SecondsPath": "$.n", "End": True}
    assert begin({"Only": state}, {"n": n}).error == "States.Runtime"


def test_a_year_is_waited_for(begin, leap):
    running = begin({"Only": {"Type": "Wait", "Seconds": 365 * 86_400, "End": True}})
    leap(days=364)
    assert running.status == "RUNNING"
    leap(days=1)
    assert running.status == "SUCCEEDED"


def test_an_execution_times_out_in_a_wait(begin):
    running = begin({"Only": {"Type": "Wait", "Seconds": 60, "End": True}}, TimeoutSeconds=30)
    running.advance(29)
    assert running.status == "RUNNING"
    running.advance(1)
    assert running.status == "TIMED_OUT"
    assert running.seconds("ExecutionTimedOut") == [30]
