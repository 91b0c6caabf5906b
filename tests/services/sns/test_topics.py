"""Topics, as a client sees them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from fogline.testing.plugin import Account

MakeTopic = Callable[..., str]
Refusal = Callable[..., str]

RETRIES = {
    "minDelayTarget": 20,
    "maxDelayTarget": 20,
    "numRetries": 3,
    "numMaxDelayRetries": 0,
    "numNoDelayRetries": 0,
    "numMinDelayRetries": 0,
    "backoffFunction": "linear",
}


def attributes(sns: Any, topic: str) -> dict[str, str]:
    return dict(sns.get_topic_attributes(TopicArn=topic)["Attributes"])


def test_a_new_topic_has_the_defaults_of_aws(sns: Any, topic: str, fogline: Account) -> None:
    found = attributes(sns, topic)
    assert json.loads(found.pop("EffectiveDeliveryPolicy")) == {
        "http": {
            "defaultHealthyRetryPolicy": RETRIES,
            "disableSubscriptionOverrides": False,
            "defaultRequestPolicy": {"headerContentType": "text/plain; charset=UTF-8"},
        }
    }
    policy = json.loads(found.pop("Policy"))
    assert policy["Id"] == "__default_policy_ID"
    assert policy["Statement"][0]["Condition"] == {"StringEquals": {"AWS:SourceOwner": fogline.id}}
    assert found == {
        "DisplayName": "",
        "Owner": fogline.id,
        "SubscriptionsConfirmed": "0",
        "SubscriptionsDeleted": "0",
        "SubscriptionsPending": "0",
        "TopicArn": f"arn:aws:sns:us-east-1:{fogline.id}:topic",
    }


def test_a_fifo_topic_says_that_it_is_one(sns: Any, make_topic: MakeTopic) -> None:
    found = attributes(sns, make_topic("topic.fifo"))
    assert (found["FifoTopic"], found["ContentBasedDeduplication"]) == ("true", "false")


def test_creating_a_topic_again_with_what_it_has_gives_the_same_topic(
    sns: Any, make_topic: MakeTopic
) -> None:
    arn = make_topic(DisplayName="one")
    assert make_topic() == make_topic(DisplayName="one") == arn
    assert make_topic(FifoTopic="false") == arn


def test_creating_a_topic_again_otherwise_is_refused(
    sns: Any, make_topic: MakeTopic, refusal: Refusal
) -> None:
    make_topic(DisplayName="one")
    different = refusal(sns.create_topic, Name="topic", Attributes={"DisplayName": "two"})
    assert different == (
        "InvalidParameter: Invalid parameter: Attributes Reason: Topic already exists with different attributes"
    )
    tagged = refusal(sns.create_topic, Name="topic", Tags=[{"Key": "a", "Value": "b"}])
    assert tagged.endswith("Tags Reason: Topic already exists with different tags")


@pytest.mark.parametrize(
    ("name", "fifo"),
    [
        ("", "false"),
        ("with space", "false"),
        ("n" * 257, "false"),
        ("a.fifo", "false"),
        ("a", "true"),
    ],
)
def test_names_that_aws_refuses_are_refused(
    sns: Any, refusal: Refusal, name: str, fifo: str
) -> None:
    told = refusal(sns.create_topic, Name=name, Attributes={"FifoTopic": fifo})
    assert told == "InvalidParameter: Invalid parameter: Topic Name"


def test_the_longest_name_is_allowed(make_topic: MakeTopic) -> None:
    assert make_topic("n" * 256).endswith("n" * 256)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Unknown", "x"),
        ("ContentBasedDeduplication", "true"),
        ("SignatureVersion", "3"),
        ("TracingConfig", "Sometimes"),
        ("DeliveryPolicy", "{"),
        ("Policy", "{}"),
        ("DisplayName", "d" * 101),
        ("SQSSuccessFeedbackSampleRate", "101"),
        ("LambdaFailureFeedbackRoleArn", "nobody"),
    ],
)
def test_attributes_that_aws_refuses_are_refused(
    sns: Any, topic: str, refusal: Refusal, name: str, value: str
) -> None:
    told = refusal(
        sns.set_topic_attributes, TopicArn=topic, AttributeName=name, AttributeValue=value
    )
    assert told.startswith("InvalidParameter: Invalid parameter: ")
    created = refusal(sns.create_topic, Name="other", Attributes={name: value})
    assert created.startswith("InvalidParameter: Invalid parameter: ")


def test_attributes_that_were_set_are_shown(sns: Any, topic: str, fogline: Account) -> None:
    role = f"arn:aws:iam::{fogline.id}:role/feedback"
    policy = {"http": {"defaultHealthyRetryPolicy": {**RETRIES, "numRetries": 5}}}
    given = {
        "DisplayName": "Name",
        "SignatureVersion": "2",
        "TracingConfig": "Active",
        "KmsMasterKeyId": "alias/aws/sns",
        "SQSSuccessFeedbackRoleArn": role,
        "SQSSuccessFeedbackSampleRate": "50",
        "DeliveryPolicy": json.dumps(policy),
    }
    for name, value in given.items():
        sns.set_topic_attributes(TopicArn=topic, AttributeName=name, AttributeValue=value)
    found = attributes(sns, topic)
    assert given.items() <= found.items()
    effective = json.loads(found["EffectiveDeliveryPolicy"])["http"]
    assert effective["defaultHealthyRetryPolicy"]["numRetries"] == 5


def test_a_deleted_topic_is_gone_and_deleting_it_again_is_no_error(
    sns: Any, topic: str, refusal: Refusal
) -> None:
    sns.delete_topic(TopicArn=topic)
    sns.delete_topic(TopicArn=topic)
    told = refusal(sns.get_topic_attributes, TopicArn=topic)
    assert told == "NotFound: Topic does not exist"


def test_a_topic_of_another_region_is_not_reached(
    topic: str, fogline: Account, refusal: Refusal
) -> None:
    elsewhere = fogline.client("sns", "eu-west-1")
    told = refusal(elsewhere.get_topic_attributes, TopicArn=topic)
    assert told == "InvalidParameter: Invalid parameter: TopicArn"


def test_what_is_no_arn_is_told_to_be_none(sns: Any, refusal: Refusal) -> None:
    told = refusal(sns.get_topic_attributes, TopicArn="topic:1")
    assert told.endswith("TopicArn Reason: An ARN must have at least 6 elements, not 2")


def test_topics_are_listed_a_hundred_at_a_time(sns: Any, make_topic: MakeTopic) -> None:
    made = [make_topic(f"topic-{number:03}") for number in range(101)]
    first = sns.list_topics()
    assert [each["TopicArn"] for each in first["Topics"]] == made[:100]
    second = sns.list_topics(NextToken=first["NextToken"])
    assert [each["TopicArn"] for each in second["Topics"]] == made[100:]
    assert "NextToken" not in second


def test_a_token_that_we_did_not_give_is_refused(sns: Any, refusal: Refusal) -> None:
    assert refusal(sns.list_topics, NextToken="?").endswith("Invalid parameter: NextToken")
