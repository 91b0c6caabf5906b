"""Redrives: executions that did not succeed go on from where they failed."""

from __future__ import annotations

import json

import pytest

SEND = "arn:aws:states:::sqs:sendMessage"
TOKEN_TASK = f"{SEND}.waitForTaskToken"


def machine_of(**states):
    return {"StartAt": next(iter(states)), "States": states}


@pytest.fixture
def queue(fogline):
    return fogline.client("sqs").create_queue(QueueName="work")["QueueUrl"]


@pytest.fixture
def tokens(fogline, queue):
    """The messages with tokens that were sent since the last look, as JSON."""
    sqs = fogline.client("sqs")

    def tokens():
        received = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        for message in received:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in received]

    return tokens


@pytest.fixture
def asking(queue):
    """A task that waits for whoever gets its message; `more` are members of the state."""

    def asking(**more):
        body = {"token.$": "$$.Task.Token", "input.$": "$"}
        parameters = {"QueueUrl": queue, "MessageBody": body}
        return {"Type": "Task", "Resource": TOKEN_TASK, "Parameters": parameters, **more}

    return asking


@pytest.fixture
def run(stepfunctions, make_machine, fogline_platform):
    """Starts an execution of a new machine; its ARN."""

    def run(definition, **more):
        arn = make_machine("m", definition)
        started = stepfunctions.start_execution(stateMachineArn=arn, **more)
        fogline_platform.settle()
        return started["executionArn"]

    return run


@pytest.fixture
def described(stepfunctions, fogline_platform):
    def described(arn):
        fogline_platform.settle()
        return stepfunctions.describe_execution(executionArn=arn)

    return described


@pytest.fixture
def types(stepfunctions):
    """The types of the events after the last redrive."""

    def types(arn):
        events = stepfunctions.get_execution_history(executionArn=arn, maxResults=1000)["events"]
        found = [event["type"] for event in events]
        return found[len(found) - found[::-1].index("ExecutionRedriven") :]

    return types


def test_a_redriven_execution_goes_on_with_the_task_that_failed(
    stepfunctions, run, asking, tokens, described, types
):
    definition = machine_of(
        Before={"Type": "Pass", "Result": {"before": 1}, "Next": "Ask"}, Ask=asking(End=True)
    )
    arn = run(definition)
    stepfunctions.send_task_failure(taskToken=tokens()[0]["token"], error="No")
    assert described(arn)["status"] == "FAILED"
    stepfunctions.redrive_execution(executionArn=arn)
    assert described(arn)["status"] == "RUNNING"
    (asked,) = tokens()
    assert asked["input"] == {"before": 1}
    stepfunctions.send_task_success(taskToken=asked["token"], output='"yes"')
    execution = described(arn)
    assert (execution["status"], execution["output"]) == ("SUCCEEDED", '"yes"')
    assert "error" not in execution
    assert types(arn) == [
        "TaskScheduled",
        "TaskStarted",
        "TaskSubmitted",
        "TaskSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]


def test_a_redrive_is_counted_and_told_in_the_history(
    stepfunctions, run, asking, tokens, described, fogline_platform
):
    arn = run(machine_of(Ask=asking(End=True)))
    stepfunctions.stop_execution(executionArn=arn)
    fogline_platform.advance(seconds=5)
    redriven = stepfunctions.redrive_execution(executionArn=arn)
    execution = described(arn)
    assert execution["redriveCount"] == 1
    assert execution["redriveDate"] == redriven["redriveDate"]
    events = stepfunctions.get_execution_history(executionArn=arn)["events"]
    (event,) = [event for event in events if event["type"] == "ExecutionRedriven"]
    assert event["executionRedrivenEventDetails"] == {"redriveCount": 1}
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))


def test_an_old_token_is_worth_nothing_after_a_redrive(stepfunctions, run, asking, tokens, refusal):
    arn = run(machine_of(Ask=asking(End=True)))
    token = tokens()[0]["token"]
    stepfunctions.stop_execution(executionArn=arn)
    stepfunctions.redrive_execution(executionArn=arn)
    refused = refusal(stepfunctions.send_task_success, taskToken=token, output="1")
    assert refused[0] == "TaskTimedOut"


