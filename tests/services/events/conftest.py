"""A bus, queues to send to, and short words for what the tests do most."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from fogline.testing.plugin import Account


class Queue(NamedTuple):
    """A queue, and what has arrived in it."""

    sqs: Any
    url: str
    arn: str

    def messages(self) -> list[dict[str, Any]]:
        """The messages that can be seen, which are then gone."""
        found: list[dict[str, Any]] = []
        while True:
            page = self.sqs.receive_message(
                QueueUrl=self.url, MaxNumberOfMessages=10, MessageAttributeNames=["All"],
                AttributeNames=["All"],
            ).get("Messages", [])  # fmt: skip
            if not page:
                return found
            for message in page:
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
            found += page

    def bodies(self) -> list[str]:
        return [message["Body"] for message in self.messages()]

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in self.bodies()]


MakeQueue = Callable[..., Queue]
PutRule = Callable[..., str]
Put = Callable[..., Any]


@pytest.fixture
def events(fogline: Account) -> Any:
    return fogline.client("events")


@pytest.fixture
def make_queue(fogline: Account) -> MakeQueue:
    def make(name: str = "queue", region: str = "us-east-1", **attributes: str) -> Queue:
        sqs = fogline.client("sqs", region)
        url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        return Queue(sqs, url, f"arn:aws:sqs:{region}:{fogline.id}:{name}")

    return make


@pytest.fixture
def queue(make_queue: MakeQueue) -> Queue:
    return make_queue()


@pytest.fixture
def put_rule(events: Any) -> PutRule:
    """Make a rule for a source (or another pattern) with targets; the ARN of the rule."""

    def put(
        *targets: Any,
        name: str = "rule",
        bus: str = "default",
        pattern: Any = None,
        **settings: Any,
    ) -> str:
        rule = events.put_rule(
            Name=name,
            EventBusName=bus,
            EventPattern=json.dumps(pattern or {"source": ["shop"]}),
            **settings,
        )
        written = [
            target if isinstance(target, dict) else {"Id": f"target-{at}", "Arn": target.arn}
            for at, target in enumerate(targets)
        ]
        if written:
            events.put_targets(Rule=name, EventBusName=bus, Targets=written)
        return str(rule["RuleArn"])

    return put


@pytest.fixture
def put(events: Any) -> Put:
    """Put one event; the answer for its entry."""

    def put(detail: Any = None, *, bus: str = "default", **entry: Any) -> Any:
        given = {
            "Source": "shop",
            "DetailType": "Order Placed",
            "Detail": json.dumps({"id": 1} if detail is None else detail),
            "EventBusName": bus,
            **entry,
        }
        return events.put_events(
            Entries=[{name: value for name, value in given.items() if value is not None}]
        )["Entries"][0]

    return put
