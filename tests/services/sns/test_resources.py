"""SNS's types in CloudFormation templates."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account


@pytest.fixture
def deploy(fogline: Account, fogline_platform: LocalPlatform) -> Any:
    stacks = fogline.client("cloudformation")
    made: list[str] = []

    def deploy(**resources: Any) -> dict[str, str]:
        template = json.dumps({"Resources": resources})
        change = stacks.update_stack if made else stacks.create_stack
        made.append(change(StackName="stack", TemplateBody=template)["StackId"])
        fogline_platform.advance(seconds=60)
        stack = stacks.describe_stacks(StackName="stack")["Stacks"][0]
        assert stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), stack
        found = stacks.describe_stack_resources(StackName="stack")["StackResources"]
        return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in found}

    return deploy


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def endpoints(sns: Any, topic: str) -> list[str]:
    listed = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    return [each["Endpoint"] for each in listed]


def test_a_topic_may_be_shown_by_the_name_of_another(deploy: Any, sns: Any) -> None:
    name = {"Fn::GetAtt": ["First", "DisplayName"]}
    for shown in ("one", "two"):
        made = deploy(
            First=resource("AWS::SNS::Topic", DisplayName=shown),
            Second=resource("AWS::SNS::Topic", DisplayName=name),
        )
        second = sns.get_topic_attributes(TopicArn=made["Second"])["Attributes"]
        assert second["DisplayName"] == shown


def test_a_topic_has_its_inline_subscriptions(deploy: Any, sns: Any) -> None:
    queue = resource("AWS::SQS::Queue", QueueName="inline")
    arn = {"Fn::GetAtt": ["Queue", "Arn"]}
    topic = resource(
        "AWS::SNS::Topic",
        DisplayName="one",
        Subscription=[{"Protocol": "sqs", "Endpoint": arn}],
        Tags=[{"Key": "a", "Value": "b"}],
    )
    made = deploy(Queue=queue, Topic=topic)
    assert made["Topic"].split(":")[5].startswith("stack-Topic-")
    assert [each.rpartition(":")[2] for each in endpoints(sns, made["Topic"])] == ["inline"]
    tags = sns.list_tags_for_resource(ResourceArn=made["Topic"])["Tags"]
    assert {"Key": "a", "Value": "b"} in tags
    again = deploy(Queue=queue, Topic=resource("AWS::SNS::Topic", SignatureVersion="2"))
    assert again["Topic"] == made["Topic"]
    assert endpoints(sns, made["Topic"]) == []
    shown = sns.get_topic_attributes(TopicArn=made["Topic"])["Attributes"]
    assert (shown["DisplayName"], shown["SignatureVersion"]) == ("", "2")


def test_a_fifo_topic_without_a_name_is_named_as_one(deploy: Any, sns: Any) -> None:
    archive = {"MessageRetentionPeriod": "30"}
    made = deploy(
        Topic=resource(
            "AWS::SNS::Topic",
            FifoTopic=True,
            ContentBasedDeduplication=True,
            ArchivePolicy=archive,
        )
    )
    assert made["Topic"].endswith(".fifo")
    shown = sns.get_topic_attributes(TopicArn=made["Topic"])["Attributes"]
    assert shown["ContentBasedDeduplication"] == "true"
    assert json.loads(shown["ArchivePolicy"]) == archive


def test_a_subscription_changes_in_place(deploy: Any, sns: Any, fogline: Account) -> None:
    topic = resource("AWS::SNS::Topic", TopicName="named")
    endpoint = f"arn:aws:sqs:us-east-1:{fogline.id}:queue"

    def subscription(**more: Any) -> dict[str, Any]:
        ref = {"Ref": "Topic"}
        return resource(
            "AWS::SNS::Subscription", TopicArn=ref, Protocol="sqs", Endpoint=endpoint, **more
        )

    nested = {"a": {"b": ["c"]}}
    first = deploy(
        Topic=topic,
        Subscription=subscription(FilterPolicy=nested, FilterPolicyScope="MessageBody"),
    )
    flat = subscription(FilterPolicy={"a": ["b"]}, RawMessageDelivery=True)
    second = deploy(Topic=topic, Subscription=flat)
    assert second["Subscription"] == first["Subscription"]
    shown = sns.get_subscription_attributes(SubscriptionArn=first["Subscription"])["Attributes"]
    assert json.loads(shown["FilterPolicy"]) == {"a": ["b"]}
    assert shown["FilterPolicyScope"] == "MessageAttributes"
    assert shown["RawMessageDelivery"] == "true"
    deploy(Topic=topic)
    assert endpoints(sns, first["Topic"]) == []


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("AWS::SNS::TopicPolicy", {"Topics": [{"Ref": "Topic"}]}),
        ("AWS::SNS::TopicInlinePolicy", {"TopicArn": {"Ref": "Topic"}}),
    ],
)
def test_a_policy_that_is_gone_leaves_the_default(
    deploy: Any, sns: Any, kind: str, names: dict[str, Any]
) -> None:
    topic = resource("AWS::SNS::Topic")
    statement = {"Sid": "own", "Effect": "Allow", "Principal": "*", "Action": "sns:Publish"}
    document = {"Statement": [{**statement, "Resource": {"Ref": "Topic"}}]}
    made = deploy(Topic=topic, Policy=resource(kind, PolicyDocument=document, **names))

    def policy() -> dict[str, Any]:
        shown = sns.get_topic_attributes(TopicArn=made["Topic"])["Attributes"]["Policy"]
        return dict(json.loads(shown))

    assert policy()["Statement"][0]["Sid"] == "own"
    deploy(Topic=topic)
    assert policy()["Id"] == "__default_policy_ID"
