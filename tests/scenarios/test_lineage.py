"""What caused what: one request, and all that follows from it, is one chain."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from tests.scenarios.conftest import make_function, make_table

from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account

ROOT = "1-67891233-abcdef012345678912345678"
CONSUMER = """import os
import boto3
dynamodb = boto3.client("dynamodb")
def handler(event, context):
    for record in event.get("Records", [{"body": "invoked"}]):
        if record["body"] == "bad":
            raise ValueError("told to")
        item = {"pk": {"S": record["body"]}, "trace": {"S": os.environ["_X_AMZN_TRACE_ID"]}}
        dynamodb.put_item(TableName="done", Item=item)
"""


def chain(platform: LocalPlatform, trace_id: str) -> list[dict[str, Any]]:
    """All that is recorded of a trace, oldest first."""
    platform.settle()
    request = urllib.request.Request(
        f"{platform.endpoint}/_fogline/lineage", json.dumps({"trace_id": trace_id}).encode()
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        events: list[dict[str, Any]] = json.load(answer)["events"]
    return events


def links(events: list[dict[str, Any]]) -> set[tuple[str, str, str]]:
    """Each event: its kind, its name, and the name of what caused it."""
    names = {event["id"]: event["name"] for event in events}
    return {(event["kind"], event["name"], names.get(event["parent_id"], "")) for event in events}


@pytest.fixture
def queue(fogline: Account) -> Iterator[str]:
    """A queue that feeds a function that puts items."""
    attributes = {"VisibilityTimeout": "30"}
    url: str = fogline.client("sqs").create_queue(QueueName="jobs", Attributes=attributes)[
        "QueueUrl"
    ]
    make_table(fogline.client("dynamodb"), "done")
    make_function(fogline.client("lambda"), "consumer", CONSUMER)
    fogline.platform.settle()
    fogline.client("lambda").create_event_source_mapping(
        FunctionName="consumer", EventSourceArn=f"arn:aws:sqs:us-east-1:{fogline.id}:jobs"
    )
    fogline.platform.settle()
    yield url
    # Else a message that always fails would be tried twice a minute, in whatever other tests do with time.
    fogline.client("sqs").delete_queue(QueueUrl=url)


def client_with_header(fogline: Account, service: str, header: str) -> Any:
    """A client that is itself part of a chain, as traced code is."""

    def add(request: Any, **_: Any) -> None:
        request.headers["X-Amzn-Trace-Id"] = header

    client = fogline.client(service)
    client.meta.events.register("before-sign", add)
    return client


def trace_of_item(fogline: Account, key: str) -> str:
    """The trace that the function saw when it put the item."""
    item = fogline.client("dynamodb").get_item(TableName="done", Key={"pk": {"S": key}})["Item"]
    root: str = item["trace"]["S"].partition("Root=")[2].partition(";")[0]
    return root


FROM_MESSAGE_TO_ITEM = {
    ("request", "sqs:SendMessage", ""),
    ("invocation", "consumer:$LATEST", "sqs:SendMessage"),
    ("request", "dynamodb:PutItem", "consumer:$LATEST"),
}


def test_a_message_its_function_and_its_item_are_one_chain(
    fogline: Account, fogline_platform: LocalPlatform, queue: str
) -> None:
    fogline.client("sqs").send_message(QueueUrl=queue, MessageBody="a")
    fogline_platform.settle()
    assert links(chain(fogline_platform, trace_of_item(fogline, "a"))) == FROM_MESSAGE_TO_ITEM


def test_a_chain_that_began_elsewhere_goes_on_here(
    fogline: Account, fogline_platform: LocalPlatform, queue: str
) -> None:
    sqs = client_with_header(fogline, "sqs", f"Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=1")
    sqs.send_message(QueueUrl=queue, MessageBody="a")
    fogline_platform.settle()
    assert trace_of_item(fogline, "a") == ROOT
    events = chain(fogline_platform, ROOT)
    assert links(events) == FROM_MESSAGE_TO_ITEM
    [sent] = [event for event in events if event["name"] == "sqs:SendMessage"]
    assert sent["parent_id"] == "53995c3f42cd8ad8"


def test_every_try_of_a_message_belongs_to_its_chain(
    fogline: Account, fogline_platform: LocalPlatform, queue: str
) -> None:
    root = ROOT.replace("1-6", "1-7")
    sqs = client_with_header(fogline, "sqs", f"Root={root}")
    sqs.send_message(QueueUrl=queue, MessageBody="bad")
    fogline_platform.advance(seconds=61)
    tries = [event for event in chain(fogline_platform, root) if event["kind"] == "invocation"]
    assert [event["outcome"] for event in tries] == ["Unhandled"] * 3
    assert len({event["parent_id"] for event in tries}) == 1


def test_an_event_handed_to_a_function_is_delivered_in_its_chain(
    fogline: Account, fogline_platform: LocalPlatform, queue: str
) -> None:
    fogline.client("lambda").invoke(FunctionName="consumer", InvocationType="Event")
    fogline_platform.settle()
    found = links(chain(fogline_platform, trace_of_item(fogline, "invoked")))
    assert ("request", "lambda:Invoke", "") in found
    assert ("request", "dynamodb:PutItem", "consumer:$LATEST") in found
    assert not [each for each in found if each[2] == "" and each[1] != "lambda:Invoke"]


def test_messages_tell_a_trace_only_when_their_sender_had_one(fogline: Account) -> None:
    sqs = fogline.client("sqs")
    url = sqs.create_queue(QueueName="plain")["QueueUrl"]
    header = f"Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=1"
    sqs.send_message(QueueUrl=url, MessageBody="untraced")
    client_with_header(fogline, "sqs", header).send_message(QueueUrl=url, MessageBody="traced")
    received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"])
    traced = {each["Body"]: "AWSTraceHeader" in each["Attributes"] for each in received["Messages"]}
    assert traced == {"untraced": False, "traced": True}
