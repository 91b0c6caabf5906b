"""Exports: shared between stacks, and guarded while they are in use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Make = Callable[..., dict[str, Any]]

MAKER = """
Resources: {Q: {Type: 'AWS::SQS::Queue', Properties: {QueueName: shared}}}
Outputs: {Arn: {Value: !GetAtt Q.Arn, Export: {Name: queue}}}
"""
USER = """
Resources:
  Q:
    Type: AWS::SQS::Queue
    Properties: {RedrivePolicy: {deadLetterTargetArn: !ImportValue queue, maxReceiveCount: 3}}
"""


def test_an_export_is_listed_and_imported(make_stack: Make, cloudformation: Any) -> None:
    maker = make_stack(MAKER, "maker")
    make_stack(USER, "user")
    found = cloudformation.list_exports()["Exports"]
    assert [(each["Name"], each["ExportingStackId"]) for each in found] == [
        ("queue", maker["StackId"])
    ]
    assert cloudformation.list_imports(ExportName="queue")["Imports"] == ["user"]


def test_an_export_in_use_is_not_deleted(
    make_stack: Make, cloudformation: Any, describe: Make
) -> None:
    make_stack(MAKER, "maker")
    make_stack(USER, "user")
    cloudformation.delete_stack(StackName="maker")
    stack = describe("maker")
    assert stack["StackStatus"] == "DELETE_FAILED"
    assert stack["StackStatusReason"] == "Cannot delete export queue as it is in use by user."
    cloudformation.delete_stack(StackName="user")
    describe("maker")
    cloudformation.delete_stack(StackName="maker")
    with pytest.raises(ClientError):
        describe("maker")


def test_an_export_has_one_maker(make_stack: Make) -> None:
    make_stack(MAKER, "maker")
    other = make_stack(MAKER.replace("shared", "other"), "other")
    assert other["StackStatus"] == "ROLLBACK_COMPLETE"


def test_an_import_of_nothing_fails(make_stack: Make, cloudformation: Any) -> None:
    stack = make_stack(USER, "user")
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    found = cloudformation.describe_stack_events(StackName="user")["StackEvents"]
    reasons = [each.get("ResourceStatusReason") for each in found]
    assert "No export named queue found." in reasons


def test_imports_of_what_nobody_exports(cloudformation: Any) -> None:
    with pytest.raises(ClientError) as refused:
        cloudformation.list_imports(ExportName="nothing")
    assert refused.value.response["Error"]["Code"] == "ValidationError"
