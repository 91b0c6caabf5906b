"""Event source mappings for FIFO queues: one batch of a group at a time, in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.services.lambda_.conftest import MakeFunction

from fogline.testing.plugin import Account

# Prints the bodies it is given, one line for each batch, and does what a body tells.
WORKER = """def handler(event, context):
    bodies = [record["body"] for record in event["Records"]]
    print("batch", " ".join(bodies))
    if "fail" in bodies:
        raise ValueError("told to")
    failures = []
    for record in event["Records"]:
        if failures or record["body"].startswith("bad"):
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
"""
NAMED = """def handler(event, context):
    names = ("MessageGroupId", "MessageDeduplicationId")
    (record,) = event["Records"]
    print("batch", *(record["attributes"][name] for name in names), record["attributes"]["SequenceNumber"])
"""

MakeMapping = Callable[..., dict[str, Any]]
Send = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def sqs(fogline: Account) -> Any:
    return fogline.client("sqs")


@pytest.fixture
def queue(sqs: Any) -> str:
    attributes = {"FifoQueue": "true"}
    return str(sqs.create_queue(QueueName="jobs.fifo", Attributes=attributes)["QueueUrl"])


@pytest.fixture
def send(sqs: Any, queue: str) -> Send:
    """Send `group:body` texts in one batch, so that no consumer comes in between."""

    def send(*texts: str) -> list[dict[str, Any]]:
        entries = []
        for at, text in enumerate(texts):
            group, body = text.split(":")
            ids = {"MessageGroupId": group, "MessageDeduplicationId": text}
            entries.append({"Id": str(at), "MessageBody": body, **ids})
        return list(sqs.send_message_batch(QueueUrl=queue, Entries=entries)["Successful"])

    return send


@pytest.fixture
def make_mapping(
    fogline: Account, make_function: MakeFunction, queue: str
) -> Callable[..., dict[str, Any]]:
    def make(code: str = WORKER, **options: Any) -> dict[str, Any]:
        make_function("worker", code)
        arn = f"arn:aws:sqs:us-east-1:{fogline.id}:jobs.fifo"
        made: dict[str, Any] = fogline.client("lambda").create_event_source_mapping(
            FunctionName="worker", EventSourceArn=arn, **options
        )
        fogline.platform.settle()
        return made

    return make


@pytest.fixture
def batches(fogline: Account) -> Callable[[], list[str]]:
    def read() -> list[str]:
        fogline.platform.settle()
        logs = fogline.client("logs")
        if not logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/worker")["logGroups"]:
            return []
        found = logs.filter_log_events(logGroupName="/aws/lambda/worker", filterPattern="batch")
        return [event["message"].strip().removeprefix("batch ") for event in found["events"]]

    return read


def test_a_batch_has_messages_of_one_group_in_order(
    send: Send, make_mapping: MakeMapping, batches: Any
) -> None:
    send("a:a1", "b:b1", "a:a2", "b:b2", "c:c1")
    make_mapping()
    assert sorted(batches()) == ["a1 a2", "b1 b2", "c1"]


def test_the_batches_of_a_group_follow_each_other(
    send: Send, make_mapping: MakeMapping, batches: Any
) -> None:
    make_mapping(BatchSize=1)
    send("a:1", "a:2", "a:3", "a:4", "a:5")
    assert batches() == ["1", "2", "3", "4", "5"]


def test_a_batch_that_fails_holds_back_its_group_only(
    fogline: Account, send: Send, make_mapping: MakeMapping, batches: Any
) -> None:
    make_mapping(BatchSize=2)
    send("a:fail", "a:a2", "a:a3", "b:b1")
    assert sorted(batches()) == ["b1", "fail a2"]
    send("b:b2")
    assert sorted(batches()) == ["b1", "b2", "fail a2"]
    fogline.platform.advance(seconds=30)
    assert sorted(batches()) == ["b1", "b2", "fail a2", "fail a2"]


def test_what_is_reported_comes_again_before_what_follows_it(
    fogline: Account, send: Send, make_mapping: MakeMapping, batches: Any
) -> None:
    make_mapping(BatchSize=3, FunctionResponseTypes=["ReportBatchItemFailures"])
    send("a:good", "a:bad", "a:after", "a:last")
    assert batches() == ["good bad after"]
    fogline.platform.advance(seconds=30)
    assert batches()[1:] == ["bad after last"]


def test_messages_that_no_filter_lets_through_free_their_group(
    send: Send, make_mapping: MakeMapping, batches: Any
) -> None:
    make_mapping(
        BatchSize=1, FilterCriteria={"Filters": [{"Pattern": '{"body": [{"prefix": "yes"}]}'}]}
    )
    send("a:no1", "a:no2", "a:yes1", "a:no3", "a:yes2")
    assert batches() == ["yes1", "yes2"]


def test_records_tell_group_deduplication_id_and_sequence_number(
    send: Send, make_mapping: MakeMapping, batches: Any
) -> None:
    make_mapping(NAMED)
    (sent,) = send("orders:x")
    assert batches() == [f"orders orders:x {sent['SequenceNumber']}"]
