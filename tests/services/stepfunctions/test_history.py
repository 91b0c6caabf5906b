"""The history of an execution."""

from __future__ import annotations

import json

import pytest

CHAIN = {
    "StartAt": "A",
    "States": {
        "A": {"Type": "Pass", "Result": {"done": 1}, "Next": "B"},
        "B": {"Type": "Pass", "Next": "C"},
        "C": {"Type": "Pass", "End": True},
    },
}


@pytest.fixture
def arn(stepfunctions, make_machine, fogline_platform):
    """An execution of eight events that has ended."""
    machine = make_machine("m", CHAIN)
    started = stepfunctions.start_execution(stateMachineArn=machine, name="n", input='{"in": 0}')
    fogline_platform.settle()
    return started["executionArn"]


@pytest.fixture
def history(stepfunctions, arn):
    def history(**more):
        return stepfunctions.get_execution_history(executionArn=arn, **more)

    return history


def ids(answer):
    return [event["id"] for event in answer["events"]]


def test_a_history_begins_with_the_start(history):
    event = history()["events"][0]
    del event["timestamp"]
    assert event == {
        "type": "ExecutionStarted",
        "id": 1,
        "previousEventId": 0,
        "executionStartedEventDetails": {
            "input": '{"in": 0}',
            "inputDetails": {"truncated": False},
            "roleArn": "arn:aws:iam::000000000000:role/workflows",
        },
    }


def test_a_history_tells_every_state(history):
    assert [event["type"] for event in history()["events"]] == [
        "ExecutionStarted",
        *["PassStateEntered", "PassStateExited"] * 3,
        "ExecutionSucceeded",
    ]


def test_the_start_names_the_version_and_the_alias(stepfunctions, make_machine, fogline_platform):
    version = make_machine(publish=True) + ":1"
    alias = stepfunctions.create_state_machine_alias(
        name="live", routingConfiguration=[{"stateMachineVersionArn": version, "weight": 100}]
    )["stateMachineAliasArn"]
    started = stepfunctions.start_execution(stateMachineArn=alias)
    answer = stepfunctions.get_execution_history(executionArn=started["executionArn"])
    details = answer["events"][0]["executionStartedEventDetails"]
    assert details["stateMachineVersionArn"] == version
    assert details["stateMachineAliasArn"] == alias


def test_a_history_can_be_read_from_its_end(history):
    assert ids(history(reverseOrder=True)) == [8, 7, 6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize("size", [1, 3, 7, 8])
@pytest.mark.parametrize("is_reversed", [False, True])
def test_a_history_comes_in_pages(stepfunctions, arn, every, size, is_reversed):
    events = every(
        stepfunctions.get_execution_history,
        "events",
        executionArn=arn,
        maxResults=size,
        reverseOrder=is_reversed,
    )
    wanted = list(range(1, 9))
    assert [event["id"] for event in events] == (wanted[::-1] if is_reversed else wanted)


def test_a_page_that_holds_the_rest_has_no_token(history):
    assert "nextToken" not in history(maxResults=8)
    assert "nextToken" in history(maxResults=7)
    assert "nextToken" not in history(maxResults=8, reverseOrder=True)


def test_a_token_of_another_reading_is_refused(stepfunctions, history, arn, refusal):
    token = history(maxResults=1)["nextToken"]
    invalid = ("InvalidToken", "Invalid Token: 'Invalid token'")
    for request in ({"nextToken": token, "reverseOrder": True}, {"nextToken": f"x{token}"}):
        operation = stepfunctions.get_execution_history
        assert refusal(operation, executionArn=arn, **request) == invalid


def test_payloads_can_be_left_out(history):
    answer = history(includeExecutionData=False)
    text = json.dumps(answer["events"], default=str)
    assert "nput" not in text
    assert "utput" not in text
    assert answer["events"][1]["stateEnteredEventDetails"] == {"name": "A"}


def test_large_events_make_shorter_pages(stepfunctions, make_machine, fogline_platform, every):
    names = [f"S{number}" for number in range(40)]
    states = {
        name: {"Type": "Pass", "Next": following}
        for name, following in zip(names, [*names[1:], "End"], strict=True)
    }
    states["End"] = {"Type": "Succeed"}
    machine = make_machine("large", {"StartAt": "S0", "States": states})
    text = json.dumps("x" * 200_000)
    started = stepfunctions.start_execution(stateMachineArn=machine, input=text)
    fogline_platform.settle()
    request = {"executionArn": started["executionArn"], "maxResults": 1000}
    events = every(stepfunctions.get_execution_history, "events", **request)
    assert [event["id"] for event in events] == list(range(1, 85))
