"""Notices: the default bus hears of Standard executions."""

from __future__ import annotations

import json

import pytest

PASSING = {"StartAt": "Only", "States": {"Only": {"Type": "Pass", "Result": {"a": 1}, "End": True}}}
FAILING = {"StartAt": "Bad", "States": {"Bad": {"Type": "Fail", "Error": "E", "Cause": "C"}}}


@pytest.fixture
def heard(fogline):
    """A rule that listens to workflows; what it has heard since it was asked last."""
    sqs, events = fogline.client("sqs"), fogline.client("events")
    url = sqs.create_queue(QueueName="heard")["QueueUrl"]
    events.put_rule(Name="all", EventPattern=json.dumps({"source": ["aws.states"]}))
    arn = f"arn:aws:sqs:us-east-1:{fogline.id}:heard"
    events.put_targets(Rule="all", Targets=[{"Id": "queue", "Arn": arn}])

    def heard():
        found = []
        while page := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            found += [json.loads(message["Body"]) for message in page]
        return sorted(found, key=lambda event: event["detail"]["stopDate"] or 0)

    return heard


@pytest.fixture
def run(stepfunctions, make_machine, fogline_platform):
    def run(definition, **more):
        machine = make_machine("machine", definition, **more)
        started = stepfunctions.start_execution(
            stateMachineArn=machine, name="mine", input='{"b": 2}'
        )
        fogline_platform.settle()
        return started["executionArn"]

    return run


def test_the_beginning_and_the_end_of_an_execution_are_told(fogline, run, heard):
    arn = run(PASSING)
    began, ended = heard()
    assert began["source"] == "aws.states"
    assert began["detail-type"] == "Step Functions Execution Status Change"
    assert began["resources"] == [arn]
    machine = f"arn:aws:states:us-east-1:{fogline.id}:stateMachine:machine"
    started_at = began["detail"]["startDate"]
    assert isinstance(started_at, int)
    assert began["detail"] == {
        "executionArn": arn,
        "stateMachineArn": machine,
        "stateMachineVersionArn": None,
        "stateMachineAliasArn": None,
        "name": "mine",
        "status": "RUNNING",
        "startDate": started_at,
        "stopDate": None,
        "input": '{"b": 2}',
        "inputDetails": {"included": True},
        "output": None,
        "outputDetails": None,
        "error": None,
        "cause": None,
        "redriveCount": 0,
        "redriveDate": None,
        "redriveStatus": "NOT_REDRIVABLE",
        "redriveStatusReason": "Execution is RUNNING and cannot be redriven",
    }
    assert ended["detail"] == {
        **began["detail"],
        "status": "SUCCEEDED",
        "stopDate": started_at,
        "output": '{"a":1}',
        "outputDetails": {"included": True},
        "redriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
    }


def test_a_failure_is_told_with_its_error(run, heard):
    run(FAILING)
    detail = heard()[-1]["detail"]
    assert (detail["status"], detail["error"], detail["cause"]) == ("FAILED", "E", "C")
    assert (detail["redriveStatus"], detail["redriveStatusReason"]) == ("REDRIVABLE", None)


def test_an_execution_that_is_stopped_is_told_of(stepfunctions, run, heard):
    resting = {"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 9, "End": True}}}
    arn = run(resting)
    stepfunctions.stop_execution(executionArn=arn, error="Enough")
    assert [(one["detail"]["status"], one["detail"]["error"]) for one in heard()] == [
        ("RUNNING", None),
        ("ABORTED", "Enough"),
    ]


def test_the_version_and_the_alias_are_told(stepfunctions, make_machine, heard, fogline_platform):
    machine = make_machine("machine", PASSING)
    version = stepfunctions.publish_state_machine_version(stateMachineArn=machine)
    version = version["stateMachineVersionArn"]
    alias = stepfunctions.create_state_machine_alias(
        name="live", routingConfiguration=[{"stateMachineVersionArn": version, "weight": 100}]
    )["stateMachineAliasArn"]
    stepfunctions.start_execution(stateMachineArn=alias)
    fogline_platform.settle()
    for event in heard():
        assert event["detail"]["stateMachineVersionArn"] == version
        assert event["detail"]["stateMachineAliasArn"] == alias
        assert event["detail"]["stateMachineArn"] == machine


def test_nothing_is_told_of_express_executions(run, heard):
    run(PASSING, type="EXPRESS")
    assert heard() == []


def test_an_input_that_is_too_long_for_an_event_is_left_out(
    stepfunctions, make_machine, heard, fogline_platform
):
    machine = make_machine("machine", PASSING)
    stepfunctions.start_execution(stateMachineArn=machine, input=json.dumps("x" * 255_000))
    fogline_platform.settle()
    for event in heard():
        assert event["detail"]["input"] is None
        assert event["detail"]["inputDetails"] == {"included": False}
