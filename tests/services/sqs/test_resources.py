"""The CloudFormation types of SQS, in real stacks."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fogline.testing.plugin import Account

DEAD = {"Type": "AWS::SQS::Queue", "Properties": {"FifoQueue": True}}
LIVE = {
    "Type": "AWS::SQS::Queue",
    "Properties": {
        "FifoQueue": True,
        "ContentBasedDeduplication": True,
        "DeduplicationScope": "messageGroup",
        "FifoThroughputLimit": "perMessageGroupId",
        "RedrivePolicy": {
            "deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]},
            "maxReceiveCount": 3,
        },
    },
}
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}],
}


class Stack:
    """A stack of queues, in few words."""

    def __init__(self, fogline: Account) -> None:
        self._platform = fogline.platform
        self._client = fogline.client("cloudformation")
        self._sqs = fogline.client("sqs")

    def make(self, is_new: bool = True, /, **resources: Any) -> None:
        queue = next(iter(resources))
        template = {"Resources": resources, "Outputs": {"Url": {"Value": {"Ref": queue}}}}
        act = self._client.create_stack if is_new else self._client.update_stack
        act(StackName="s", TemplateBody=json.dumps(template))
        self._platform.settle()

    @property
    def status(self) -> str:
        return str(self._client.describe_stacks(StackName="s")["Stacks"][0]["StackStatus"])

    @property
    def url(self) -> str:
        """Of the first resource."""
        (output,) = self._client.describe_stacks(StackName="s")["Stacks"][0]["Outputs"]
        return str(output["OutputValue"])

    def attributes(self) -> dict[str, str]:
        found = self._sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])
        return dict(found["Attributes"])


@pytest.fixture
def stack(fogline: Account) -> Stack:
    return Stack(fogline)


def test_a_fifo_queue_without_a_name_gets_one_that_ends_as_it_must(stack: Stack) -> None:
    stack.make(Live=LIVE, Dead=DEAD)
    assert stack.url.endswith(".fifo")
    found = stack.attributes()
    assert found["ContentBasedDeduplication"] == "true"
    assert found["DeduplicationScope"] == "messageGroup"
    assert found["FifoThroughputLimit"] == "perMessageGroupId"
    assert json.loads(found["RedrivePolicy"])["deadLetterTargetArn"].endswith(".fifo")


def test_a_template_may_say_that_a_standard_queue_is_no_fifo_queue(stack: Stack) -> None:
    plain = {"FifoQueue": False, "ContentBasedDeduplication": "false"}
    stack.make(Live={"Type": "AWS::SQS::Queue", "Properties": plain})
    assert stack.status == "CREATE_COMPLETE"
    assert "FifoQueue" not in stack.attributes()


def test_content_based_deduplication_ends_with_its_property_and_the_scope_stays(
    stack: Stack,
) -> None:
    stack.make(Live=LIVE, Dead=DEAD)
    url = stack.url
    stack.make(False, Live=DEAD, Dead=DEAD)
    assert stack.url == url
    found = stack.attributes()
    assert "RedrivePolicy" not in found
    assert found["ContentBasedDeduplication"] == "false"
    assert found["DeduplicationScope"] == "messageGroup"


def test_a_queue_of_another_kind_is_another_queue(stack: Stack) -> None:
    stack.make(Live=DEAD)
    url = stack.url
    stack.make(False, Live={"Type": "AWS::SQS::Queue"})
    assert stack.url != url
    assert "FifoQueue" not in stack.attributes()


@pytest.mark.parametrize(
    "policy",
    [
        {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "Live"}]}},
        {"Type": "AWS::SQS::QueueInlinePolicy", "Properties": {"Queue": {"Ref": "Live"}}},
    ],
    ids=lambda policy: policy["Type"].rpartition(":")[2],
)
def test_a_policy_belongs_to_its_queue_until_it_is_taken_out(
    stack: Stack, policy: dict[str, Any]
) -> None:
    properties = {**policy["Properties"], "PolicyDocument": POLICY}
    stack.make(Live=DEAD, Policy={**policy, "Properties": properties})
    assert json.loads(stack.attributes()["Policy"]) == POLICY
    stack.make(False, Live=DEAD)
    assert "Policy" not in stack.attributes()
