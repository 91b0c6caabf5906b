"""Fair queues: a busy group of a standard queue does not keep the others waiting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

Receive = Callable[..., list[dict[str, Any]]]
Send = Callable[..., None]


@pytest.fixture
def send(sqs: Any, queue: str) -> Send:
    def send(group: str, count: int) -> None:
        ids = {"MessageGroupId": group} if group else {}
        for start in range(0, count, 10):
            entries = [
                {"Id": str(number), "MessageBody": group or "none", **ids}
                for number in range(min(10, count - start))
            ]
            sqs.send_message_batch(QueueUrl=queue, Entries=entries)

    return send


def groups(messages: list[dict[str, Any]]) -> Counter[str]:
    return Counter(message["Body"] for message in messages)


def test_quiet_groups_come_before_the_backlog_of_a_noisy_one(
    send: Send, queue: str, receive: Receive
) -> None:
    send("noisy", 60)
    assert groups(receive(queue)) == {"noisy": 10}
    for group in ("a", "b", "c"):
        send(group, 2)
    assert groups(receive(queue)) == {"a": 2, "b": 2, "c": 2, "noisy": 4}


def test_quiet_groups_take_turns(send: Send, queue: str, receive: Receive) -> None:
    send("noisy", 60)
    receive(queue)
    for group in ("a", "b", "c"):
        send(group, 2)
    taken = [receive(queue, MaxNumberOfMessages=1)[0]["Body"] for _ in range(6)]
    assert taken == ["a", "b", "c", "a", "b", "c"]


def test_a_noisy_group_alone_gets_all(send: Send, queue: str, receive: Receive) -> None:
    send("noisy", 40)
    for _ in range(4):
        assert groups(receive(queue)) == {"noisy": 10}
    assert receive(queue) == []


def test_messages_without_a_group_are_quiet(send: Send, queue: str, receive: Receive) -> None:
    send("noisy", 12)
    receive(queue)
    send("", 1)
    assert [message["Body"] for message in receive(queue)] == ["none", "noisy", "noisy"]


def test_while_nobody_is_noisy_the_oldest_come_first(
    send: Send, queue: str, receive: Receive
) -> None:
    send("a", 5)
    send("b", 5)
    send("c", 5)
    assert groups(receive(queue)) == {"a": 5, "b": 5}
