"""What CloudWatch tells of functions."""

from __future__ import annotations

import http.client
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.services.lambda_.conftest import MakeFunction
from tests.services.numbers import Numbers

from fogline.testing.plugin import Account

FAILING = "def handler(event, context):\n    raise ValueError('no')\n"


@pytest.fixture
def numbers(fogline: Account) -> Numbers:
    return Numbers(fogline, "AWS/Lambda")


def test_invocations_are_counted_by_function_and_in_the_whole_account(
    client: Any, make_function: MakeFunction, numbers: Numbers
) -> None:
    make_function("echo")
    make_function("other")

    client.invoke(FunctionName="echo")
    client.invoke(FunctionName="echo")
    client.invoke(FunctionName="other")

    assert numbers.data("Invocations", FunctionName="echo") == [2]
    assert numbers.sum("Invocations", FunctionName="echo", Resource="echo") == 2
    assert numbers.sum("Invocations") == 3
    duration = numbers.of("Duration", FunctionName="echo")
    assert (duration["SampleCount"], duration["Unit"]) == (2, "Milliseconds")
    assert numbers.of("ConcurrentExecutions", FunctionName="echo")["Maximum"] == 1
    assert {"FunctionName": "echo"} in numbers.dimensions("ConcurrentExecutions")
    assert numbers.of("ConcurrentExecutions")["Maximum"] == 1
    assert numbers.of("UnreservedConcurrentExecutions")["Maximum"] == 1


def test_errors_of_a_function_are_invocations_too(
    client: Any, make_function: MakeFunction, numbers: Numbers
) -> None:
    make_function("fail", FAILING)

    client.invoke(FunctionName="fail")

    assert numbers.sum("Invocations", FunctionName="fail") == 1
    assert numbers.sum("Errors", FunctionName="fail") == 1
    assert numbers.sum("Throttles", FunctionName="fail") == 0


def test_throttled_requests_are_no_invocations(
    client: Any, make_function: MakeFunction, numbers: Numbers
) -> None:
    make_function("echo")
    client.put_function_concurrency(FunctionName="echo", ReservedConcurrentExecutions=0)

    with pytest.raises(client.exceptions.TooManyRequestsException):
        client.invoke(FunctionName="echo")

    assert numbers.sum("Throttles", FunctionName="echo") == 2  # boto3 has asked again
    assert numbers.sum("Invocations", FunctionName="echo") is None


def test_an_alias_tells_which_version_ran(
    client: Any, make_function: MakeFunction, numbers: Numbers
) -> None:
    make_function("echo")
    version = client.publish_version(FunctionName="echo")["Version"]
    client.create_alias(FunctionName="echo", Name="live", FunctionVersion=version)

    client.invoke(FunctionName="echo", Qualifier="live")

    live = {"FunctionName": "echo", "Resource": "echo:live"}
    assert numbers.sum("Invocations", **live) == 1
    assert numbers.sum("Invocations", ExecutedVersion=version, **live) == 1
    assert numbers.sum("Invocations", FunctionName="echo") == 1


def test_an_event_that_fails_for_good_was_received_grows_old_and_is_dropped(
    client: Any, fogline: Account, make_function: MakeFunction, numbers: Numbers
) -> None:
    queue = fogline.client("sqs").create_queue(QueueName="dead")["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{fogline.id}:dead"
    make_function("fail", FAILING, DeadLetterConfig={"TargetArn": arn})
    fogline.client("sqs").delete_queue(QueueUrl=queue)

    client.invoke(FunctionName="fail", InvocationType="Event")
    fogline.platform.settle()
    fogline.platform.advance(seconds=400)

    assert numbers.sum("AsyncEventsReceived", FunctionName="fail") == 1
    age = numbers.of("AsyncEventAge", FunctionName="fail")
    assert (age["SampleCount"], age["Maximum"] >= 180_000) == (3, True)
    assert numbers.sum("AsyncEventsDropped", FunctionName="fail") == 1
    assert numbers.sum("DeadLetterErrors", FunctionName="fail") == 1
    assert numbers.sum("Errors", FunctionName="fail") == 3


def test_a_destination_that_is_gone_is_told(
    client: Any, fogline: Account, make_function: MakeFunction, numbers: Numbers
) -> None:
    queue = fogline.client("sqs").create_queue(QueueName="gone")["QueueUrl"]
    make_function("echo")
    arn = f"arn:aws:sqs:us-east-1:{fogline.id}:gone"
    client.put_function_event_invoke_config(
        FunctionName="echo", DestinationConfig={"OnSuccess": {"Destination": arn}}
    )
    fogline.client("sqs").delete_queue(QueueUrl=queue)

    client.invoke(FunctionName="echo", InvocationType="Event")
    fogline.platform.settle()

    assert numbers.sum("DestinationDeliveryFailures", FunctionName="echo") == 1
    assert numbers.sum("AsyncEventsDropped", FunctionName="echo") is None


def test_readers_of_streams_tell_how_old_the_last_record_is(
    client: Any, fogline: Account, make_function: MakeFunction, numbers: Numbers
) -> None:
    dynamodb = fogline.client("dynamodb")
    key = {"AttributeName": "id"}
    table = dynamodb.create_table(
        TableName="orders",
        KeySchema=[{**key, "KeyType": "HASH"}],
        AttributeDefinitions=[{**key, "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    )["TableDescription"]
    make_function("echo")
    client.create_event_source_mapping(
        FunctionName="echo",
        EventSourceArn=table["LatestStreamArn"],
        StartingPosition="TRIM_HORIZON",
        MaximumBatchingWindowInSeconds=10,
    )
    fogline.platform.settle()

    dynamodb.put_item(TableName="orders", Item={"id": {"S": "1"}})
    fogline.platform.advance(seconds=11)

    assert numbers.of("IteratorAge", FunctionName="echo")["Maximum"] == 10_000


def test_requests_to_a_function_url_are_counted(
    client: Any, fogline: Account, make_function: MakeFunction, numbers: Numbers
) -> None:
    make_function("web", "def handler(event, context):\n    return int(event['rawPath'][1:])\n")
    url = client.create_function_url_config(FunctionName="web", AuthType="NONE")["FunctionUrl"]
    port = urlsplit(fogline.platform.endpoint).port

    for path in ("/7", "/x"):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("GET", path, headers={"Host": urlsplit(url).netloc})
        connection.getresponse().read()
        connection.close()

    assert numbers.sum("UrlRequestCount", FunctionName="web") == 2
    assert numbers.sum("Url5xxCount", FunctionName="web") == 1
    assert numbers.sum("Url4xxCount", FunctionName="web") == 0
    assert numbers.of("UrlRequestLatency", FunctionName="web")["SampleCount"] == 2
    assert numbers.sum("Invocations", FunctionName="web") == 2
