"""Tuned integrations: queues, topics, buses and tables, with what AWS tells of their answers."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.services.stepfunctions.tasks.conftest import Tasks, read_cause

from fogline.testing.plugin import Account

REQUEST_ID = "Request ID: [0-9a-f-]{36}"


def make_queue(fogline: Account) -> tuple[str, str]:
    url = fogline.client("sqs").create_queue(QueueName="jobs")["QueueUrl"]
    return url, f"arn:aws:sqs:us-east-1:{fogline.id}:jobs"


def bodies(fogline: Account, url: str) -> list[Any]:
    fogline.platform.settle()
    answer = fogline.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    return [json.loads(each["Body"]) for each in answer.get("Messages", [])]


def make_table(fogline: Account) -> None:
    fogline.client("dynamodb").create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def test_an_object_is_sent_as_json(fogline: Account, tasks: Tasks) -> None:
    url, _ = make_queue(fogline)
    result = tasks.perform("sqs:sendMessage", {"QueueUrl": url, "MessageBody": {"b": 1, "a": [2]}})
    assert bodies(fogline, url) == [{"b": 1, "a": [2]}]
    assert set(result) == {
        "MD5OfMessageBody",
        "MessageId",
        "SdkHttpMetadata",
        "SdkResponseMetadata",
    }
    assert result["SdkHttpMetadata"]["HttpHeaders"]["Content-Length"] == "106"


def test_a_message_without_a_body_is_refused_by_the_queue(fogline: Account, tasks: Tasks) -> None:
    url, _ = make_queue(fogline)
    failed = tasks.failure("sqs:sendMessage", {"QueueUrl": url, "MessageBody": None})
    assert failed.error == "SQS.AmazonSQSException"
    assert re.fullmatch(
        r"The request must contain the parameter MessageBody\. \(Service: AmazonSQS; "
        rf"Status Code: 400; Error Code: MissingParameter; {REQUEST_ID}; Proxy: null\)",
        failed.cause,
    )


def test_a_queue_that_is_gone_has_an_error_of_its_own(fogline: Account, tasks: Tasks) -> None:
    url, _ = make_queue(fogline)
    failed = tasks.failure("sqs:sendMessage", {"QueueUrl": url + "x", "MessageBody": "text"})
    assert failed.error == "SQS.QueueDoesNotExistException"


def test_a_waiting_task_sends_all_the_same(fogline: Account, tasks: Tasks) -> None:
    url, _ = make_queue(fogline)
    given = {"QueueUrl": url, "MessageBody": {"TaskToken": "token"}}
    result = tasks.perform("sqs:sendMessage.waitForTaskToken", given)
    assert "MessageId" in result
    assert bodies(fogline, url) == [{"TaskToken": "token"}]


def test_a_topic_is_published_to(fogline: Account, tasks: Tasks) -> None:
    url, queue = make_queue(fogline)
    sns = fogline.client("sns")
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=queue, Attributes={"RawMessageDelivery": "true"}
    )
    result = tasks.perform("sns:publish", {"TopicArn": topic, "Message": {"hello": "world"}})
    assert bodies(fogline, url) == [{"hello": "world"}]
    assert result["SdkHttpMetadata"]["HttpHeaders"]["Content-Type"] == "text/xml"


def test_a_topic_in_order_asks_for_a_group(fogline: Account, tasks: Tasks) -> None:
    topic = fogline.client("sns").create_topic(Name="n.fifo", Attributes={"FifoTopic": "true"})
    given = {"TopicArn": topic["TopicArn"], "Message": "text"}
    failed = tasks.failure("sns:publish", given)
    assert failed.error == "SNS.InvalidParameterException"
    assert re.fullmatch(
        r"Invalid parameter: The MessageGroupId parameter is required for FIFO topics \(Service: "
        rf"AmazonSNS; Status Code: 400; Error Code: InvalidParameter; {REQUEST_ID}; Proxy: null\)",
        failed.cause,
    )
    given |= {"MessageGroupId": "a", "MessageDeduplicationId": "b"}
    result = tasks.perform("sns:publish", given)
    assert result["SdkHttpMetadata"]["HttpHeaders"]["Content-Length"] == "352"
    assert len(result["SequenceNumber"]) == 20


def test_events_name_the_execution_that_sends_them(fogline: Account, tasks: Tasks) -> None:
    url, queue = make_queue(fogline)
    events = fogline.client("events")
    events.put_rule(Name="all", EventPattern='{"source": ["shop"]}')
    events.put_targets(Rule="all", Targets=[{"Id": "queue", "Arn": queue}])
    entry = {"Source": "shop", "DetailType": "sold", "Detail": {"id": 1}}
    result = tasks.perform("events:putEvents", {"Entries": [entry]})
    (event,) = bodies(fogline, url)
    assert event["detail"] == {"id": 1}
    assert event["resources"] == [
        f"arn:aws:states:us-east-1:{fogline.id}:stateMachine:orders",
        f"arn:aws:states:us-east-1:{fogline.id}:execution:orders:first",
    ]
    assert set(result) == {"Entries", "FailedEntryCount"}


def test_a_failed_entry_fails_the_task_and_the_others_are_sent(
    fogline: Account, tasks: Tasks
) -> None:
    url, queue = make_queue(fogline)
    events = fogline.client("events")
    events.put_rule(Name="all", EventPattern='{"source": ["shop"]}')
    events.put_targets(Rule="all", Targets=[{"Id": "queue", "Arn": queue}])
    sold = {"DetailType": "sold", "Detail": {"id": 1}}
    failed = tasks.failure("events:putEvents", {"Entries": [sold | {"Source": "shop"}, sold]})
    assert failed.error == "EventBridge.FailedEntry"
    told = read_cause(failed)
    assert told["FailedEntryCount"] == 1
    assert told["Entries"][1] == {
        "ErrorCode": "InvalidArgument",
        "ErrorMessage": "Parameter Source is not valid. Reason: Source is a required argument.",
    }
    assert len(bodies(fogline, url)) == 1


def test_items_are_put_changed_read_and_deleted(fogline: Account, tasks: Tasks) -> None:
    make_table(fogline)
    key = {"id": {"S": "1"}}
    put = tasks.perform("dynamodb:putItem", {"TableName": "orders", "Item": key})
    assert set(put) == {"SdkHttpMetadata", "SdkResponseMetadata"}
    assert put["SdkHttpMetadata"]["HttpHeaders"]["Content-Length"] == "2"
    changed = tasks.perform(
        "dynamodb:updateItem",
        {
            "TableName": "orders",
            "Key": key,
            "UpdateExpression": "SET paid = :paid, tags = :tags",
            "ExpressionAttributeValues": {
                ":paid": {"BOOL": True},
                ":tags": {"L": [{"N": "1.5"}, {"NULL": True}, {"M": {"x": {"SS": ["a"]}}}]},
            },
            "ReturnValues": "ALL_NEW",
        },
    )
    item = {
        "id": {"S": "1"},
        "paid": {"BOOL": True},
        "tags": {"L": [{"N": "1.5"}, {"NULL": True}, {"M": {"x": {"SS": ["a"]}}}]},
    }
    assert changed["Attributes"] == item
    assert tasks.perform("dynamodb:getItem", {"TableName": "orders", "Key": key})["Item"] == item
    tasks.perform("dynamodb:deleteItem", {"TableName": "orders", "Key": key})
    assert "Item" not in tasks.perform("dynamodb:getItem", {"TableName": "orders", "Key": key})


def test_what_a_table_refuses_is_told_as_the_first_sdk_tells_it(
    fogline: Account, tasks: Tasks
) -> None:
    make_table(fogline)
    failed = tasks.failure("dynamodb:putItem", {"TableName": "/no", "Item": {"id": {"S": "1"}}})
    assert failed.error == "DynamoDB.AmazonDynamoDBException"
    assert re.fullmatch(
        r"1 validation error detected: Value '/no' at 'tableName' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: \[a-zA-Z0-9_\.-\]\+ \(Service: AmazonDynamoDBv2; "
        rf"Status Code: 400; Error Code: ValidationException; {REQUEST_ID}; Proxy: null\)",
        failed.cause,
    )
    failed = tasks.failure(
        "dynamodb:putItem",
        {
            "TableName": "orders",
            "Item": {"id": {"S": "1"}},
            "ConditionExpression": "attribute_exists(id)",
        },
    )
    assert failed.error == "DynamoDB.ConditionalCheckFailedException"


def test_a_number_where_text_belongs_stops_the_task(tasks: Tasks) -> None:
    given = {"TableName": "orders", "Key": {"id": {"N": 1}}}
    failed = tasks.failure("dynamodb:getItem", given)
    assert failed.error == "States.Runtime"
    assert failed.cause.endswith("[The value for the field 'N' must be a STRING]")


def test_a_plain_text_is_an_attribute_value_and_a_word_a_boolean(
    fogline: Account, tasks: Tasks
) -> None:
    make_table(fogline)
    item = {"id": "1", "note": "new", "is_paid": {"BOOL": "false"}}
    tasks.perform("dynamodb:putItem", {"TableName": "orders", "Item": item})
    found = tasks.perform("dynamodb:getItem", {"TableName": "orders", "Key": {"id": "1"}})
    assert found["Item"] == {"id": {"S": "1"}, "note": {"S": "new"}, "is_paid": {"BOOL": False}}
