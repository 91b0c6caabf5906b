"""What CloudWatch tells of executions."""

import json

import pytest
from tests.services.numbers import Numbers


@pytest.fixture
def numbers(fogline):
    return Numbers(fogline, "AWS/States")


FAILING = {"StartAt": "Fail", "States": {"Fail": {"Type": "Fail", "Error": "no"}}}
WAITING = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 60, "End": True}}}


def test_starts_and_ends_are_counted_by_state_machine(
    fogline, stepfunctions, make_machine, numbers
):
    machine = make_machine()

    for _ in range(2):
        stepfunctions.start_execution(stateMachineArn=machine)
    fogline.platform.settle()

    assert numbers.sum("ExecutionsStarted", StateMachineArn=machine) == 2
    assert numbers.sum("ExecutionsSucceeded", StateMachineArn=machine) == 2
    assert numbers.sum("ExecutionsFailed", StateMachineArn=machine) == 0


def test_each_end_has_a_metric_of_its_own(fogline, stepfunctions, make_machine, numbers):
    failing, waiting = make_machine("failing", FAILING), make_machine("waiting", WAITING)
    timed = make_machine("timed", {**WAITING, "TimeoutSeconds": 5})

    for machine in (failing, timed, waiting):
        begun = stepfunctions.start_execution(stateMachineArn=machine)
    stepfunctions.stop_execution(executionArn=begun["executionArn"])
    fogline.platform.advance(seconds=10)

    assert numbers.sum("ExecutionsFailed", StateMachineArn=failing) == 1
    assert numbers.sum("ExecutionsTimedOut", StateMachineArn=timed) == 1
    assert numbers.sum("ExecutionsAborted", StateMachineArn=waiting) == 1
    assert numbers.of("ExecutionTime", StateMachineArn=timed)["Maximum"] == 5_000


def test_express_executions_are_counted_too_whoever_waits_for_them(
    fogline, stepfunctions, make_machine, numbers
):
    machine = make_machine("quick", FAILING, type="EXPRESS")

    stepfunctions.start_execution(stateMachineArn=machine)
    fogline.platform.settle()
    answer = stepfunctions.start_sync_execution(stateMachineArn=machine)

    assert answer["status"] == "FAILED"
    assert numbers.sum("ExecutionsStarted", StateMachineArn=machine) == 2
    assert numbers.sum("ExecutionsFailed", StateMachineArn=machine) == 2


def test_versions_and_aliases_are_counted_by_themselves(
    fogline, stepfunctions, make_machine, numbers
):
    machine = make_machine()
    version = stepfunctions.publish_state_machine_version(stateMachineArn=machine)
    version_arn = version["stateMachineVersionArn"]
    alias = stepfunctions.create_state_machine_alias(
        name="live",
        routingConfiguration=[{"stateMachineVersionArn": version_arn, "weight": 100}],
    )

    stepfunctions.start_execution(stateMachineArn=alias["stateMachineAliasArn"])
    fogline.platform.settle()

    for dimension in ({}, {"Version": "1"}, {"Alias": "live"}):
        found = numbers.sum("ExecutionsSucceeded", StateMachineArn=machine, **dimension)
        assert found == 1, dimension


def test_redrives_are_no_starts(fogline, stepfunctions, make_machine, numbers):
    machine = make_machine("failing", json.dumps(FAILING))
    begun = stepfunctions.start_execution(stateMachineArn=machine)["executionArn"]
    fogline.platform.settle()

    stepfunctions.redrive_execution(executionArn=begun)
    fogline.platform.settle()

    assert numbers.sum("ExecutionsStarted", StateMachineArn=machine) == 1
    assert numbers.sum("RedrivenExecutions", StateMachineArn=machine) == 1
    assert numbers.sum("RedrivenExecutionsFailed", StateMachineArn=machine) == 1
