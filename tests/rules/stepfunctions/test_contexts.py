"""Context objects that tests of states bring along."""

from __future__ import annotations

import json

import pytest

from fogline.aws.errors import ValidationException
from fogline.services.stepfunctions.state_testing.contexts import read_context


def test_all_members_of_a_context_object_may_be_there() -> None:
    context = {
        "Execution": {
            "Id": "arn",
            "Input": [1],
            "Name": "n",
            "RoleArn": "r",
            "StartTime": "t",
            "RedriveCount": 0,
        },
        "State": {"EnteredTime": "t", "Name": "n", "RetryCount": 2},
        "StateMachine": {"Id": "arn", "Name": "n"},
        "Task": {"Token": "t"},
    }
    assert read_context(json.dumps(context)) == context
    assert read_context("{}") == {}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"Execution": {"Id": 1}}', "Execution.Id must be a string"),
        ('{"State": {"RetryCount": true}}', "State.RetryCount must be a number"),
        ('{"State": []}', "State must be an object"),
        ('{"State": {"Mood": 1}}', "Field 'Mood' is not allowed"),
        ('{"Other": {}}', "Field 'Other' is not allowed"),
        ('{"Map": {}}', "'Map' field is not supported when mocking a Context object"),
        ("[]", "It must be a JSON object"),
        ("{", "It must be a JSON object"),
        ("[" * 200_000, "It must be a JSON object"),
    ],
)
def test_nothing_else_may_be_there(text: str, reason: str) -> None:
    with pytest.raises(ValidationException) as refused:
        read_context(text)
    assert refused.value.text == f"Invalid Context object provided: {reason}"
