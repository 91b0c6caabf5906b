"""What SNS logs of its deliveries where a topic names a role for it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from fogline.testing.plugin import Account

ROLE = "arn:aws:iam::000000000000:role/feedback"


@pytest.fixture
def logged(fogline: Account) -> Callable[[str], list[dict[str, Any]]]:
    """The events of a topic's log group; none when there is no such group."""
    logs = fogline.client("logs")

    def read(name: str) -> list[dict[str, Any]]:
        group = f"sns/us-east-1/{fogline.id}/{name}"
        found = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
        if group not in [each["logGroupName"] for each in found]:
            return []
        events = logs.filter_log_events(logGroupName=group)["events"]
        return [json.loads(event["message"]) for event in events]

    return read


@pytest.fixture
def listen(fogline: Account, sns: Any, sqs: Any, topic: str) -> Callable[[], str]:
    """Subscribe a queue; its ARN."""

    def listen() -> str:
        sqs.create_queue(QueueName="queue")
        arn = f"arn:aws:sqs:us-east-1:{fogline.id}:queue"
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        return arn

    return listen


def ask_for(sns: Any, topic: str, **attributes: str) -> None:
    for name, value in attributes.items():
        sns.set_topic_attributes(TopicArn=topic, AttributeName=name, AttributeValue=value)


def test_nothing_is_logged_unless_a_topic_asks(sns, topic, listen, logged):
    listen()
    sns.publish(TopicArn=topic, Message="x")
    assert logged("topic") == []


def test_a_delivery_is_logged_with_what_was_delivered(sns, topic, listen, logged):
    queue = listen()
    ask_for(sns, topic, SQSSuccessFeedbackRoleArn=ROLE, SQSSuccessFeedbackSampleRate="100")
    published = sns.publish(TopicArn=topic, Message="Hello")
    (event,) = logged("topic")
    assert event["status"] == "SUCCESS"
    assert event["notification"] == {
        "messageMD5Sum": hashlib.md5(b"Hello").hexdigest(),
        "messageId": published["MessageId"],
        "topicArn": topic,
        "timestamp": event["notification"]["timestamp"],
    }
    assert event["delivery"]["destination"] == queue
    assert event["delivery"]["statusCode"] == 200
    assert json.loads(event["delivery"]["providerResponse"]).keys() == {"sqsRequestId"}


def test_a_sample_of_none_logs_nothing(sns, topic, listen, logged):
    listen()
    ask_for(sns, topic, SQSSuccessFeedbackRoleArn=ROLE, SQSSuccessFeedbackSampleRate="0")
    sns.publish(TopicArn=topic, Message="x")
    assert logged("topic") == []


def test_a_failure_is_logged_in_a_group_of_its_own(sns, sqs, topic, listen, logged):
    listen()
    ask_for(sns, topic, SQSSuccessFeedbackRoleArn=ROLE, SQSFailureFeedbackRoleArn=ROLE)
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName="queue")["QueueUrl"])
    sns.publish(TopicArn=topic, Message="x")
    assert logged("topic") == []
    (event,) = logged("topic/Failure")
    assert event["status"] == "FAILURE"
    assert "does not exist" in event["delivery"]["providerResponse"]


def test_protocols_are_asked_for_one_by_one(sns, topic, listen, logged):
    listen()
    ask_for(sns, topic, LambdaSuccessFeedbackRoleArn=ROLE)
    sns.publish(TopicArn=topic, Message="x")
    assert logged("topic") == []


def test_web_servers_are_logged_when_they_have_answered(fogline, sns, topic, logged):
    ask_for(sns, topic, HTTPFailureFeedbackRoleArn=ROLE)
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint="http://127.0.0.1:1/")
    sns.confirm_subscription(TopicArn=topic, Token=_token(fogline, topic))
    sns.publish(TopicArn=topic, Message="x")
    fogline.platform.settle()
    assert logged("topic/Failure") == []
    fogline.platform.advance(seconds=60)
    assert [event["status"] for event in logged("topic/Failure")] == ["FAILURE"]


def _token(fogline: Account, topic: str) -> str:
    """The token that nobody could be sent."""
    platform = fogline.platform.platform
    sns = platform.dispatch.made()["sns"].stands_on

    async def read() -> str:
        with platform.store.read() as tx:
            (found,) = sns.tables.audience(tx, sns.tables.find_topic(tx, topic))
            return str(found.document["token"])

    return fogline.platform.ask(read())
