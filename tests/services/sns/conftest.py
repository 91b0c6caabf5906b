"""A topic, queues that hear it, and short words for what the tests do most."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from fogline.testing.plugin import Account


@pytest.fixture
def sns(fogline: Account) -> Any:
    return fogline.client("sns")


@pytest.fixture
def sqs(fogline: Account) -> Any:
    return fogline.client("sqs")


@pytest.fixture
def make_topic(sns: Any) -> Callable[..., str]:
    def make(name: str = "topic", **attributes: object) -> str:
        given = {key: str(value) for key, value in attributes.items()}
        if name.endswith(".fifo"):
            given["FifoTopic"] = "true"
        return str(sns.create_topic(Name=name, Attributes=given)["TopicArn"])

    return make


@pytest.fixture
def topic(make_topic: Callable[..., str]) -> str:
    return make_topic()


class Listener:
    """A queue that is subscribed to a topic."""

    def __init__(
        self, sns: Any, sqs: Any, topic: str, name: str, attributes: dict[str, str]
    ) -> None:
        self._sqs = sqs
        is_fifo = name.endswith(".fifo")
        settings = {"FifoQueue": "true"} if is_fifo else {}
        self.url = sqs.create_queue(QueueName=name, Attributes=settings)["QueueUrl"]
        found = sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])
        self.arn = str(found["Attributes"]["QueueArn"])
        self.subscription = str(
            sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=self.arn, Attributes=attributes)[
                "SubscriptionArn"
            ]
        )

    def hear(self) -> list[dict[str, Any]]:
        """The messages that came since the last time."""
        heard: list[dict[str, Any]] = []
        while True:
            page = self._sqs.receive_message(
                QueueUrl=self.url,
                MaxNumberOfMessages=10,
                MessageAttributeNames=["All"],
                AttributeNames=["All"],
            ).get("Messages", [])
            if not page:
                return heard
            for message in page:
                self._sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
            heard += page

    def bodies(self) -> list[str]:
        return [message["Body"] for message in self.hear()]

    def messages(self) -> list[str]:
        """What was said in the envelopes."""
        return [json.loads(body)["Message"] for body in self.bodies()]


@pytest.fixture
def listen(sns: Any, sqs: Any) -> Callable[..., Listener]:
    def listen(topic: str, name: str = "queue", **attributes: Any) -> Listener:
        given = {
            key: value if isinstance(value, str) else json.dumps(value)
            for key, value in attributes.items()
        }
        return Listener(sns, sqs, topic, name, given)

    return listen


@pytest.fixture
def refusal() -> Callable[..., str]:
    """Call what is refused; its code and text."""
    from botocore.exceptions import ClientError

    def refused(call: Callable[..., Any], **request: Any) -> str:
        with pytest.raises(ClientError) as error:
            call(**request)
        told = error.value.response["Error"]
        return f"{told['Code']}: {told['Message']}"

    return refused
