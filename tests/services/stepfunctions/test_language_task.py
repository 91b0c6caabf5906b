"""Task states: their fields, timeouts and heartbeats, with a worker whose time the test tells."""

from __future__ import annotations

import json

import pytest


class Worker:
    """Works on an activity."""

    def __init__(self, stepfunctions, platform):
        self._stepfunctions = stepfunctions
        self._platform = platform
        self.arn = stepfunctions.create_activity(name="work")["activityArn"]
        self.token = ""

    def state(self, **more):
        return {"Work": {"Type": "Task", "Resource": self.arn, "End": True, **more}}

    def take(self):
        task = self._stepfunctions.get_activity_task(activityArn=self.arn)
        self.token = task["taskToken"]
        return json.loads(task["input"])

    def beat(self):
        self._stepfunctions.send_task_heartbeat(taskToken=self.token)

    def succeed(self, output):
        self._stepfunctions.send_task_success(taskToken=self.token, output=json.dumps(output))
        self._platform.settle()

    def fail(self, error="Broken", cause="c"):
        self._stepfunctions.send_task_failure(taskToken=self.token, error=error, cause=cause)
        self._platform.settle()


@pytest.fixture
def worker(stepfunctions, fogline_platform):
    return Worker(stepfunctions, fogline_platform)


def test_a_task_works_with_what_its_fields_make(begin, worker):
    fields = {
        "InputPath": "$.a",
        "Parameters": {"x.$": "$"},
        "ResultSelector": {"y.$": "$.z"},
        "ResultPath": "$.r",
        "OutputPath": "$.r",
    }
    running = begin(worker.state(**fields), {"a": 1})
    assert worker.take() == {"x": 1}
    worker.succeed({"z": 2})
    assert running.output == {"y": 2}


def test_a_task_times_out(begin, worker):
    running = begin(worker.state(TimeoutSeconds=10))
    worker.take()
    running.advance(9)
    assert running.status == "RUNNING"
    running.advance(1)
    assert running.error == "States.Timeout"


def test_a_timeout_is_named_by_a_path_or_an_expression(begin, worker):
    for fields in (
        {"TimeoutSecondsPath": "$.t"},
        {"QueryLanguage": "JSONata", "TimeoutSeconds": "{% $states.input.t %}"},
    ):
        running = begin(worker.state(**fields), {"t": 5})
        running.advance(4)
        assert running.status == "RUNNING"
        running.advance(1)
        assert running.error == "States.Timeout"


def test_a_task_without_heartbeats_is_given_up(begin, worker):
    running = begin(worker.state(HeartbeatSeconds=10))
    worker.take()
    running.advance(9)
    worker.beat()
    running.advance(9)
    worker.beat()
    running.advance(9)
    assert running.status == "RUNNING"
    running.advance(1)
    assert running.error == "States.HeartbeatTimeout"


def test_heartbeats_do_not_move_the_timeout(begin, worker):
    running = begin(worker.state(HeartbeatSeconds=6, TimeoutSeconds=10))
    worker.take()
    running.advance(5)
    worker.beat()
    running.advance(5)
    assert running.error == "States.Timeout"


def test_an_answer_that_comes_too_late_is_refused(begin, worker, refusal, stepfunctions):
    running = begin(worker.state(TimeoutSeconds=10))
    worker.take()
    running.advance(10)
    code, _ = refusal(stepfunctions.send_task_success, taskToken=worker.token, output="{}")
    assert code == "TaskTimedOut"


def test_an_execution_times_out_while_a_task_works(begin, worker):
    running = begin(worker.state(), TimeoutSeconds=20)
    worker.take()
    running.advance(19)
    assert running.status == "RUNNING"
    running.advance(1)
    assert running.status == "TIMED_OUT"


def test_a_result_may_have_256_kibibytes(begin, worker):
    # With its quotes the text has two bytes more.
    running = begin(worker.state(ResultPath="$.r", OutputPath="$.a"), {"a": 1})
    worker.take()
    worker.succeed("x" * 262_142)
    assert running.output == 1


def test_what_a_task_is_given_may_have_256_kibibytes_and_no_more(begin, worker):
    # {"a":"...","b":"..."} has 15 bytes besides the two texts.
    states = worker.state(Parameters={"a.$": "$", "b.$": "$"})
    half = (262_144 - 15) // 2
    assert begin(states, "x" * half).status == "RUNNING"
    assert begin(states, "x" * (half + 1)).error == "States.DataLimitExceeded"


def test_heartbeats_need_not_be_waited_for_by_who_asks_for_none(begin, worker):
    running = begin(worker.state())
    worker.take()
    running.advance(80_000)
    worker.beat()
    worker.succeed(1)
    assert running.output == 1