def test_only_the_branches_that_had_not_ended_go_on(stepfunctions, run, asking, tokens, described):
    branches = [
        machine_of(Fine={"Type": "Pass", "Result": "fine", "End": True}),
        machine_of(First=asking(Next="Second"), Second=asking(End=True)),
        machine_of(Other=asking(End=True)),
    ]
    arn = run(machine_of(All={"Type": "Parallel", "Branches": branches, "End": True}), input='"in"')
    first, _ = tokens()
    stepfunctions.send_task_success(taskToken=first["token"], output='"first"')
    (second,) = tokens()
    stepfunctions.send_task_failure(taskToken=second["token"], error="No")
    assert described(arn)["status"] == "FAILED"
    stepfunctions.redrive_execution(executionArn=arn)
    described(arn)
    again = tokens()
    assert sorted(each["input"] for each in again) == ["first", "in"]
    for each in again:
        output = json.dumps(f"did {each['input']}")
        stepfunctions.send_task_success(taskToken=each["token"], output=output)
    execution = described(arn)
    assert execution["status"] == "SUCCEEDED"
    assert json.loads(execution["output"]) == ["fine", "did first", "did in"]


def test_iterations_of_a_map_go_on_and_the_rest_begins(
    stepfunctions, run, asking, tokens, described
):
    each = {
        "Type": "Map",
        "MaxConcurrency": 2,
        "ItemProcessor": machine_of(Ask=asking(End=True)),
        "End": True,
    }
    arn = run(machine_of(Each=each), input="[0, 1, 2, 3]")
    zero, one = tokens()
    stepfunctions.send_task_success(taskToken=zero["token"], output='"0"')
    stepfunctions.send_task_failure(taskToken=one["token"], error="No")
    assert described(arn)["status"] == "FAILED"
    tokens()
    stepfunctions.redrive_execution(executionArn=arn)
    seen = []
    for _ in range(4):
        described(arn)
        for asked in tokens():
            seen.append(asked["input"])
            output = json.dumps(str(asked["input"]))
            stepfunctions.send_task_success(taskToken=asked["token"], output=output)
    execution = described(arn)
    assert execution["status"] == "SUCCEEDED"
    assert json.loads(execution["output"]) == ["0", "1", "2", "3"]
    assert sorted(seen) == [1, 2, 3]


def test_branches_within_branches_go_on(stepfunctions, run, asking, tokens, described):
    inner = {"Type": "Parallel", "Branches": [machine_of(Ask=asking(End=True))], "End": True}
    outer = {"Type": "Parallel", "Branches": [machine_of(Inner=inner)], "End": True}
    arn = run(machine_of(Outer=outer))
    stepfunctions.send_task_failure(taskToken=tokens()[0]["token"])
    stepfunctions.redrive_execution(executionArn=arn)
    described(arn)
    stepfunctions.send_task_success(taskToken=tokens()[0]["token"], output="1")
    assert described(arn)["output"] == "[[1]]"


def test_a_state_whose_failure_was_caught_is_not_done_again(
    stepfunctions, run, asking, tokens, described
):
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Last"}]
    both = {
        "Type": "Parallel",
        "Branches": [
            machine_of(Fail={"Type": "Fail", "Error": "No"}),
            machine_of(A=asking(End=True)),
        ],
        "Catch": catch,
        "End": True,
    }
    arn = run(machine_of(Both=both, Last=asking(End=True)))
    stepfunctions.stop_execution(executionArn=arn)
    tokens()
    stepfunctions.redrive_execution(executionArn=arn)
    described(arn)
    (asked,) = tokens()
    assert asked["input"]["Error"] == "No"


def test_a_redriven_state_has_all_its_retries_again(
    stepfunctions, run, asking, tokens, described, fogline_platform
):
    retry = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1, "IntervalSeconds": 1}]
    arn = run(machine_of(Ask=asking(Retry=retry, End=True)))

    def fail_twice():
        for _ in range(2):
            stepfunctions.send_task_failure(taskToken=tokens()[0]["token"], error="No")
            fogline_platform.advance(seconds=1)

    fail_twice()
    assert described(arn)["status"] == "FAILED"
    stepfunctions.redrive_execution(executionArn=arn)
    described(arn)
    fail_twice()
    assert described(arn)["redriveCount"] == 1
    assert described(arn)["status"] == "FAILED"


