"""Permissions of topics, as a client sees them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from fogline.testing.plugin import Account

Refusal = Callable[..., str]


def statements(sns: Any, topic: str) -> dict[str, dict[str, Any]]:
    policy = sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]
    return {each["Sid"]: each for each in json.loads(policy)["Statement"]}


def test_a_permission_is_a_statement_of_the_policy(sns: Any, topic: str, fogline: Account) -> None:
    sns.add_permission(
        TopicArn=topic, Label="label", AWSAccountId=[fogline.id], ActionName=["Publish"]
    )
    found = statements(sns, topic)
    assert found["label"] == {
        "Sid": "label",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{fogline.id}:root"},
        "Action": "SNS:Publish",
        "Resource": topic,
    }
    assert "__default_statement_ID" in found


def test_a_removed_permission_is_gone(sns: Any, topic: str, refusal: Refusal) -> None:
    sns.add_permission(
        TopicArn=topic,
        Label="label",
        AWSAccountId=["111111111111", "222222222222"],
        ActionName=["Publish", "Subscribe"],
    )
    sns.remove_permission(TopicArn=topic, Label="label")
    assert list(statements(sns, topic)) == ["__default_statement_ID"]
    again = refusal(sns.remove_permission, TopicArn=topic, Label="label")
    assert again.startswith("NotFound: ")


def test_a_label_twice_and_an_action_of_nobody_are_refused(
    sns: Any, topic: str, refusal: Refusal
) -> None:
    given = {"TopicArn": topic, "Label": "label", "AWSAccountId": ["111111111111"]}
    sns.add_permission(**given, ActionName=["Publish"])
    twice = refusal(sns.add_permission, **given, ActionName=["Subscribe"])
    assert twice == "InvalidParameter: Invalid parameter: Statement already exists"
    odd = refusal(sns.add_permission, **{**given, "Label": "other"}, ActionName=["Dance"])
    assert odd.endswith("Policy statement action out of service scope!")


def test_a_policy_that_is_set_takes_the_place_of_the_default(sns: Any, topic: str) -> None:
    policy = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "own",
                    "Effect": "Allow",
                    "Principal": "*",
                    "Action": "sns:Publish",
                    "Resource": topic,
                }
            ],
        }
    )
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"] == policy
