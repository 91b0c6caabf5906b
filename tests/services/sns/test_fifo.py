"""FIFO topics, as clients see them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from fogline.testing.platform import LocalPlatform

Listen = Callable[..., Any]
MakeTopic = Callable[..., str]
Refusal = Callable[..., str]


@pytest.fixture
def fifo(make_topic: MakeTopic) -> str:
    return make_topic("topic.fifo", ContentBasedDeduplication="true")


def test_a_fifo_queue_gets_group_deduplication_id_and_sequence(
    sns: Any, fifo: str, listen: Listen
) -> None:
    queue = listen(fifo, "queue.fifo")
    published = sns.publish(TopicArn=fifo, Message="m", MessageGroupId="g")
    (message,) = queue.hear()
    assert message["Attributes"]["MessageGroupId"] == "g"
    expected = hashlib.sha256(b"m").hexdigest()
    assert message["Attributes"]["MessageDeduplicationId"] == expected
    envelope = json.loads(message["Body"])
    assert list(envelope) == [
        "Type",
        "MessageId",
        "SequenceNumber",
        "TopicArn",
        "Message",
        "Timestamp",
        "UnsubscribeURL",
    ]
    assert envelope["SequenceNumber"] == published["SequenceNumber"]
    assert len(published["SequenceNumber"]) == 20


def test_a_standard_queue_hears_a_fifo_topic_without_groups(
    sns: Any, fifo: str, listen: Listen
) -> None:
    queue = listen(fifo)
    sns.publish(TopicArn=fifo, Message="m", MessageGroupId="g")
    (message,) = queue.hear()
    assert "MessageGroupId" not in message["Attributes"]


def test_every_queue_hears_the_same_order(sns: Any, fifo: str, listen: Listen) -> None:
    queues = [
        listen(fifo, f"queue-{number}.fifo", RawMessageDelivery="true") for number in range(3)
    ]
    said = [str(number) for number in range(12)]
    published = [
        sns.publish(TopicArn=fifo, Message=each, MessageGroupId="g")["SequenceNumber"]
        for each in said
    ]
    assert published == sorted(published)
    for queue in queues:
        assert queue.bodies() == said


def test_the_same_deduplication_id_is_published_once_in_five_minutes(
    sns: Any, fifo: str, listen: Listen, fogline_platform: LocalPlatform
) -> None:
    queue = listen(fifo)

    def publish(message: str) -> dict[str, Any]:
        return dict(
            sns.publish(
                TopicArn=fifo, Message=message, MessageGroupId="g", MessageDeduplicationId="d"
            )
        )

    first = publish("first")
    fogline_platform.advance(seconds=299)
    second = publish("second")
    assert second["MessageId"] == first["MessageId"]
    assert second["SequenceNumber"] == first["SequenceNumber"]
    fogline_platform.advance(seconds=1)
    publish("third")
    assert queue.messages() == ["first", "third"]


def test_the_same_body_is_published_once_where_the_content_decides(
    sns: Any, fifo: str, listen: Listen
) -> None:
    queue = listen(fifo)
    for message in ("a", "a", "b"):
        sns.publish(TopicArn=fifo, Message=message, MessageGroupId="g")
    assert queue.messages() == ["a", "b"]


@pytest.mark.parametrize(("scope", "heard"), [("Topic", 1), ("MessageGroup", 2)])
def test_groups_may_deduplicate_for_themselves(
    sns: Any, make_topic: MakeTopic, listen: Listen, scope: str, heard: int
) -> None:
    topic = make_topic("scoped.fifo", ContentBasedDeduplication="true", FifoThroughputScope=scope)
    queue = listen(topic)
    for group in ("g", "h", "g"):
        sns.publish(TopicArn=topic, Message="m", MessageGroupId=group)
    assert len(queue.hear()) == heard


def test_what_a_fifo_topic_needs_is_asked_for(
    sns: Any, make_topic: MakeTopic, refusal: Refusal
) -> None:
    topic = make_topic("plain.fifo")
    assert refusal(sns.publish, TopicArn=topic, Message="m").endswith(
        "The MessageGroupId parameter is required for FIFO topics"
    )
    told = refusal(sns.publish, TopicArn=topic, Message="m", MessageGroupId="g")
    assert told.endswith(
        "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided "
        "explicitly"
    )
    long = refusal(sns.publish, TopicArn=topic, Message="m", MessageGroupId="g" * 129)
    assert "MessageGroupId" in long


def test_a_fifo_subscription_has_a_fifo_dead_letter_queue(
    sns: Any, fifo: str, listen: Listen, refusal: Refusal
) -> None:
    standard, ordered = listen(fifo), listen(fifo, "queue.fifo")
    policy = json.dumps({"deadLetterTargetArn": standard.arn})
    request = {"AttributeName": "RedrivePolicy", "AttributeValue": policy}
    sns.set_subscription_attributes(SubscriptionArn=standard.subscription, **request)
    told = refusal(sns.set_subscription_attributes, SubscriptionArn=ordered.subscription, **request)
    assert told.endswith(
        "RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic."
    )


def test_a_batch_keeps_its_order(sns: Any, fifo: str, listen: Listen) -> None:
    queue = listen(fifo, "queue.fifo")
    entries = [
        {"Id": str(number), "Message": str(number), "MessageGroupId": "g"} for number in range(10)
    ]
    done = sns.publish_batch(TopicArn=fifo, PublishBatchRequestEntries=entries)
    numbers = [each["SequenceNumber"] for each in done["Successful"]]
    assert numbers == sorted(set(numbers))
    assert queue.messages() == [str(number) for number in range(10)]
