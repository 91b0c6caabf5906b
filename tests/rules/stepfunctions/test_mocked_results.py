"""Mocked results held against the models of services."""

from __future__ import annotations

from typing import Any

import pytest

from fogline.aws.errors import ValidationException
from fogline.aws.states.machine import parse_resource
from fogline.gateway.models import load_service
from fogline.services.stepfunctions.state_testing.mocked_results import (
    NONE,
    PRESENT,
    STRICT,
    check_result,
)


class Models:
    """The models, as the platform shows them."""

    def contract(self, service: str, operation: str) -> Any:
        return load_service(service).operations[operation]


def problem(resource: str, result: Any, mode: str = STRICT) -> str | None:
    models: Any = Models()
    try:
        check_result(models, parse_resource(f"arn:aws:states:::{resource}"), result, mode)
    except ValidationException as refused:
        return refused.text.removeprefix("Mock result schema validation error: ")
    return None


START = "states:startExecution"


def test_strict_asks_for_what_is_required_and_present_does_not() -> None:
    assert problem(START, {}) == "Required field 'ExecutionArn' is missing"
    assert problem(START, {"ExecutionArn": "arn"}) == "Required field 'StartDate' is missing"
    assert problem(START, {}, PRESENT) is None


def test_none_asks_for_nothing() -> None:
    assert problem(START, {"ExecutionArn": 1}, NONE) is None
    assert problem(START, "text", NONE) is None


def test_members_have_the_types_of_the_model() -> None:
    assert problem(START, {"StartDate": 1}, PRESENT) == "Field 'StartDate' must be a string"
    assert problem("events:putEvents", {"Entries": {}}) == "Field 'Entries' must be an array"
    assert problem("events:putEvents", {"Entries": [1]}) == "Field 'Entries' must be an object"
    assert problem("lambda:invoke", {"StatusCode": True}) == "Field 'StatusCode' must be a number"
    item = {"Attributes": {"a": {"BOOL": "yes"}}}
    assert problem("dynamodb:putItem", item) == "Field 'BOOL' must be a boolean"
    assert problem("dynamodb:putItem", {"Attributes": {"a": {"BOOL": True}}}) is None


def test_nested_values_that_hold_themselves_are_followed_as_deep_as_they_go() -> None:
    value: Any = {"S": 1}
    for _ in range(50):
        value = {"L": [value]}
    assert (
        problem("dynamodb:getItem", {"Item": {"a": value, "b": {"S": "x"}}})
        == "Field 'S' must be a string"
    )


def test_lengths_and_values_have_their_bounds() -> None:
    kms = "aws-sdk:kms:encrypt"
    assert problem(kms, {"CiphertextBlob": ""}, PRESENT) == (
        "Field 'CiphertextBlob' is smaller than the minimum length"
    )
    assert problem(kms, {"CiphertextBlob": "x"}, PRESENT) is None
    assert problem(kms, {"CiphertextBlob": "x" * 6_145}, PRESENT) == (
        "Field 'CiphertextBlob' exceeds the maximum length"
    )
    function = "aws-sdk:lambda:getFunction"
    for size, expected in (
        (127, "Field 'MemorySize' is less than the minimum value"),
        (128, None),
        (10**9, "Field 'MemorySize' exceeds the maximum value"),
    ):
        assert problem(function, {"Configuration": {"MemorySize": size}}) == expected


def test_enumerations_are_closed() -> None:
    get = "aws-sdk:s3:getObject"
    assert problem(get, {"StorageClass": "GLACIER"}) is None
    assert problem(get, {"StorageClass": "PAPER"}) == (
        "Field 'StorageClass' is not an expected value"
    )


def test_names_are_those_that_the_integration_shows() -> None:
    assert problem("aws-sdk:s3:getObject", {"ETag": 1}) == "Field 'ETag' must be a string"
    assert problem(START, {"executionArn": 1}, PRESENT) is None


def test_a_tuned_function_shows_any_payload() -> None:
    assert problem("lambda:invoke", {"Payload": {"any": []}}) is None
    assert problem("aws-sdk:lambda:invoke", {"Payload": {}}) == "Field 'Payload' must be a string"


def test_a_job_is_held_against_what_is_asked_until_it_is_done() -> None:
    done = {
        "ExecutionArn": "arn",
        "StateMachineArn": "arn",
        "Status": "SUCCEEDED",
        "StartDate": "2026-01-01T00:00:00Z",
    }
    assert problem(START + ".sync", {**done, "Output": "{}"}) is None
    assert problem(START + ".sync", {**done, "Output": {}}) == "Field 'Output' must be a string"
    assert problem(START + ".sync:2", {**done, "Output": {}}) is None
    assert problem(START + ".sync:2", {"ExecutionArn": "arn"}) is not None


@pytest.mark.parametrize(
    "resource",
    ["sqs:sendMessage.waitForTaskToken", "http:invoke", "apigateway:invoke", "eks:call"],
)
def test_what_no_model_describes_is_not_checked(resource: str) -> None:
    assert problem(resource, "anything") is None


def test_a_function_answers_what_it_likes() -> None:
    models: Any = Models()
    function = parse_resource("arn:aws:lambda:us-east-1:000000000000:function:f")
    check_result(models, function, [1], STRICT)
