"""Queues as targets: what other services send, in their own transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fogline.aws.arn import find_arn
from fogline.aws.call import call_of_account, root_trace
from fogline.ports.targets import Sending, TargetUnavailable
from fogline.services.sqs.operations import queues
from fogline.services.sqs.service import Sqs
from fogline.services.sqs.source import QueueReader
from fogline.services.sqs.target import QueueTarget

NOW = 1_767_225_600_000
TRACE = root_trace("0" * 24, "0" * 16, NOW)
ACCOUNT, REGION = "000000000000", "us-east-1"

Site = tuple[Callable[..., None], Callable[[], list[str]]]


@pytest.fixture
def make_site(make_bare: Callable[..., Sqs]) -> Callable[..., Site]:
    """A queue: what sends to it as another service would, and what tells the bodies it holds."""

    def make(name: str, **attributes: str) -> Site:
        sqs = make_bare()
        call = call_of_account(ACCOUNT, REGION, "request", NOW, TRACE)
        queues.create_queue(sqs, call, {"QueueName": name, "Attributes": attributes})  # type: ignore[typeddict-item]
        arn = find_arn(f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}")
        assert arn is not None
        target, reader = QueueTarget(sqs), QueueReader(sqs)

        def send(payload: str, **facts: Any) -> None:
            with sqs.store.write() as tx:
                target.send(tx, arn, Sending(str(arn), payload, TRACE, NOW, facts=facts))

        def bodies() -> list[str]:
            with sqs.store.read() as tx:
                return [each.body for each in reader.peek(tx, arn, NOW, 0, 100) or ()]

        return send, bodies

    return make


def test_a_fifo_queue_takes_its_ids_from_the_facts(make_site: Callable[..., Site]) -> None:
    send, bodies = make_site("q.fifo", FifoQueue="true")
    send("one", MessageGroupId="g", MessageDeduplicationId="1")
    send("two", MessageGroupId="g", MessageDeduplicationId="2")
    assert bodies() == ["one", "two"]


def test_a_duplicate_is_taken_silently(make_site: Callable[..., Site]) -> None:
    send, bodies = make_site("q.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    for _ in range(2):
        send("one", MessageGroupId="g")
    assert bodies() == ["one"]


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("q.fifo", {"MessageDeduplicationId": "1"}),
        ("q.fifo", {"MessageGroupId": "g"}),
        ("q.fifo", {"MessageGroupId": "not allowed", "MessageDeduplicationId": "1"}),
        ("q", {"MessageDeduplicationId": "1"}),
    ],
)
def test_what_a_queue_refuses_is_unavailable_for_a_reason(
    make_site: Callable[..., Site], name: str, facts: dict[str, str]
) -> None:
    fifo = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
    send, bodies = make_site(name, **fifo)
    with pytest.raises(TargetUnavailable) as error:
        send("x", **facts)
    assert error.value.code == "INVALID_PARAMETER"
    assert bodies() == []


def test_a_message_that_is_too_large_is_unavailable_for_a_reason(
    make_site: Callable[..., Site],
) -> None:
    send, _ = make_site("q", MaximumMessageSize="1024")
    send("x" * 1024)
    with pytest.raises(TargetUnavailable) as error:
        send("x" * 1025)
    assert error.value.code == "INVALID_PARAMETER"
