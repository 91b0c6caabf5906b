"""Retriers and catchers: which of them meets an error, how often, and when."""

from __future__ import annotations

import pytest
from tests.services.stepfunctions.test_language_task import worker  # noqa: F401 - a fixture

MISSING = {
    "Type": "Task",
    "Resource": "arn:aws:states:::aws-sdk:sqs:getQueueUrl",
    "Parameters": {"QueueName": "none"},
    "End": True,
}
SORRY = {"Type": "Pass", "End": True}


def failing(error, **more):
    branch = {"StartAt": "No", "States": {"No": {"Type": "Fail", "Error": error, "Cause": "c"}}}
    return {"Try": {"Type": "Parallel", "Branches": [branch], "End": True, **more}}


def retrier(*errors, **more):
    return {"ErrorEquals": list(errors), **more}


def catcher(*errors, next="Sorry", **more):
    return {"ErrorEquals": list(errors), "Next": next, **more}


@pytest.mark.parametrize(
    ("more", "seconds"),
    [
        ({}, [0, 1, 3, 7]),
        ({"MaxAttempts": 0}, [0]),
        ({"IntervalSeconds": 3, "BackoffRate": 1.0, "MaxAttempts": 2}, [0, 3, 6]),
        ({"IntervalSeconds": 2, "BackoffRate": 1.5}, [0, 2, 5, 9.5]),
        ({"BackoffRate": 3, "MaxDelaySeconds": 4}, [0, 1, 4, 8]),
    ],
)
def test_a_task_is_tried_again_with_growing_delays(begin, more, seconds):
    running = begin({"Try": {**MISSING, "Retry": [retrier("States.ALL", **more)]}})
    for _ in range(40):
        running.advance(0.5)
    assert running.status == "FAILED"
    assert running.seconds("TaskFailed") == seconds


def test_jitter_delays_no_longer_than_without(begin):
    retry = retrier("States.ALL", IntervalSeconds=10, MaxAttempts=1, JitterStrategy="FULL")
    running = begin({"Try": {**MISSING, "Retry": [retry]}})
    running.advance(10)
    assert running.status == "FAILED"
    assert len(running.events("TaskFailed")) == 2


def test_retriers_count_for_themselves(begin, worker):  # noqa: F811
    retry = [
        retrier("A", IntervalSeconds=1, MaxAttempts=1),
        retrier("B", IntervalSeconds=5, MaxAttempts=1),
    ]
    running = begin(worker.state(Retry=retry))
    for error, delay in (("A", 1), ("B", 5), ("A", 0)):
        worker.take()
        worker.fail(error)
        running.advance(delay)
    assert running.error == "A"


def test_attempts_begin_anew_when_a_state_is_entered_again(begin, worker):  # noqa: F811
    states = worker.state(
        Retry=[retrier("A", IntervalSeconds=1, MaxAttempts=1)],
        Catch=[catcher("A", next="Work")],
    )
    states["Work"].pop("End")
    states["Work"]["Next"] = "Sorry"
    running = begin({**states, "Sorry": SORRY})
    for delay in (1, 0, 1, 0):
        worker.take()
        worker.fail("A")
        running.advance(delay)
    worker.take()
    worker.succeed(1)
    assert running.output == 1


@pytest.mark.parametrize(
    ("error", "catches", "caught"),
    [
        ("Broken", [catcher("Other"), catcher("Broken")], True),
        ("Broken", [catcher("Other")], False),
        ("Broken", [catcher("States.ALL")], True),
        ("Broken", [catcher("States.TaskFailed")], True),
        ("States.Timeout", [catcher("States.TaskFailed")], False),
        ("States.Timeout", [catcher("States.Timeout")], True),
        ("States.HeartbeatTimeout", [catcher("States.Timeout")], True),
        ("States.HeartbeatTimeout", [catcher("States.TaskFailed")], False),
        ("States.Runtime", [catcher("States.ALL")], False),
        ("States.Runtime", [catcher("States.Runtime")], False),
        ("States.DataLimitExceeded", [catcher("States.ALL")], False),
    ],
)
def test_errors_are_caught_by_name(begin, error, catches, caught):
    states = failing(error, Catch=catches)
    running = begin({**states, "Sorry": SORRY})
    if caught:
        assert running.output == {"Error": error, "Cause": "c"}
    else:
        assert running.error == error


def test_the_first_catcher_that_matches_catches(begin):
    catch = [catcher("Broken", next="First"), catcher("States.ALL")]
    states = {**failing("Broken", Catch=catch), "First": {**SORRY, "Result": 1}, "Sorry": SORRY}
    assert begin(states).output == 1


def test_catchers_come_after_all_attempts(begin):
    retry = [retrier("Broken", IntervalSeconds=1, MaxAttempts=2, BackoffRate=1)]
    states = failing("Broken", Retry=retry, Catch=[catcher("States.ALL")])
    running = begin({**states, "Sorry": SORRY})
    running.advance(1)
    assert running.status == "RUNNING"
    running.advance(1)
    assert running.output["Error"] == "Broken"
    assert len(running.events("ParallelStateStarted")) == 3


@pytest.mark.parametrize(
    ("path", "output"),
    [
        ("$", {"Error": "Broken", "Cause": "c"}),
        ("$.e", {"a": 1, "e": {"Error": "Broken", "Cause": "c"}}),
        (None, {"a": 1}),
    ],
)
def test_the_error_goes_where_the_catcher_says(begin, path, output):
    states = failing("Broken", Catch=[catcher("States.ALL", ResultPath=path)])
    assert begin({**states, "Sorry": SORRY}, {"a": 1}).output == output


def test_the_count_of_attempts_is_in_the_context_object(begin, worker):  # noqa: F811
    states = worker.state(
        Parameters={"n.$": "$$.State.RetryCount"},
        Retry=[retrier("States.ALL", IntervalSeconds=1)],
    )
    running = begin(states)
    for attempt in range(3):
        assert worker.take() == {"n": attempt}
        worker.fail()
        running.advance(10)


def test_a_task_that_timed_out_is_tried_again(begin, worker):  # noqa: F811
    retry = [retrier("States.Timeout", IntervalSeconds=1, MaxAttempts=1)]
    running = begin(worker.state(TimeoutSeconds=5, Retry=retry))
    running.advance(5)
    running.advance(1)
    worker.take()
    worker.succeed(1)
    assert running.output == 1


def test_what_a_catcher_makes_too_large_is_caught_by_nobody(begin):
    catch = [catcher("States.DataLimitExceeded", ResultPath="$.e")]
    states = {**failing("States.DataLimitExceeded", Catch=catch), "Sorry": SORRY}
    assert begin(states, {"a": "x" * 262_100}).error == "States.DataLimitExceeded"
    assert begin(states, {"a": "x" * 262_000}).status == "SUCCEEDED"


def test_a_mistake_in_the_fields_of_a_result_is_caught_by_nobody(begin):
    states = failing("Broken", Catch=[catcher("States.ALL", ResultPath="$.a.b")])
    running = begin({**states, "Sorry": SORRY}, {"a": 1})
    assert running.error == "States.ResultPathMatchFailure"
