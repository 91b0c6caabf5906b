"""Task callbacks: whoever was given a task's token says how the task went."""

from __future__ import annotations

import json

import pytest

GONE = ("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")


@pytest.fixture
def queue(fogline):
    return fogline.client("sqs").create_queue(QueueName="work")["QueueUrl"]


@pytest.fixture
def asked(fogline, queue, stepfunctions, make_machine, fogline_platform):
    """Starts an execution whose only task waits to be answered: its ARN, and the task's token."""

    def asked(**more):
        parameters = {"QueueUrl": queue, "MessageBody.$": "$$.Task.Token"}
        task = {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": parameters,
            "End": True,
            **more,
        }
        machine = make_machine("m", {"StartAt": "Ask", "States": {"Ask": task}})
        arn = stepfunctions.start_execution(stateMachineArn=machine)["executionArn"]
        fogline_platform.settle()
        (message,) = fogline.client("sqs").receive_message(QueueUrl=queue)["Messages"]
        return arn, message["Body"]

    return asked


@pytest.fixture
def described(stepfunctions, fogline_platform):
    def described(arn):
        fogline_platform.settle()
        return stepfunctions.describe_execution(executionArn=arn)

    return described


def test_a_task_succeeds_with_the_output_that_is_sent(stepfunctions, asked, described):
    arn, token = asked()
    stepfunctions.send_task_success(taskToken=token, output='{"a": [1, 2.50]}')
    execution = described(arn)
    assert execution["status"] == "SUCCEEDED"
    assert json.loads(execution["output"]) == {"a": [1, 2.5]}


def test_a_task_fails_with_the_error_that_is_sent(stepfunctions, asked, described):
    arn, token = asked()
    stepfunctions.send_task_failure(taskToken=token, error="Tired", cause="It was late.")
    execution = described(arn)
    assert execution["status"] == "FAILED"
    assert (execution["error"], execution["cause"]) == ("Tired", "It was late.")


def test_a_failure_needs_no_error_and_no_cause(stepfunctions, asked, described):
    arn, token = asked()
    stepfunctions.send_task_failure(taskToken=token)
    execution = described(arn)
    assert execution["status"] == "FAILED"
    assert not {"error", "cause"} & set(execution)


def test_a_task_that_is_not_answered_times_out(asked, described, fogline_platform):
    arn, _ = asked(TimeoutSeconds=10)
    fogline_platform.advance(seconds=10)
    assert described(arn)["error"] == "States.Timeout"


def test_heartbeats_keep_a_task_waiting(stepfunctions, asked, described, fogline_platform):
    arn, token = asked(HeartbeatSeconds=10)
    for _ in range(3):
        fogline_platform.advance(seconds=9)
        stepfunctions.send_task_heartbeat(taskToken=token)
    assert described(arn)["status"] == "RUNNING"
    fogline_platform.advance(seconds=10)
    assert described(arn)["error"] == "States.HeartbeatTimeout"


@pytest.mark.parametrize(
    ("operation", "more"),
    [
        ("send_task_success", {"output": "1"}),
        ("send_task_failure", {}),
        ("send_task_heartbeat", {}),
    ],
)
class TestTokens:
    def test_a_task_is_answered_once(self, stepfunctions, asked, refusal, operation, more):
        _, token = asked()
        stepfunctions.send_task_success(taskToken=token, output="1")
        assert refusal(getattr(stepfunctions, operation), taskToken=token, **more) == GONE

    def test_a_task_of_an_ended_execution_is_answered_no_more(
        self, stepfunctions, asked, refusal, operation, more
    ):
        arn, token = asked()
        stepfunctions.stop_execution(executionArn=arn)
        assert refusal(getattr(stepfunctions, operation), taskToken=token, **more) == GONE

    @pytest.mark.parametrize("token", ["nonsense", "AQB4AAAAK", "\u00e9", "x" * 2048])
    def test_what_is_no_token_is_refused(self, stepfunctions, refusal, operation, more, token):
        refused = refusal(getattr(stepfunctions, operation), taskToken=token, **more)
        assert refused == ("InvalidToken", "Invalid Token: 'Invalid token'")

    def test_tokens_are_worth_nothing_in_other_accounts(
        self, fogline_platform, asked, refusal, operation, more
    ):
        _, token = asked()
        other = fogline_platform.client("stepfunctions", "999999999999")
        code, _ = refusal(getattr(other, operation), taskToken=token, **more)
        assert code == "InvalidToken"

    def test_a_task_of_a_forgotten_execution_does_not_exist(
        self, stepfunctions, asked, refusal, leap, operation, more
    ):
        arn, token = asked()
        stepfunctions.stop_execution(executionArn=arn)
        leap(days=91)
        code, _ = refusal(getattr(stepfunctions, operation), taskToken=token, **more)
        assert code == "TaskDoesNotExist"


@pytest.mark.parametrize("output", ["", "nonsense", "{'a': 1}", "[1", "NaN"])
def test_an_output_that_is_no_json_is_refused(stepfunctions, asked, refusal, described, output):
    arn, token = asked()
    refused = refusal(stepfunctions.send_task_success, taskToken=token, output=output)
    assert refused[0] == "InvalidOutput"
    assert described(arn)["status"] == "RUNNING"


def test_numbers_of_any_size_are_outputs(stepfunctions, asked, described):
    arn, token = asked()
    stepfunctions.send_task_success(taskToken=token, output="123456789012345678901234567890")
    assert described(arn)["status"] == "SUCCEEDED"
