"""Values that are nested deeply, large, or given to many: they are kept, or fail the state that makes them."""

from __future__ import annotations

import json

import pytest

WAIT = {"Type": "Wait", "Seconds": 1, "Next": "End"}
END = {"Type": "Pass", "Parameters": {"value.$": "$value"}, "End": True}
KEEP = {"Keep": {"Type": "Pass", "Assign": {"value.$": "$"}, "Next": "Wait"}}


def nested(depth):
    value = []
    for _ in range(depth - 1):
        value = [value]
    return value


@pytest.mark.parametrize("value", [nested(300), {"n": 2**63, "half": "\u20ac" * 1_000}])
def test_variables_last_through_waits(begin, value):
    running = begin({**KEEP, "Wait": WAIT, "End": END}, value)
    running.advance(1)
    assert running.output == {"value": value}


def test_what_is_nested_too_deeply_fails_the_state_that_makes_it(begin):
    more = {
        "Type": "Pass",
        "Parameters": {"more.$": "$"},
        "Next": "Again",
    }
    rule = {"Variable": "$.end", "IsPresent": True, "Next": "End"}
    again = {"Type": "Choice", "Choices": [rule], "Default": "More"}
    running = begin({"More": more, "Again": again, "End": {"Type": "Succeed"}})
    assert running.error == "States.Runtime"
    assert running.described["cause"] == "A value is nested deeper than 500 levels."
    assert len(running.events("PassStateExited")) == 499


def test_a_tested_state_shows_how_deep_its_failed_value_is(stepfunctions):
    state = {"Type": "Pass", "Parameters": {"more.$": "$"}, "End": True}
    tested = stepfunctions.test_state(
        definition=json.dumps(state),
        roleArn="arn:aws:iam::000000000000:role/r",
        input=json.dumps(nested(600)),
        inspectionLevel="DEBUG",
    )
    assert (tested["status"], tested["error"]) == ("FAILED", "States.Runtime")
    assert json.loads(tested["inspectionData"]["input"]) == nested(600)


def branch(name, then):
    return {"StartAt": name, "States": {name: {"Type": "Wait", "Seconds": 1, "Next": then}}}


def wide(count, last):
    """A Parallel of so many branches that wait, and end with that state."""
    branches = []
    for number in range(count):
        made = branch(f"W{number}", f"L{number}")
        made["States"][f"L{number}"] = last
        branches.append(made)
    return {"Type": "Parallel", "Branches": branches, "End": True}


def test_branches_have_the_input_of_what_is_around_them(begin):
    inner = wide(2, {"Type": "Pass", "OutputPath": "$.n", "End": True})
    outer = {"StartAt": "In", "States": {"In": inner}}
    given = {"n": 1, "large": "x" * 1_000}
    running = begin({"Out": {"Type": "Parallel", "Branches": [outer], "End": True}}, given)
    running.advance(1)
    assert running.output == [[1, 1]]
    inputs = [event["stateEnteredEventDetails"]["input"] for event in running.events("Entered")]
    assert {json.loads(text)["large"] for text in inputs} == {"x" * 1_000}


def test_a_redriven_branch_has_the_input_of_what_is_around_it(begin, stepfunctions):
    branches = wide(2, {"Type": "Pass", "OutputPath": "$.n", "End": True})
    running = begin({"Out": branches}, {"n": 1, "large": "x" * 1_000})
    stepfunctions.stop_execution(executionArn=running.arn)
    stepfunctions.redrive_execution(executionArn=running.arn)
    running.advance(1)
    assert running.output == [1, 1]


@pytest.mark.parametrize(("characters", "status"), [(87_000, "SUCCEEDED"), (88_000, "FAILED")])
def test_outputs_of_branches_are_bounded_together(begin, characters, status):
    running = begin({"Out": wide(3, {"Type": "Succeed"})}, "x" * characters)
    running.advance(1)
    assert running.status == status
    assert running.described.get("error") == (
        None if status == "SUCCEEDED" else "States.DataLimitExceeded"
    )
