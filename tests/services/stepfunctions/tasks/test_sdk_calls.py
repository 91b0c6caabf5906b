"""SDK integrations: any operation, with names, times and errors as the SDK for Java has them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.services.stepfunctions.tasks.conftest import MakeFunction, Tasks

from fogline.aws.states.machine.resources import parse_resource
from fogline.testing.plugin import Account


def refusal(tasks: Tasks, resource: str) -> str | None:
    return tasks.integrations.refusal(parse_resource(f"arn:aws:states:::{resource}"))


def is_immediate(tasks: Tasks, resource: str) -> bool:
    return tasks.integrations.is_immediate(parse_resource(f"arn:aws:states:::{resource}"))


@pytest.mark.parametrize(("body", "text"), [(b"", ""), (b"text data", "text data")])
def test_an_object_is_read_as_text(fogline: Account, tasks: Tasks, body: bytes, text: str) -> None:
    s3 = fogline.client("s3")
    s3.create_bucket(Bucket=f"files-{fogline.id}")
    s3.put_object(Bucket=f"files-{fogline.id}", Key="file", Body=body)
    given = {"Bucket": f"files-{fogline.id}", "Key": "file"}
    result = tasks.perform("aws-sdk:s3:getObject", given)
    assert result["Body"] == text
    assert result["ContentLength"] == len(body)
    assert result["AcceptRanges"] == "bytes"
    assert result["ContentType"] == "binary/octet-stream"
    assert result["Metadata"] == {}
    assert result["ServerSideEncryption"] == "AES256"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", result["LastModified"])
    assert result["ETag"].startswith('"')


def test_an_object_larger_than_a_state_may_have_is_not_read(fogline: Account, tasks: Tasks) -> None:
    s3 = fogline.client("s3")
    s3.create_bucket(Bucket=f"large-{fogline.id}")
    s3.put_object(Bucket=f"large-{fogline.id}", Key="file", Body=b"x" * 300_000)
    failed = tasks.failure("aws-sdk:s3:getObject", {"Bucket": f"large-{fogline.id}", "Key": "file"})
    assert failed.error == "States.DataLimitExceeded"


def test_an_object_is_written_from_text_or_json(fogline: Account, tasks: Tasks) -> None:
    s3 = fogline.client("s3")
    bucket = f"files-{fogline.id}"
    s3.create_bucket(Bucket=bucket)
    for body, written in (("text", b"text"), ({"a": 1}, b'{"a":1}')):
        tasks.perform("aws-sdk:s3:putObject", {"Bucket": bucket, "Key": "made", "Body": body})
        assert s3.get_object(Bucket=bucket, Key="made")["Body"].read() == written


def test_a_missing_key_has_an_extended_request_id(fogline: Account, tasks: Tasks) -> None:
    fogline.client("s3").create_bucket(Bucket=f"files-{fogline.id}")
    given = {"Bucket": f"files-{fogline.id}", "Key": "no_such_key"}
    failed = tasks.failure("aws-sdk:s3:getObject", given)
    assert failed.error == "S3.NoSuchKeyException"
    assert re.fullmatch(
        r"The specified key does not exist\. \(Service: S3, Status Code: 404, "
        r"Request ID: [0-9A-Za-z-]+, Extended Request ID: [0-9A-Za-z+/=]{76}\)",
        failed.cause,
    )


def test_what_the_model_does_not_name_is_an_exception_of_the_service(
    fogline: Account, tasks: Tasks
) -> None:
    failed = tasks.failure("aws-sdk:dynamodb:describeTable", {"TableName": "gone"})
    assert failed.error == "DynamoDb.ResourceNotFoundException"
    assert "(Service: DynamoDb, Status Code: 400, Request ID: " in failed.cause
    failed = tasks.failure("aws-sdk:dynamodb:describeTable", {"TableName": "!"})
    assert failed.error == "DynamoDb.DynamoDbException"


def test_names_of_answers_are_capitalised_throughout(
    tasks: Tasks, make_function: MakeFunction
) -> None:
    arn = make_function("return 1", Environment={"Variables": {"lower": "kept"}})
    given = {"FunctionName": arn}
    result = tasks.perform("aws-sdk:lambda:getFunctionConfiguration", given)
    assert result["Environment"] == {"Variables": {"lower": "kept"}}
    assert result["CodeSha256"]


def test_a_group_of_logs_is_made_with_names_as_java_has_them(
    fogline: Account, tasks: Tasks
) -> None:
    assert tasks.perform("aws-sdk:cloudwatchlogs:createLogGroup", {"LogGroupName": "made"}) == {}
    result = tasks.perform(
        "aws-sdk:cloudwatchlogs:describeLogGroups", {"LogGroupNamePrefix": "made"}
    )
    (group,) = result["LogGroups"]
    assert group["LogGroupName"] == "made"
    assert isinstance(group["CreationTime"], int)


def test_times_are_given_and_shown_as_text(fogline: Account, tasks: Tasks) -> None:
    made = tasks.perform(
        "aws-sdk:scheduler:createSchedule",
        {
            "Name": "later",
            "ScheduleExpression": "rate(1 hour)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "StartDate": "2199-01-02T03:04:05Z",
            "Target": {
                "Arn": f"arn:aws:sqs:us-east-1:{fogline.id}:jobs",
                "RoleArn": f"arn:aws:iam::{fogline.id}:role/r",
            },
        },
    )
    assert made["ScheduleArn"].endswith(":schedule/default/later")
    shown = tasks.perform("aws-sdk:scheduler:getSchedule", {"Name": "later"})
    assert shown["StartDate"] == "2199-01-02T03:04:05Z"


def test_a_query_answers_without_headers(fogline: Account, tasks: Tasks) -> None:
    fogline.client("dynamodb").create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    item = {"id": {"S": "1"}, "paid": {"Bool": True}, "data": {"B": "AAE="}}
    tasks.perform("aws-sdk:dynamodb:putItem", {"TableName": "orders", "Item": item})
    result = tasks.perform(
        "aws-sdk:dynamodb:query",
        {
            "TableName": "orders",
            "KeyConditionExpression": "id = :id",
            "ExpressionAttributeValues": {":id": {"S": "1"}},
        },
    )
    assert result == {"Count": 1, "Items": [item], "ScannedCount": 1}


def test_a_message_is_received(fogline: Account, tasks: Tasks) -> None:
    sqs = fogline.client("sqs")
    url = sqs.create_queue(QueueName="jobs")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="text")
    result: dict[str, Any] = tasks.perform("aws-sdk:sqs:receiveMessage", {"QueueUrl": url})
    assert result["Messages"][0]["Body"] == "text"
    assert "Md5OfBody" in result["Messages"][0]


def test_operations_that_run_code_or_stream_are_waited_for(tasks: Tasks) -> None:
    assert is_immediate(tasks, "sqs:sendMessage")
    assert is_immediate(tasks, "aws-sdk:dynamodb:query")
    assert not is_immediate(tasks, "lambda:invoke")
    assert not is_immediate(tasks, "aws-sdk:lambda:invoke")
    assert not is_immediate(tasks, "aws-sdk:s3:getObject")


def test_what_is_not_built_is_refused_by_name(tasks: Tasks) -> None:
    assert refusal(tasks, "aws-sdk:kinesis:putRecord") == (
        "Fogline does not implement kinesis PutRecord yet."
    )
    assert refusal(tasks, "ecs:runTask.sync") == (
        "Fogline does not implement ecs:runTask in workflows yet."
    )
    assert refusal(tasks, "aws-sdk:nonsense:doIt") is not None
    assert refusal(tasks, "aws-sdk:sqs:create_queue") == (
        "The service sqs has no operation Create_queue."
    )
    assert refusal(tasks, "aws-sdk:sqs:sendMessage") is None
