"""Data protection policies are kept with their topics."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError


def policy(**changes: Any) -> str:
    statement = {
        "DataDirection": "Inbound",
        "Principal": ["*"],
        "DataIdentifier": ["arn:aws:dataprotection::aws:data-identifier/CreditCardNumber"],
        "Operation": {"Deny": {}},
    }
    return json.dumps(
        {"Name": "protect", "Version": "2021-06-01", "Statement": [statement]} | changes
    )


def test_get_data_protection_policy_gives_what_put_data_protection_policy_kept(sns, topic):
    assert sns.get_data_protection_policy(ResourceArn=topic)["DataProtectionPolicy"] == ""
    sns.put_data_protection_policy(ResourceArn=topic, DataProtectionPolicy=policy())
    found = sns.get_data_protection_policy(ResourceArn=topic)["DataProtectionPolicy"]
    assert found == policy()


def test_a_topic_can_be_made_with_a_policy(sns):
    topic = sns.create_topic(Name="made", DataProtectionPolicy=policy())["TopicArn"]
    found = sns.get_data_protection_policy(ResourceArn=topic)["DataProtectionPolicy"]
    assert found == policy()


def test_an_empty_policy_removes_what_was_there(sns, topic):
    sns.put_data_protection_policy(ResourceArn=topic, DataProtectionPolicy=policy())
    sns.put_data_protection_policy(ResourceArn=topic, DataProtectionPolicy="")
    assert sns.get_data_protection_policy(ResourceArn=topic)["DataProtectionPolicy"] == ""


@pytest.mark.parametrize(
    "text",
    [
        "no JSON",
        "[]",
        policy(Name=""),
        policy(Version="2012-10-17"),
        policy(Statement=[]),
        policy(Statement=[{"DataDirection": "Sideways"}]),
    ],
)
def test_what_is_no_policy_is_refused(sns, topic, text):
    with pytest.raises(ClientError) as refused:
        sns.put_data_protection_policy(ResourceArn=topic, DataProtectionPolicy=text)
    assert refused.value.response["Error"]["Code"] == "InvalidParameter"


def test_a_topic_that_is_not_there_is_not_found(sns, topic):
    sns.delete_topic(TopicArn=topic)
    with pytest.raises(ClientError) as refused:
        sns.get_data_protection_policy(ResourceArn=topic)
    assert refused.value.response["Error"]["Code"] == "NotFound"