def test_variables_are_kept_for_a_redrive(stepfunctions, run, asking, tokens, described):
    definition = machine_of(
        Set={"Type": "Pass", "Assign": {"kept": 7}, "Next": "Ask"},
        Ask=asking(ResultPath=None, Next="Get"),
        Get={"Type": "Pass", "Parameters": {"kept.$": "$kept"}, "End": True},
    )
    arn = run(definition)
    stepfunctions.send_task_failure(taskToken=tokens()[0]["token"])
    stepfunctions.redrive_execution(executionArn=arn)
    described(arn)
    stepfunctions.send_task_success(taskToken=tokens()[0]["token"], output="1")
    assert json.loads(described(arn)["output"]) == {"kept": 7}


def test_the_time_of_a_redriven_execution_begins_anew(
    stepfunctions, run, described, fogline_platform
):
    wait = {"Type": "Wait", "Seconds": 60, "End": True}
    arn = run({**machine_of(Wait=wait), "TimeoutSeconds": 50})
    fogline_platform.advance(seconds=50)
    assert described(arn)["status"] == "TIMED_OUT"
    stepfunctions.redrive_execution(executionArn=arn)
    fogline_platform.advance(seconds=49)
    assert described(arn)["status"] == "RUNNING"
    fogline_platform.advance(seconds=1)
    assert described(arn)["status"] == "TIMED_OUT"


def test_a_failing_execution_can_be_redriven_again_and_again(stepfunctions, run, described):
    arn = run(machine_of(Fail={"Type": "Fail", "Error": "No"}))
    for count in range(1, 4):
        stepfunctions.redrive_execution(executionArn=arn)
        execution = described(arn)
        assert (execution["status"], execution["redriveCount"]) == ("FAILED", count)


def test_the_same_client_token_is_the_same_redrive(stepfunctions, run, described, fogline_platform):
    arn = run(machine_of(Fail={"Type": "Fail", "Error": "No"}))
    first = stepfunctions.redrive_execution(executionArn=arn, clientToken="t")
    fogline_platform.advance(seconds=5)
    second = stepfunctions.redrive_execution(executionArn=arn, clientToken="t")
    assert first["redriveDate"] == second["redriveDate"]
    assert described(arn)["redriveCount"] == 1


def test_what_runs_or_succeeded_is_not_redriven(
    stepfunctions, run, make_machine, refusal, fogline_platform
):
    running = run(machine_of(Wait={"Type": "Wait", "Seconds": 60, "End": True}))
    assert refusal(stepfunctions.redrive_execution, executionArn=running) == (
        "ExecutionNotRedrivable",
        "Execution is RUNNING and cannot be redriven",
    )
    arn = make_machine("passing")
    succeeded = stepfunctions.start_execution(stateMachineArn=arn)["executionArn"]
    fogline_platform.settle()
    assert refusal(stepfunctions.redrive_execution, executionArn=succeeded) == (
        "ExecutionNotRedrivable",
        "Execution is SUCCEEDED and cannot be redriven",
    )


def test_an_execution_is_redriven_within_14_days(
    stepfunctions, run, described, refusal, fogline_platform
):
    arn = run(machine_of(Fail={"Type": "Fail", "Error": "No"}))
    fogline_platform.advance(days=14)
    assert described(arn)["redriveStatus"] == "REDRIVABLE"
    fogline_platform.advance(seconds=1)
    execution = described(arn)
    assert execution["redriveStatus"] == "NOT_REDRIVABLE"
    assert execution["redriveStatusReason"] == "Execution redrivable period exceeded"
    refused = refusal(stepfunctions.redrive_execution, executionArn=arn)
    assert refused == ("ExecutionNotRedrivable", "Execution redrivable period exceeded")


def test_executions_of_a_machine_that_is_gone_are_not_redriven(
    stepfunctions, run, described, refusal
):
    arn = run(machine_of(Fail={"Type": "Fail", "Error": "No"}))
    machine = described(arn)["stateMachineArn"]
    stepfunctions.delete_state_machine(stateMachineArn=machine)
    code, text = refusal(stepfunctions.redrive_execution, executionArn=arn)
    assert (code, text) == ("ExecutionNotRedrivable", "State machine is in DELETING status")
