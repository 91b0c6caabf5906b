"""Parameters and results: JSON to requests and answers to JSON, by AWS's models."""

from __future__ import annotations

from typing import Any

import pytest

from fogline.gateway.models import load_service
from fogline.services.stepfunctions.tasks.parameters import Parameters
from fogline.services.stepfunctions.tasks.results import Results
from fogline.services.stepfunctions.tasks.task import TaskFailed


def parameters(service: str, operation: str) -> Parameters:
    return Parameters(load_service(service).operations[operation])


def results(service: str, operation: str, *, is_tuned: bool = False) -> Results:
    return Results(load_service(service).operations[operation], is_tuned=is_tuned)


def test_names_are_those_of_the_model_in_the_request() -> None:
    read = parameters("logs", "CreateLogGroup").read
    assert read({"LogGroupName": "g", "Tags": {"kept": "asIs"}}) == {
        "logGroupName": "g",
        "tags": {"kept": "asIs"},
    }


def test_names_are_known_as_the_model_or_the_sdk_for_java_has_them() -> None:
    read = parameters("s3", "PutObject").read
    for name in ("SSEKMSKeyId", "SsekmsKeyId"):
        assert read({"Bucket": "b", "Key": "k", name: "id"})["SSEKMSKeyId"] == "id"


def test_objects_are_text_where_text_is_expected() -> None:
    read = parameters("stepfunctions", "StartExecution").read
    request = read({"StateMachineArn": "arn", "Input": {"key": ["value", 1]}})
    assert request == {"stateMachineArn": "arn", "input": '{"key":["value",1]}'}


def test_null_is_nothing() -> None:
    read = parameters("sqs", "SendMessage").read
    assert read({"QueueUrl": "u", "MessageBody": None}) == {"QueueUrl": "u"}


def test_times_are_text_or_seconds() -> None:
    read = parameters("scheduler", "CreateSchedule").problems
    given: dict[str, Any] = {
        "Name": "n",
        "ScheduleExpression": "rate(1 hour)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": "a", "RoleArn": "r"},
    }
    assert read(given | {"StartDate": "2026-01-01T00:00:00Z"}) == []
    assert read(given | {"StartDate": 1_767_225_600}) == []
    assert read(given | {"StartDate": "tomorrow"}) == [
        "The value for the field 'StartDate' must be a TIMESTAMP"
    ]


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        ([], ["The value for the field 'Parameters' must be an OBJECT"]),
        ({"queueUrl": "u", "MessageBody": "m"}, ["QueueUrl", "queueUrl"]),
        ({"QueueUrl": 1, "MessageBody": "m"}, ["QueueUrl"]),
        ({"QueueUrl": "u", "MessageBody": "m", "DelaySeconds": "5"}, ["DelaySeconds"]),
        ({"QueueUrl": "u", "MessageBody": "m", "MessageAttributes": []}, ["MessageAttributes"]),
        (
            {"QueueUrl": "u", "MessageBody": "m", "MessageAttributes": {"a": {"Type": "String"}}},
            ["DataType", "Type"],
        ),
    ],
)
def test_every_problem_is_told_with_its_field(given: Any, problems: list[str]) -> None:
    told = parameters("sqs", "SendMessage").problems(given)
    if isinstance(given, list):
        assert told[:1] == problems
        return
    assert len(told) == len(problems)
    for name in problems:
        assert any(f"'{name}'" in each for each in told)


def test_what_nests_without_end_is_a_problem_too() -> None:
    value: dict[str, Any] = {"S": "x"}
    for _ in range(5_000):
        value = {"M": {"m": value}}
    read = parameters("dynamodb", "PutItem")
    assert read.problems({"TableName": "t", "Item": {"id": value}}) == [
        "The Parameters nest too deeply"
    ]
    with pytest.raises(TaskFailed):
        read.read({"TableName": "t", "Item": {"id": value}})


def test_an_operation_without_input_takes_no_parameters() -> None:
    assert parameters("ssm", "ListAssociations").problems({}) == []
    assert parameters("lambda", "GetAccountSettings").problems({"Name": "x"}) == [
        "The field 'Name' is not supported by Step Functions"
    ]


def test_times_are_text_in_the_answers_of_sdk_integrations_and_numbers_in_tuned_ones() -> None:
    answer = {"executionArn": "arn", "startDate": 1_767_225_600_123}
    assert results("stepfunctions", "StartExecution").write(answer) == {
        "ExecutionArn": "arn",
        "StartDate": "2026-01-01T00:00:00.123Z",
    }
    assert results("stepfunctions", "StartExecution", is_tuned=True).write(answer) == {
        "ExecutionArn": "arn",
        "StartDate": 1_767_225_600_123,
    }


def test_names_in_maps_and_documents_are_left_alone() -> None:
    answer = {"Item": {"lower": {"M": {"a": {"BOOL": True}}}}, "ConsumedCapacity": None}
    assert results("dynamodb", "GetItem").write(answer) == {
        "Item": {"lower": {"M": {"a": {"Bool": True}}}}
    }
    assert results("dynamodb", "GetItem", is_tuned=True).write(answer) == {
        "Item": {"lower": {"M": {"a": {"BOOL": True}}}}
    }


def test_bytes_are_text_and_those_of_items_base64() -> None:
    assert results("lambda", "Invoke").write({"Payload": b'"x"'}) == {"Payload": '"x"'}
    assert results("dynamodb", "GetItem").write({"Item": {"b": {"B": b"\0\1"}}}) == {
        "Item": {"b": {"B": "AAE="}}
    }
