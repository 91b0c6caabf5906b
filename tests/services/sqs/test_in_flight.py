"""How many messages may be in flight: at the limit a short poll is refused, a long one waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fogline.aws.call import Call, Wait, call_of_account, root_trace
from fogline.services.sqs.errors import OverLimit
from fogline.services.sqs.operations import messages, queues
from fogline.services.sqs.service import Sqs

NOW = 1_767_225_600_000


def call_at(now: int) -> Call:
    trace = root_trace("0" * 24, "0" * 16, now)
    return call_of_account("000000000000", "us-east-1", "request", now, trace)


class Queue:
    """A queue with five messages and room for three in flight."""

    def __init__(self, sqs: Sqs, name: str) -> None:
        self.sqs, self.url = sqs, name
        fifo: Any = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
        queues.create_queue(sqs, call_at(NOW), {"QueueName": name, "Attributes": fifo})
        for number in range(5):
            ids: Any = (
                {"MessageGroupId": str(number), "MessageDeduplicationId": str(number)}
                if fifo
                else {}
            )
            request = {"QueueUrl": name, "MessageBody": str(number), **ids}
            messages.send_message(sqs, call_at(NOW), request)

    def receive(self, now: int = NOW, **wishes: Any) -> Any:
        wishes.setdefault("MaxNumberOfMessages", 2)
        return messages.receive_message(self.sqs, call_at(now), {"QueueUrl": self.url, **wishes})


@pytest.fixture(params=["standard", "ordered.fifo"])
def queue(request: pytest.FixtureRequest, make_bare: Callable[..., Sqs]) -> Queue:
    return Queue(make_bare(in_flight_max=3, fifo_in_flight_max=3), request.param)


def count(answer: Any) -> int:
    return len(answer["Messages"])


def test_no_more_are_handed_out_than_may_be_in_flight(queue: Queue) -> None:
    assert [count(queue.receive()), count(queue.receive())] == [2, 1]


def test_a_short_poll_at_the_limit_is_refused_and_a_long_one_waits(queue: Queue) -> None:
    queue.receive(MaxNumberOfMessages=3)
    with pytest.raises(OverLimit):
        queue.receive()
    assert isinstance(queue.receive(WaitTimeSeconds=5), Wait)


def test_what_is_deleted_or_visible_again_makes_room(queue: Queue) -> None:
    got = queue.receive(MaxNumberOfMessages=3)["Messages"]
    handle = got[0]["ReceiptHandle"]
    messages.delete_message(
        queue.sqs, call_at(NOW), {"QueueUrl": queue.url, "ReceiptHandle": handle}
    )
    assert count(queue.receive()) == 1
    assert count(queue.receive(NOW + 30_000, MaxNumberOfMessages=10)) == 3
