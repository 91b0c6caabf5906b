"""Stack policies: kept, checked, and held to in updates."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Make = Callable[..., dict[str, Any]]

TEMPLATE = "Resources: {Q: {Type: 'AWS::SQS::Queue', Properties: {DelaySeconds: 1}}}"


def policy(
    effect: str,
    action: str = "Update:*",
    principal: str = "*",
    resource: str = "*",
    condition: Any = None,
) -> str:
    statement = {"Effect": effect, "Action": action, "Principal": principal, "Resource": resource}
    if condition is not None:
        statement["Condition"] = condition
    return json.dumps({"Statement": [statement]})


def by_type(operator: str, type_name: str) -> dict[str, Any]:
    return {operator: {"ResourceType": [type_name]}}


def test_a_policy_is_kept(make_stack: Make, cloudformation: Any) -> None:
    make_stack(TEMPLATE)
    assert "StackPolicyBody" not in cloudformation.get_stack_policy(StackName="shop")
    cloudformation.set_stack_policy(StackName="shop", StackPolicyBody=policy("Deny"))
    found = cloudformation.get_stack_policy(StackName="shop")
    assert json.loads(found["StackPolicyBody"]) == json.loads(policy("Deny"))


@pytest.mark.parametrize(
    "text",
    [
        "text",
        policy("Deny", principal="me"),
        policy("Deny", action="Delete:*"),
        policy("Maybe"),
        policy("Deny", condition=by_type("StringResembles", "AWS::SQS::Queue")),
        policy("Deny", condition="none"),
    ],
)
def test_what_is_no_policy_is_refused(make_stack: Make, cloudformation: Any, text: str) -> None:
    make_stack(TEMPLATE)
    with pytest.raises(ClientError, match="Error validating stack policy: Invalid stack policy"):
        cloudformation.set_stack_policy(StackName="shop", StackPolicyBody=text)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (policy("Allow"), "UPDATE_COMPLETE"),
        (policy("Deny"), "UPDATE_ROLLBACK_COMPLETE"),
        (policy("Deny", action="Update:Replace"), "UPDATE_ROLLBACK_COMPLETE"),
        (policy("Allow", resource="LogicalResourceId/Q"), "UPDATE_COMPLETE"),
        (policy("Allow", resource="LogicalResourceId/R*"), "UPDATE_ROLLBACK_COMPLETE"),
        (policy("Allow", resource="LogicalResourceId/*Q*"), "UPDATE_COMPLETE"),
        (policy("Allow", resource="LogicalResourceId/" + "*?" * 30), "UPDATE_ROLLBACK_COMPLETE"),
        (
            policy("Deny", condition=by_type("StringLike", "AWS::SQS::*")),
            "UPDATE_ROLLBACK_COMPLETE",
        ),
        (
            policy("Allow", condition=by_type("StringNotEquals", "AWS::SNS::Topic")),
            "UPDATE_COMPLETE",
        ),
        (
            policy("Allow", condition=by_type("StringEquals", "AWS::SNS::Topic")),
            "UPDATE_ROLLBACK_COMPLETE",
        ),
        ("{}", "UPDATE_COMPLETE"),
    ],
)
def test_an_update_does_what_the_policy_lets_it(
    make_stack: Make, update_stack: Make, text: str, status: str
) -> None:
    make_stack(TEMPLATE, StackPolicyBody=text)
    stack = update_stack(TEMPLATE.replace("DelaySeconds: 1", "DelaySeconds: 2"))
    assert stack["StackStatus"] == status


def test_a_policy_for_the_update_alone_wins(make_stack: Make, update_stack: Make) -> None:
    make_stack(TEMPLATE, StackPolicyBody=policy("Deny"))
    changed = TEMPLATE.replace("DelaySeconds: 1", "DelaySeconds: 2")
    stack = update_stack(changed, StackPolicyDuringUpdateBody=policy("Allow"))
    assert stack["StackStatus"] == "UPDATE_COMPLETE"
