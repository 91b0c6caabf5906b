"""What a queue holds, remembers and has begun outlives the server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fogline.config import read_config
from fogline.testing.platform import LocalPlatform

FIFO = {"FifoQueue": "true"}


def start(folder: Path) -> LocalPlatform:
    """A server with a clock of its own that begins anew: all happens within the same minutes."""
    return LocalPlatform(read_config({}, port=0, data=folder, clock="manual"))


def send(sqs: Any, body: str, group: str = "g") -> dict[str, Any]:
    return dict(
        sqs.send_message(
            QueueUrl="q.fifo", MessageBody=body, MessageGroupId=group, MessageDeduplicationId=body
        )
    )


def receive(sqs: Any, queue: str, **wishes: Any) -> list[str]:
    got = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, **wishes)
    return [message["Body"] for message in got.get("Messages", [])]


def test_locks_and_duplicates_outlive_a_restart(tmp_path: Path) -> None:
    with start(tmp_path) as platform:
        sqs = platform.client("sqs")
        sqs.create_queue(QueueName="q.fifo", Attributes=FIFO)
        first = send(sqs, "1")
        send(sqs, "2")
        send(sqs, "3", "other")
        assert receive(sqs, "q.fifo", VisibilityTimeout=60)[:2] == ["1", "2"]
    with start(tmp_path) as platform:
        sqs = platform.client("sqs")
        assert send(sqs, "1")["MessageId"] == first["MessageId"]
        send(sqs, "4")
        assert receive(sqs, "q.fifo") == []
        platform.advance(seconds=60)
        assert receive(sqs, "q.fifo")[:3] == ["1", "2", "4"]


def test_a_move_task_goes_on_after_a_restart(tmp_path: Path) -> None:
    dead = "arn:aws:sqs:us-east-1:000000000000:dead"
    with start(tmp_path) as platform:
        sqs = platform.client("sqs")
        sqs.create_queue(QueueName="dead")
        policy = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 1})
        sqs.create_queue(QueueName="live", Attributes={"RedrivePolicy": policy})
        for number in range(4):
            sqs.send_message(QueueUrl="live", MessageBody=str(number))
        for _ in range(2):
            receive(sqs, "live", VisibilityTimeout=0)
        sqs.start_message_move_task(SourceArn=dead, MaxNumberOfMessagesPerSecond=1)
        platform.settle()
        assert len(receive(sqs, "live", VisibilityTimeout=0)) == 1
    with start(tmp_path) as platform:
        sqs = platform.client("sqs")
        platform.advance(seconds=5)
        (task,) = sqs.list_message_move_tasks(SourceArn=dead)["Results"]
        assert (task["Status"], task["ApproximateNumberOfMessagesMoved"]) == ("COMPLETED", 4)
        assert receive(sqs, "dead") == []


def test_order_outlives_a_clock_that_is_set_back(tmp_path: Path) -> None:
    with start(tmp_path) as platform:
        sqs = platform.client("sqs")
        sqs.create_queue(QueueName="q.fifo", Attributes=FIFO)
        platform.advance(hours=1)
        for body, group in (("a1", "a"), ("b1", "b"), ("a2", "a"), ("b2", "b")):
            send(sqs, body, group)
    with start(tmp_path) as platform:
        sqs = platform.client("sqs")
        numbers = [
            send(sqs, body, group)["SequenceNumber"]
            for body, group in (("a3", "a"), ("b3", "b"), ("a4", "a"), ("b4", "b"))
        ]
        assert numbers == sorted(set(numbers))
        platform.advance(hours=1)
        got = receive(sqs, "q.fifo")
        assert [body for body in got if body[0] == "a"] == ["a1", "a2", "a3", "a4"]
        assert [body for body in got if body[0] == "b"] == ["b1", "b2", "b3", "b4"]
