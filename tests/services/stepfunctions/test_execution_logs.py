"""Execution logs: what executions do, in the log groups of their machines."""

from __future__ import annotations

import json

import pytest

from fogline.services.stepfunctions.execution_logs import is_told, stream_name

GROUP = "/aws/vendedlogs/states/workflows"
PASSING = {"StartAt": "Only", "States": {"Only": {"Type": "Pass", "Result": {"a": 1}, "End": True}}}
FAILING = {"StartAt": "Bad", "States": {"Bad": {"Type": "Fail", "Error": "E", "Cause": "C"}}}


@pytest.fixture
def logs(fogline):
    return fogline.client("logs")


@pytest.fixture
def logged(fogline, logs):
    """Makes the configuration of a machine that is logged into a group."""
    logs.create_log_group(logGroupName=GROUP)
    arn = f"arn:aws:logs:us-east-1:{fogline.id}:log-group:{GROUP}:*"

    def logged(level, *, has_data=False):
        destination = {"cloudWatchLogsLogGroup": {"logGroupArn": arn}}
        return {"level": level, "includeExecutionData": has_data, "destinations": [destination]}

    return logged


@pytest.fixture
def lines(logs):
    """All that was logged, in order."""

    def lines():
        found = []
        for stream in logs.describe_log_streams(logGroupName=GROUP)["logStreams"]:
            events = logs.get_log_events(
                logGroupName=GROUP, logStreamName=stream["logStreamName"], startFromHead=True
            )["events"]
            found += [json.loads(event["message"]) for event in events]
        return found

    return lines


@pytest.fixture
def run(stepfunctions, make_machine, logged, fogline_platform):
    """Runs an execution of a machine that is logged so; its ARN."""

    def run(definition, level, *, has_data=False, **more):
        machine = make_machine(
            "machine", definition, loggingConfiguration=logged(level, has_data=has_data), **more
        )
        started = stepfunctions.start_execution(stateMachineArn=machine, input='{"b": 2}')
        fogline_platform.settle()
        return started["executionArn"]

    return run


@pytest.mark.parametrize("type", ["STANDARD", "EXPRESS"])
def test_each_event_of_an_execution_is_a_line(run, lines, type):
    arn = run(PASSING, "ALL", has_data=True, type=type)
    whole = {"truncated": False}
    found = lines()
    started = found[0]
    assert {name: started[name] for name in started if name != "event_timestamp"} == {
        "id": "1",
        "type": "ExecutionStarted",
        "details": {
            "input": '{"b": 2}',
            "inputDetails": whole,
            "roleArn": "arn:aws:iam::000000000000:role/workflows",
        },
        "previous_event_id": "0",
        "execution_arn": arn,
        "redrive_count": "0",
    }
    assert [(one["id"], one["type"], one["details"]) for one in found[1:]] == [
        ("2", "PassStateEntered", {"name": "Only", "input": '{"b": 2}', "inputDetails": whole}),
        ("3", "PassStateExited", {"name": "Only", "output": '{"a":1}', "outputDetails": whole}),
        ("4", "ExecutionSucceeded", {"output": '{"a":1}', "outputDetails": whole}),
    ]


@pytest.mark.parametrize("type", ["STANDARD", "EXPRESS"])
def test_data_is_logged_only_where_that_is_wanted(run, lines, type):
    run(PASSING, "ALL", type=type)
    assert [one["details"] for one in lines()] == [
        {"roleArn": "arn:aws:iam::000000000000:role/workflows"},
        {"name": "Only"},
        {"name": "Only"},
        {},
    ]


@pytest.mark.parametrize("type", ["STANDARD", "EXPRESS"])
@pytest.mark.parametrize(
    ("level", "types"),
    [
        ("ALL", ["ExecutionStarted", "FailStateEntered", "ExecutionFailed"]),
        ("ERROR", ["FailStateEntered", "ExecutionFailed"]),
        ("FATAL", ["ExecutionFailed"]),
    ],
)
def test_a_level_says_which_events_are_logged(run, lines, level, types, type):
    run(FAILING, level, type=type)
    assert [one["type"] for one in lines()] == types


def test_nothing_is_logged_of_what_goes_well_but_for_all(run, lines):
    run(PASSING, "ERROR")
    assert lines() == []


def test_an_execution_that_is_waited_for_is_logged_when_it_is_answered(
    stepfunctions, make_machine, logged, lines
):
    machine = make_machine(
        "machine", PASSING, type="EXPRESS", loggingConfiguration=logged("ALL", has_data=True)
    )
    stepfunctions.start_sync_execution(stateMachineArn=machine, input="{}")
    assert [one["id"] for one in lines()] == ["1", "2", "3", "4"]


@pytest.mark.parametrize("type", ["STANDARD", "EXPRESS"])
def test_what_happens_before_a_wait_is_logged_before_it(run, lines, fogline_platform, type):
    resting = {"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 9, "End": True}}}
    run(resting, "ALL", type=type)
    assert [one["type"] for one in lines()] == ["ExecutionStarted", "WaitStateEntered"]
    fogline_platform.advance(seconds=9)
    assert [one["type"] for one in lines()][2:] == ["WaitStateExited", "ExecutionSucceeded"]


def test_streams_are_named_after_the_machine_and_the_minute(run, logs):
    run(PASSING, "ALL")
    [stream] = logs.describe_log_streams(logGroupName=GROUP)["logStreams"]
    assert stream["logStreamName"].startswith("states/machine/20")
    assert stream_name("m", 1_767_225_600_000).startswith("states/m/2026-01-01-00-00/")


def test_a_log_group_that_was_deleted_is_not_made_again(
    stepfunctions, make_machine, logged, logs, fogline_platform
):
    machine = make_machine("machine", PASSING, loggingConfiguration=logged("ALL"))
    logs.delete_log_group(logGroupName=GROUP)
    execution = stepfunctions.start_execution(stateMachineArn=machine)["executionArn"]
    fogline_platform.settle()
    assert stepfunctions.describe_execution(executionArn=execution)["status"] == "SUCCEEDED"
    assert logs.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"] == []


def test_data_too_long_for_a_line_is_left_out(stepfunctions, make_machine, logged, lines):
    machine = make_machine(
        "machine",
        {"StartAt": "Only", "States": {"Only": {"Type": "Pass", "Result": 1, "End": True}}},
        type="EXPRESS",
        loggingConfiguration=logged("ALL", has_data=True),
    )
    stepfunctions.start_sync_execution(stateMachineArn=machine, input=json.dumps("x" * 255_000))
    started, entered, exited, _ = lines()
    assert started["details"]["inputDetails"] == {"truncated": True}
    assert entered["details"] == {"name": "Only", "inputDetails": {"truncated": True}}
    assert exited["details"]["output"] == "1"


@pytest.mark.parametrize(
    ("type", "level"),
    [
        ("TaskFailed", "ERROR"),
        ("LambdaFunctionTimedOut", "ERROR"),
        ("MapIterationAborted", "ERROR"),
        ("ExecutionAborted", "FATAL"),
        ("ExecutionTimedOut", "FATAL"),
        ("TaskSucceeded", "ALL"),
    ],
)
def test_failures_have_a_level(type, level):
    levels = ["ALL", "ERROR", "FATAL"]
    assert [each for each in levels if is_told(type, each)] == levels[: levels.index(level) + 1]
