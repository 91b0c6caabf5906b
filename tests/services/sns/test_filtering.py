"""Subscriptions with a filter policy, as clients see them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

Listen = Callable[..., Any]
Refusal = Callable[..., str]


def test_only_wanted_attributes_are_heard_of(sns: Any, topic: str, listen: Listen) -> None:
    queue = listen(topic, FilterPolicy={"event": ["placed"], "price": [{"numeric": [">", 10]}]})
    for event, price in (("placed", "11"), ("placed", "10"), ("gone", "11")):
        sns.publish(
            TopicArn=topic,
            Message=f"{event} {price}",
            MessageAttributes={
                "event": {"DataType": "String", "StringValue": event},
                "price": {"DataType": "Number", "StringValue": price},
            },
        )
    sns.publish(TopicArn=topic, Message="nothing")
    assert queue.messages() == ["placed 11"]


def test_only_wanted_bodies_are_heard_of(sns: Any, topic: str, listen: Listen) -> None:
    policy = {"order": {"state": [{"prefix": "new"}], "gone": [{"exists": False}]}}
    queue = listen(topic, FilterPolicy=policy, FilterPolicyScope="MessageBody")
    wanted = json.dumps({"order": {"state": "new-ish"}})
    for body in (wanted, '{"order": {"state": "new", "gone": 1}}', '"new"', "new", "[]"):
        sns.publish(TopicArn=topic, Message=body)
    assert queue.messages() == [wanted]


def test_a_body_filter_sees_what_the_protocol_gets(sns: Any, topic: str, listen: Listen) -> None:
    queue = listen(topic, FilterPolicy={"a": [1]}, FilterPolicyScope="MessageBody")
    said = {"default": "none", "sqs": json.dumps({"a": 1})}
    sns.publish(TopicArn=topic, Message=json.dumps(said), MessageStructure="json")
    assert queue.messages() == ['{"a": 1}']


def test_a_changed_filter_holds_from_then_on(sns: Any, topic: str, listen: Listen) -> None:
    queue = listen(topic, FilterPolicy={"a": ["b"]})
    sns.publish(TopicArn=topic, Message="before")
    sns.set_subscription_attributes(
        SubscriptionArn=queue.subscription, AttributeName="FilterPolicy", AttributeValue="{}"
    )
    sns.publish(TopicArn=topic, Message="after")
    assert queue.messages() == ["after"]


def test_attributes_are_not_nested(sns: Any, topic: str, listen: Listen, refusal: Refusal) -> None:
    queue = listen(topic)

    def set_(name: str, value: str) -> dict[str, str]:
        return {
            "SubscriptionArn": queue.subscription,
            "AttributeName": name,
            "AttributeValue": value,
        }

    nested = set_("FilterPolicy", '{"a": {"b": ["c"]}}')
    told = refusal(sns.set_subscription_attributes, **nested)
    assert told == (
        "InvalidParameter: Invalid parameter: Filter policy scope MessageAttributes does not support nested "
        "filter policy"
    )
    sns.set_subscription_attributes(**set_("FilterPolicyScope", "MessageBody"))
    sns.set_subscription_attributes(**nested)
    back = refusal(
        sns.set_subscription_attributes, **set_("FilterPolicyScope", "MessageAttributes")
    )
    assert back.endswith("does not support nested filter policy")


@pytest.mark.parametrize(
    ("count", "is_allowed"), [(200, True), (201, False)], ids=["allowed", "refused"]
)
def test_a_topic_has_two_hundred_filter_policies(
    sns: Any, topic: str, refusal: Refusal, count: int, is_allowed: bool
) -> None:
    account = topic.split(":")[4]
    requests = [
        {
            "TopicArn": topic,
            "Protocol": "sqs",
            "Endpoint": f"arn:aws:sqs:us-east-1:{account}:queue-{number}",
            "Attributes": {"FilterPolicy": '{"a": ["b"]}'},
        }
        for number in range(count)
    ]
    for request in requests[:-1]:
        sns.subscribe(**request)
    if is_allowed:
        sns.subscribe(**requests[-1])
    else:
        told = refusal(sns.subscribe, **requests[-1])
        assert told.startswith("FilterPolicyLimitExceeded: ")
