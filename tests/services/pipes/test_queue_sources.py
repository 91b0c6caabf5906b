"""Pipes from queues: what is read, filtered and removed, and what comes back when it fails."""

from __future__ import annotations

import json
from typing import Any

from tests.services.pipes.conftest import MakeFunction, MakePipe, MakeQueue, Queue

from fogline.testing.plugin import Account

# Prints the bodies it is given, one line for each batch, and does what a body tells.
WORKER = """import json
def handler(event, context):
    bodies = [record["body"] for record in event]
    print("batch", " ".join(sorted(bodies)))
    if "fail" in bodies:
        raise ValueError("told to")
    failures = [{"itemIdentifier": record["messageId"]} for record in event
                if record["body"].startswith("bad")]
    return {"batchItemFailures": failures}
"""


def batches(fogline: Account, name: str = "worker") -> list[str]:
    fogline.platform.settle()
    logs = fogline.client("logs")
    if not logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}")["logGroups"]:
        return []
    found = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}", filterPattern="batch")
    return [event["message"].strip().removeprefix("batch ") for event in found["events"]]


def test_a_message_goes_from_queue_to_queue_as_the_event_it_is(
    make_pipe: MakePipe, source: Queue, target: Queue
) -> None:
    make_pipe()
    source.send("hello", MessageAttributes={"n": {"DataType": "Number", "StringValue": "6"}})
    [event] = target.bodies()
    assert (event["body"], event["eventSource"]) == ("hello", "aws:sqs")
    assert event["eventSourceARN"] == source.arn
    assert event["messageAttributes"]["n"]["stringValue"] == "6"
    assert source.counts() == (0, 0)


def test_messages_from_before_the_pipe_are_read_too(
    make_pipe: MakePipe, source: Queue, target: Queue
) -> None:
    source.send("early")
    make_pipe()
    assert [event["body"] for event in target.bodies()] == ["early"]


def test_a_filter_removes_what_it_does_not_let_through(
    make_pipe: MakePipe, source: Queue, target: Queue
) -> None:
    make_pipe(
        SourceParameters={
            "FilterCriteria": {"Filters": [{"Pattern": '{"body": {"kind": ["order"]}}'}]}
        }
    )
    source.send({"kind": "order", "n": 1}, {"kind": "noise"}, "text")
    assert [json.loads(event["body"])["n"] for event in target.bodies()] == [1]
    assert source.counts() == (0, 0)


def test_a_window_gathers_messages_until_it_ends(
    fogline: Account, make_pipe: MakePipe, make_function: MakeFunction, source: Queue
) -> None:
    make_pipe(
        Target=make_function("worker", WORKER),
        SourceParameters={
            "SqsQueueParameters": {"BatchSize": 100, "MaximumBatchingWindowInSeconds": 20}
        },
    )
    source.send("a")
    fogline.platform.advance(seconds=10)
    source.send("b")
    fogline.platform.advance(seconds=9)
    assert batches(fogline) == []
    fogline.platform.advance(seconds=1)
    assert batches(fogline) == ["a b"]


def test_a_function_that_fails_gets_its_messages_again_after_the_visibility_timeout(
    fogline: Account, make_pipe: MakePipe, make_function: MakeFunction, source: Queue
) -> None:
    make_pipe(Target=make_function("worker", WORKER))
    source.send("fail")
    assert batches(fogline) == ["fail"]
    assert source.counts() == (0, 1)
    fogline.platform.advance(seconds=30)
    assert batches(fogline) == ["fail", "fail"]


def test_only_the_items_that_a_function_reports_come_back(
    fogline: Account, make_pipe: MakePipe, make_function: MakeFunction, source: Queue
) -> None:
    source.send_together("good", "bad")
    make_pipe(Target=make_function("worker", WORKER))
    assert batches(fogline) == ["bad good"]
    assert source.counts() == (0, 1)
    fogline.platform.advance(seconds=30)
    assert batches(fogline)[-1] == "bad"


def test_what_fails_too_often_goes_where_the_queue_says(
    fogline: Account, make_pipe: MakePipe, make_function: MakeFunction, make_queue: MakeQueue
) -> None:
    letters = make_queue("letters")
    redrive = json.dumps({"deadLetterTargetArn": letters.arn, "maxReceiveCount": 2})
    source = make_queue("fragile", RedrivePolicy=redrive)
    make_pipe(Source=source.arn, Target=make_function("worker", WORKER))
    source.send("fail")
    fogline.platform.advance(seconds=61)
    assert letters.bodies() == ["fail"]
    assert source.counts() == (0, 0)


def test_a_target_that_is_not_there_leaves_messages_in_their_queue(
    fogline: Account, make_pipe: MakePipe, make_queue: MakeQueue, source: Queue
) -> None:
    make_pipe(Target=f"arn:aws:sqs:us-east-1:{fogline.id}:later")
    source.send("patient")
    assert source.counts() == (0, 1)
    later = make_queue("later")
    fogline.platform.advance(seconds=30)
    assert [event["body"] for event in later.bodies()] == ["patient"]


def test_a_queue_that_comes_later_is_read(
    fogline: Account, make_pipe: MakePipe, make_queue: MakeQueue, target: Queue
) -> None:
    make_pipe(Source=f"arn:aws:sqs:us-east-1:{fogline.id}:later")
    make_queue("later").send("hello")
    assert [event["body"] for event in target.bodies()] == ["hello"]


def test_a_fifo_queue_is_read_in_the_order_of_its_groups(
    make_pipe: MakePipe, make_queue: MakeQueue, target: Queue
) -> None:
    source = make_queue("in.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    make_pipe(Source=source.arn)
    for at in range(25):
        source.send(f"m{at:02d}", MessageGroupId="g")
    assert sorted(event["body"] for event in target.bodies()) == [f"m{at:02d}" for at in range(25)]


def test_the_order_of_a_group_is_kept_from_fifo_to_fifo(
    make_pipe: MakePipe, make_queue: MakeQueue
) -> None:
    source = make_queue("in.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    target = make_queue("out.fifo", FifoQueue="true")
    for at in range(25):
        source.send(f"m{at:02d}", MessageGroupId="g")
    make_pipe(
        Source=source.arn,
        Target=target.arn,
        TargetParameters={
            "SqsQueueParameters": {
                "MessageGroupId": "$.attributes.MessageGroupId",
                "MessageDeduplicationId": "$.messageId",
            },
            "InputTemplate": "<$.body>",
        },
    )
    found = target.messages()
    assert [message["Body"] for message in found] == [f"m{at:02d}" for at in range(25)]
    assert {message["Attributes"]["MessageGroupId"] for message in found} == {"g"}


def test_nothing_of_a_group_overtakes_a_message_that_its_target_did_not_take(
    fogline: Account, client: Any, make_pipe: MakePipe, make_queue: MakeQueue, role: str
) -> None:
    source = make_queue("in.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    target = make_queue("out.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    parameters = {
        "SqsQueueParameters": {"MessageGroupId": "g"},
        "InputTemplate": '{"said": "<$.body>"}',
    }
    source.send("a", 'with "quotes"', "c", MessageGroupId="g")
    make_pipe(Source=source.arn, Target=target.arn, TargetParameters=parameters)
    assert target.bodies() == [{"said": "a"}]
    client.update_pipe(
        Name="pipe", RoleArn=role, TargetParameters={**parameters, "InputTemplate": "<$.body>"}
    )
    fogline.platform.advance(seconds=30)
    assert target.bodies() == ['with "quotes"', "c"]
