"""Subscriptions, as a client sees them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest

from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account

Listen = Callable[..., Any]
MakeTopic = Callable[..., str]
Refusal = Callable[..., str]


def attributes(sns: Any, subscription: str) -> dict[str, str]:
    found = sns.get_subscription_attributes(SubscriptionArn=subscription)
    return dict(found["Attributes"])


def test_a_queue_is_subscribed_and_confirmed_at_once(
    sns: Any, topic: str, listen: Listen, fogline: Account
) -> None:
    queue = listen(topic)
    found = attributes(sns, queue.subscription)
    assert found.pop("SubscriptionPrincipal").startswith(f"arn:aws:iam::{fogline.id}:")
    assert found == {
        "ConfirmationWasAuthenticated": "true",
        "Endpoint": queue.arn,
        "Owner": fogline.id,
        "PendingConfirmation": "false",
        "Protocol": "sqs",
        "RawMessageDelivery": "false",
        "SubscriptionArn": queue.subscription,
        "TopicArn": topic,
    }


def test_subscribing_again_gives_the_same_subscription(topic: str, listen: Listen) -> None:
    once = listen(topic, RawMessageDelivery="true").subscription
    assert listen(topic).subscription == once
    assert listen(topic, RawMessageDelivery="True").subscription == once


def test_subscribing_again_otherwise_is_refused(
    sns: Any, topic: str, listen: Listen, refusal: Refusal
) -> None:
    queue = listen(topic)
    told = refusal(
        sns.subscribe,
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=queue.arn,
        Attributes={"RawMessageDelivery": "true"},
    )
    assert told.endswith("Attributes Reason: Subscription already exists with different attributes")


@pytest.mark.parametrize(
    ("protocol", "endpoint", "reason"),
    [
        ("fax", "1", "Amazon SNS does not support this protocol string: fax"),
        ("sqs", "queue", "SQS endpoint ARN"),
        ("sqs", "http://localhost/queue", "SQS endpoint ARN"),
        ("lambda", "function", "Lambda endpoint ARN"),
        ("firehose", "stream", "Firehose endpoint ARN"),
        ("http", "https://example.com", "Endpoint must match the specified protocol"),
        ("https", "http://example.com", "Endpoint must match the specified protocol"),
        ("email", "nobody", "Email address"),
        (
            "sqs",
            "arn:aws:sqs:us-east-1:000000000000:q.fifo",
            "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics",
        ),
    ],
)
def test_endpoints_that_aws_refuses_are_refused(
    sns: Any, topic: str, refusal: Refusal, protocol: str, endpoint: str, reason: str
) -> None:
    told = refusal(sns.subscribe, TopicArn=topic, Protocol=protocol, Endpoint=endpoint)
    assert told == f"InvalidParameter: Invalid parameter: {reason}"


def test_only_queues_are_subscribed_to_a_fifo_topic(
    sns: Any, make_topic: MakeTopic, refusal: Refusal
) -> None:
    told = refusal(
        sns.subscribe,
        TopicArn=make_topic("topic.fifo"),
        Protocol="lambda",
        Endpoint="arn:aws:lambda:us-east-1:000000000000:function:f",
    )
    assert told.endswith("Invalid protocol type: lambda")


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("Unknown", "x", "AttributeName"),
        (
            "RawMessageDelivery",
            "perhaps",
            "RawMessageDelivery: Invalid value [perhaps]. Must be true or false.",
        ),
        (
            "FilterPolicyScope",
            "Elsewhere",
            "FilterPolicyScope: Invalid value [Elsewhere]. Please use either MessageBody or MessageAttributes",
        ),
        ("FilterPolicy", "{", "FilterPolicy: failed to parse JSON."),
        ("RedrivePolicy", "{", "RedrivePolicy: failed to parse JSON."),
        (
            "RedrivePolicy",
            '{"deadLetterTargetArn": "queue"}',
            "RedrivePolicy: deadLetterTargetArn is an invalid arn",
        ),
        (
            "RedrivePolicy",
            '{"maxReceiveCount": 5}',
            "RedrivePolicy: invalid JSON. Attribute maxReceiveCount is unknown.",
        ),
        ("DeliveryPolicy", "[]", "DeliveryPolicy: failed to parse JSON."),
        ("SubscriptionRoleArn", "role", "SubscriptionRoleArn: Invalid role ARN"),
        ("ReplayPolicy", "{", "ReplayPolicy: failed to parse JSON."),
    ],
)
def test_attributes_that_aws_refuses_are_refused(
    sns: Any, topic: str, listen: Listen, refusal: Refusal, name: str, value: str, reason: str
) -> None:
    told = refusal(
        sns.set_subscription_attributes,
        SubscriptionArn=listen(topic).subscription,
        AttributeName=name,
        AttributeValue=value,
    )
    assert told == f"InvalidParameter: Invalid parameter: {reason}"


def test_a_function_takes_no_raw_messages(sns: Any, topic: str, refusal: Refusal) -> None:
    told = refusal(
        sns.subscribe,
        TopicArn=topic,
        Protocol="lambda",
        Endpoint="arn:aws:lambda:us-east-1:000000000000:function:f",
        Attributes={"RawMessageDelivery": "true"},
    )
    assert told.endswith(
        "Attributes Reason: Delivery protocol [lambda] does not support raw message delivery."
    )


def test_attributes_that_were_set_are_shown_and_can_be_taken_back(
    sns: Any, topic: str, listen: Listen
) -> None:
    queue = listen(topic)
    policy = json.dumps({"deadLetterTargetArn": queue.arn})
    for name, value in (
        ("RedrivePolicy", policy),
        ("FilterPolicy", '{"a": ["b"]}'),
        ("RawMessageDelivery", "TRUE"),
    ):
        sns.set_subscription_attributes(
            SubscriptionArn=queue.subscription, AttributeName=name, AttributeValue=value
        )
    found = attributes(sns, queue.subscription)
    assert found["RedrivePolicy"] == policy
    assert found["FilterPolicyScope"] == "MessageAttributes"
    assert found["RawMessageDelivery"] == "true"
    for name in ("RedrivePolicy", "FilterPolicy"):
        sns.set_subscription_attributes(
            SubscriptionArn=queue.subscription, AttributeName=name, AttributeValue="{}"
        )
    left = attributes(sns, queue.subscription)
    assert not {"RedrivePolicy", "FilterPolicy", "FilterPolicyScope"} & set(left)


def test_an_ended_subscription_is_gone_and_ending_it_again_is_no_error(
    sns: Any, topic: str, listen: Listen, refusal: Refusal
) -> None:
    queue = listen(topic)
    sns.unsubscribe(SubscriptionArn=queue.subscription)
    sns.unsubscribe(SubscriptionArn=queue.subscription)
    told = refusal(sns.get_subscription_attributes, SubscriptionArn=queue.subscription)
    assert told == "NotFound: Subscription does not exist"
    sns.publish(TopicArn=topic, Message="unheard")
    assert queue.hear() == []


def test_a_deleted_topic_takes_its_subscriptions_along(
    sns: Any, topic: str, listen: Listen
) -> None:
    listen(topic)
    sns.delete_topic(TopicArn=topic)
    assert sns.list_subscriptions()["Subscriptions"] == []


def test_the_link_in_an_envelope_ends_its_subscription(
    sns: Any, topic: str, listen: Listen
) -> None:
    queue = listen(topic)
    sns.publish(TopicArn=topic, Message="last")
    link = json.loads(queue.bodies()[0])["UnsubscribeURL"]
    with urlopen(link) as answer:
        assert answer.status == 200
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []


def test_subscriptions_are_listed_a_hundred_at_a_time(sns: Any, topic: str) -> None:
    made = [
        sns.subscribe(
            TopicArn=topic,
            Protocol="sqs",
            Endpoint=f"arn:aws:sqs:us-east-1:{topic.split(':')[4]}:queue-{number}",
        )["SubscriptionArn"]
        for number in range(101)
    ]
    for list_page in (
        sns.list_subscriptions,
        lambda **token: sns.list_subscriptions_by_topic(TopicArn=topic, **token),
    ):
        first = list_page()
        second = list_page(NextToken=first["NextToken"])
        found = [each["SubscriptionArn"] for each in first["Subscriptions"]]
        assert found == made[:100]
        assert [each["SubscriptionArn"] for each in second["Subscriptions"]] == made[100:]
        assert "NextToken" not in second


# ---- confirmation


@pytest.fixture
def other_queue(fogline_platform: LocalPlatform) -> Any:
    """A queue of another account: who asks for it must be confirmed by its owner."""
    sqs = fogline_platform.client("sqs", "999999999999")
    url = sqs.create_queue(QueueName="theirs")["QueueUrl"]
    yield (sqs, url, "arn:aws:sqs:us-east-1:999999999999:theirs")
    sqs.delete_queue(QueueUrl=url)
    sqs.close()


def invitation(sqs: Any, url: str) -> dict[str, str]:
    message = sqs.receive_message(QueueUrl=url)["Messages"][0]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return dict(json.loads(message["Body"]))


def test_a_queue_of_another_account_is_asked_first(sns: Any, topic: str, other_queue: Any) -> None:
    sqs, url, arn = other_queue
    made = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    assert made["SubscriptionArn"] == "pending confirmation"
    listed = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert [each["SubscriptionArn"] for each in listed] == ["PendingConfirmation"]
    sns.publish(TopicArn=topic, Message="too early")
    asked = invitation(sqs, url)
    assert asked["Type"] == "SubscriptionConfirmation"
    assert parse_qs(urlsplit(asked["SubscribeURL"]).query)["Token"] == [asked["Token"]]
    confirmed = sns.confirm_subscription(TopicArn=topic, Token=asked["Token"])["SubscriptionArn"]
    assert attributes(sns, confirmed)["PendingConfirmation"] == "false"
    sns.publish(TopicArn=topic, Message="in time")
    assert invitation(sqs, url)["Message"] == "in time"


def test_the_link_of_an_invitation_confirms_without_a_signature(
    sns: Any, topic: str, other_queue: Any
) -> None:
    sqs, url, arn = other_queue
    made = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, ReturnSubscriptionArn=True)[
        "SubscriptionArn"
    ]
    assert attributes(sns, made)["PendingConfirmation"] == "true"
    with urlopen(invitation(sqs, url)["SubscribeURL"]) as answer:
        assert made in answer.read().decode()
    found = attributes(sns, made)
    assert (found["PendingConfirmation"], found["ConfirmationWasAuthenticated"]) == (
        "false",
        "false",
    )


def test_a_wrong_token_confirms_nothing(
    sns: Any, topic: str, other_queue: Any, refusal: Refusal
) -> None:
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=other_queue[2])
    told = refusal(sns.confirm_subscription, TopicArn=topic, Token="0" * 128)
    assert told == "InvalidParameter: Invalid parameter: Token"


def test_nobody_can_confirm_after_two_days(
    sns: Any, topic: str, other_queue: Any, refusal: Refusal, fogline_platform: LocalPlatform
) -> None:
    sqs, url, arn = other_queue
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    token = invitation(sqs, url)["Token"]
    fogline_platform.advance(days=2)
    assert refusal(sns.confirm_subscription, TopicArn=topic, Token=token).endswith("Token")
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []


def test_delivery_streams_are_refused_until_there_are_any(
    sns: Any, topic: str, refusal: Refusal
) -> None:
    told = refusal(
        sns.subscribe,
        TopicArn=topic,
        Protocol="firehose",
        Endpoint="arn:aws:firehose:us-east-1:000000000000:deliverystream/d",
        Attributes={"SubscriptionRoleArn": "arn:aws:iam::000000000000:role/r"},
    )
    assert told == (
        "NotImplemented: Fogline does not implement subscriptions of the protocol firehose of SNS yet."
    )
