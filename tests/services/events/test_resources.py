"""The CloudFormation types, and the events that SAM makes of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.services.events.conftest import Put

from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account

Deploy = Callable[..., dict[str, str]]

CODE = """
import json, os, boto3
def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps(event))
"""
SAM = {"Transform": "AWS::Serverless-2016-10-31"}
QUEUE = {"Queue": {"Type": "AWS::SQS::Queue"}}
QUEUE_ARN = {"Fn::GetAtt": ["Queue", "Arn"]}


@pytest.fixture
def deploy(fogline: Account, fogline_platform: LocalPlatform) -> Iterator[Deploy]:
    """Creates or updates the stack; its outputs."""
    cloudformation = fogline.client("cloudformation")

    def deploy(
        resources: Any, outputs: Any = None, *, update: bool = False, **top: Any
    ) -> dict[str, str]:
        shown = {name: {"Value": value} for name, value in (outputs or {}).items()}
        request = {
            "StackName": "orders",
            "TemplateBody": json.dumps({"Resources": resources, "Outputs": shown, **top}),
            "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        }
        change = cloudformation.update_stack if update else cloudformation.create_stack
        change(**request)
        fogline_platform.settle()
        stack = cloudformation.describe_stacks(StackName="orders")["Stacks"][0]
        assert stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), (
            cloudformation.describe_stack_events(StackName="orders")["StackEvents"]
        )
        return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", ())}

    yield deploy
    cloudformation.delete_stack(StackName="orders")
    fogline_platform.settle()
    stacks = cloudformation.list_stacks()["StackSummaries"]
    assert [stack["StackStatus"] for stack in stacks] == ["DELETE_COMPLETE"]


@pytest.fixture
def bodies(fogline: Account) -> Callable[[str], list[Any]]:
    sqs = fogline.client("sqs")

    def bodies(url: str) -> list[Any]:
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in found:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in found]

    return bodies


def rule(**properties: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::Events::Rule",
        "Properties": {
            "EventPattern": {"source": ["shop"]},
            "Targets": [{"Id": "queue", "Arn": QUEUE_ARN}],
            **properties,
        },
    }


def test_a_rule_is_made_changed_and_removed(
    events: Any, deploy: Deploy, put: Put, bodies: Any
) -> None:
    outputs = {"Url": {"Ref": "Queue"}, "Name": {"Ref": "Rule"}, "Arn": {"Fn::GetAtt": ["Rule", "Arn"]}}  # fmt: skip
    made = deploy({**QUEUE, "Rule": rule()}, outputs)
    assert made["Name"].startswith("orders-Rule-")
    assert made["Arn"].endswith(f":rule/{made['Name']}")
    put({"id": 1})
    assert [event["detail"] for event in bodies(made["Url"])] == [{"id": 1}]

    targets = [{"Id": "other", "Arn": QUEUE_ARN, "InputPath": "$.detail"}]
    changed = rule(Targets=targets, EventPattern={"source": ["other"]}, Description="d")
    assert deploy({**QUEUE, "Rule": changed}, outputs, update=True) == made
    put({"id": 2})
    put({"id": 3}, Source="other")
    assert bodies(made["Url"]) == [{"id": 3}]
    assert events.describe_rule(Name=made["Name"])["Description"] == "d"

    deploy(QUEUE, update=True)
    assert events.list_rules()["Rules"] == []


def test_a_pattern_keeps_its_numbers_and_truths(events: Any, deploy: Deploy) -> None:
    pattern = {
        "detail": {
            "price": [{"numeric": [">", "3", "<=", "4.5"]}],
            "gone": [{"exists": "false"}],
            "numeric": ["5"],
            "exists": ["true"],
        }
    }
    made = deploy({**QUEUE, "Rule": rule(EventPattern=pattern)}, {"Name": {"Ref": "Rule"}})
    found = json.loads(events.describe_rule(Name=made["Name"])["EventPattern"])
    assert found["detail"] == {
        "price": [{"numeric": [">", 3, "<=", 4.5]}],
        "gone": [{"exists": False}],
        "numeric": ["5"],
        "exists": ["true"],
    }


def test_a_bus_comes_with_its_policy_and_rules(
    events: Any, deploy: Deploy, put: Put, bodies: Any
) -> None:
    resources = {
        **QUEUE,
        "Bus": {
            "Type": "AWS::Events::EventBus",
            "Properties": {
                "Name": "orders",
                "Description": "first",
                "DeadLetterConfig": {"Arn": QUEUE_ARN},
                "Tags": [{"Key": "a", "Value": "1"}],
            },
        },
        "Anyone": {
            "Type": "AWS::Events::EventBusPolicy",
            "Properties": {
                "EventBusName": {"Ref": "Bus"},
                "StatementId": "anyone",
                "Statement": {
                    "Effect": "Allow",
                    "Principal": "*",
                    "Action": "events:PutEvents",
                    "Resource": {"Fn::GetAtt": ["Bus", "Arn"]},
                },
            },
        },
        "Partner": {
            "Type": "AWS::Events::EventBusPolicy",
            "Properties": {
                "EventBusName": {"Ref": "Bus"},
                "StatementId": "partner",
                "Action": "events:PutEvents",
                "Principal": "111122223333",
            },
        },
        "Rule": rule(EventBusName={"Fn::GetAtt": ["Bus", "Name"]}, Name="all"),
    }
    outputs = {"Url": {"Ref": "Queue"}, "Bus": {"Fn::GetAtt": ["Bus", "Arn"]}, "Rule": {"Ref": "Rule"}}  # fmt: skip
    made = deploy(resources, outputs)
    assert made["Rule"] == "orders|all"
    put(bus="orders")
    assert len(bodies(made["Url"])) == 1
    bus = events.describe_event_bus(Name="orders")
    sids = {each["Sid"] for each in json.loads(bus["Policy"])["Statement"]}
    assert sids == {"anyone", "partner"}

    resources["Bus"]["Properties"] = {"Name": "orders", "Description": "second"}
    del resources["Partner"]
    deploy(resources, outputs, update=True)
    bus = events.describe_event_bus(Name="orders")
    assert bus["Description"] == "second"
    assert "DeadLetterConfig" not in bus
    assert [each["Sid"] for each in json.loads(bus["Policy"])["Statement"]] == ["anyone"]
    tags = events.list_tags_for_resource(ResourceARN=bus["Arn"])["Tags"]
    assert not [tag for tag in tags if not tag["Key"].startswith("aws:")]


@pytest.mark.parametrize("kind", ["EventBridgeRule", "CloudWatchEvent"])
def test_an_event_of_a_sam_function_starts_it(
    events: Any, deploy: Deploy, put: Put, bodies: Any, fogline_platform: LocalPlatform, kind: str
) -> None:
    event: dict[str, Any] = {
        "Pattern": {"source": ["shop"], "detail": {"price": [{"numeric": [">", 10]}]}},
        "InputPath": "$.detail",
        "RetryPolicy": {"MaximumRetryAttempts": 5, "MaximumEventAgeInSeconds": 900},
        "DeadLetterConfig": {"Type": "SQS"},
    }
    if kind == "CloudWatchEvent":
        del event["RetryPolicy"], event["DeadLetterConfig"]
    function = {
        "Type": "AWS::Serverless::Function",
        "Properties": {
            "Runtime": "python3.11",
            "Handler": "index.handler",
            "Timeout": 20,  # real time, and the machine may be busy
            "InlineCode": CODE,
            "Environment": {"Variables": {"QUEUE": {"Ref": "Queue"}}},
            "Events": {"Placed": {"Type": kind, "Properties": event}},
        },
    }
    made = deploy({**QUEUE, "Function": function}, {"Url": {"Ref": "Queue"}}, **SAM)
    [found] = events.list_rules()["Rules"]
    [target] = events.list_targets_by_rule(Rule=found["Name"])["Targets"]
    if kind == "EventBridgeRule":
        assert target["RetryPolicy"] == event["RetryPolicy"]
        assert target["DeadLetterConfig"]["Arn"].startswith("arn:aws:sqs:")
    put({"price": 5})
    put({"price": 20})
    fogline_platform.settle()
    assert bodies(made["Url"]) == [{"price": 20}]


def test_a_schedule_of_a_sam_function_starts_it(
    events: Any, deploy: Deploy, bodies: Any, fogline_platform: LocalPlatform
) -> None:
    function = {
        "Type": "AWS::Serverless::Function",
        "Properties": {
            "Runtime": "python3.11",
            "Handler": "index.handler",
            "Timeout": 20,  # real time, and the machine may be busy
            "InlineCode": CODE,
            "Environment": {"Variables": {"QUEUE": {"Ref": "Queue"}}},
            "Events": {
                "Often": {
                    "Type": "Schedule",
                    "Properties": {
                        "Schedule": "rate(5 minutes)",
                        "Input": '{"job": "report"}',
                        "Enabled": True,
                        "DeadLetterConfig": {"Type": "SQS"},
                        "RetryPolicy": {"MaximumRetryAttempts": 2},
                    },
                }
            },
        },
    }
    made = deploy({**QUEUE, "Function": function}, {"Url": {"Ref": "Queue"}}, **SAM)
    fogline_platform.advance(seconds=301)
    assert bodies(made["Url"]) == [{"job": "report"}]


def test_a_target_without_an_id_fails_the_stack(fogline: Account, fogline_platform: Any) -> None:
    cloudformation = fogline.client("cloudformation")
    template = {"Resources": {"Rule": rule(Targets=[{"Arn": "arn:aws:sqs:a:b:c"}])}}
    cloudformation.create_stack(StackName="bad", TemplateBody=json.dumps(template))
    fogline_platform.settle()
    reasons = [
        event.get("ResourceStatusReason", "")
        for event in cloudformation.describe_stack_events(StackName="bad")["StackEvents"]
    ]
    assert any("Every target must have an Arn and an Id." in reason for reason in reasons)


def test_a_rule_may_stand_without_targets(events: Any, deploy: Deploy) -> None:
    deploy(
        {"Rule": {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": {"source": ["a"]}}}}
    )
    (rule,) = events.list_rules()["Rules"]
    assert events.list_targets_by_rule(Rule=rule["Name"])["Targets"] == []
