"""Change sets: what they show, and what comes of executing them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Make = Callable[..., dict[str, Any]]

QUEUES = """
Parameters: {Name: {Type: String, Default: orders}}
Resources:
  Orders: {Type: 'AWS::SQS::Queue', Properties: {QueueName: !Ref Name, DelaySeconds: 5}}
  Group: {Type: 'AWS::Logs::LogGroup', Properties: {LogGroupName: !Sub '/${Orders.QueueName}', RetentionInDays: 7}}
"""


@pytest.fixture
def propose(cloudformation: Any) -> Make:
    """A change set, described."""

    def propose(template: str, **request: Any) -> dict[str, Any]:
        show_values = request.pop("show_values", False)
        made = cloudformation.create_change_set(
            StackName="shop",
            TemplateBody=template,
            **{"ChangeSetName": "change", "ChangeSetType": "UPDATE", **request},
        )
        described: dict[str, Any] = cloudformation.describe_change_set(
            ChangeSetName=made["Id"], IncludePropertyValues=show_values
        )
        return described

    return propose


def refusal(work: Callable[[], Any]) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        work()
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def summary(change_set: dict[str, Any]) -> list[tuple[Any, ...]]:
    changes = [each["ResourceChange"] for each in change_set["Changes"]]
    return [
        (each["Action"], each["LogicalResourceId"], each.get("Replacement")) for each in changes
    ]


def causes(change_set: dict[str, Any], logical_id: str) -> list[tuple[Any, ...]]:
    change = next(
        each["ResourceChange"]
        for each in change_set["Changes"]
        if each["ResourceChange"]["LogicalResourceId"] == logical_id
    )
    return [
        (
            each["Target"].get("Name"),
            each["Target"]["RequiresRecreation"],
            each["ChangeSource"],
            each["Evaluation"],
            each.get("CausingEntity"),
        )
        for each in change["Details"]
    ]


def test_a_stack_to_be_created_waits_for_its_review(propose: Make, describe: Make) -> None:
    change_set = propose(QUEUES, ChangeSetType="CREATE")
    assert (change_set["Status"], change_set["ExecutionStatus"]) == ("CREATE_COMPLETE", "AVAILABLE")
    assert summary(change_set) == [("Add", "Group", None), ("Add", "Orders", None)]
    assert describe("shop")["StackStatus"] == "REVIEW_IN_PROGRESS"


def test_executing_it_creates_the_stack(
    propose: Make, cloudformation: Any, describe: Make, events: Callable[..., Any]
) -> None:
    change_set = propose(QUEUES, ChangeSetType="CREATE")
    cloudformation.execute_change_set(ChangeSetName=change_set["ChangeSetId"])
    stack = describe("shop")
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert stack["ChangeSetId"] == change_set["ChangeSetId"]
    assert events()[:2] == [("shop", "REVIEW_IN_PROGRESS"), ("shop", "CREATE_IN_PROGRESS")]
    found = cloudformation.describe_change_set(ChangeSetName=change_set["ChangeSetId"])
    assert found["ExecutionStatus"] == "EXECUTE_COMPLETE"
    assert cloudformation.list_change_sets(StackName="shop")["Summaries"] == []


def test_a_direct_change_and_what_may_follow(make_stack: Make, propose: Make) -> None:
    make_stack(QUEUES)
    change_set = propose(QUEUES.replace("DelaySeconds: 5", "DelaySeconds: 6"))
    assert summary(change_set) == [
        ("Modify", "Group", "Conditional"),
        ("Modify", "Orders", "False"),
    ]
    assert causes(change_set, "Orders") == [
        ("DelaySeconds", "Never", "DirectModification", "Static", None)
    ]
    assert causes(change_set, "Group") == [
        ("LogGroupName", "Always", "ResourceAttribute", "Dynamic", "Orders.QueueName")
    ]


def test_what_may_follow_is_left_out_where_values_are_known(
    make_stack: Make, propose: Make
) -> None:
    make_stack(QUEUES)
    changed = QUEUES.replace("DelaySeconds: 5", "DelaySeconds: 6")
    change_set = propose(changed, show_values=True)
    assert summary(change_set) == [("Modify", "Orders", "False")]


def test_a_change_through_a_parameter_and_what_follows_from_replacing(
    make_stack: Make, propose: Make
) -> None:
    make_stack(QUEUES)
    change_set = propose(QUEUES, Parameters=[{"ParameterKey": "Name", "ParameterValue": "sales"}])
    assert summary(change_set) == [("Modify", "Group", "True"), ("Modify", "Orders", "True")]
    assert causes(change_set, "Orders") == [
        ("QueueName", "Always", "ParameterReference", "Static", "Name"),
        ("QueueName", "Always", "DirectModification", "Dynamic", None),
    ]
    assert causes(change_set, "Group") == [
        ("LogGroupName", "Always", "ResourceAttribute", "Static", "Orders.QueueName")
    ]


def test_property_values_are_shown_when_asked_for(make_stack: Make, propose: Make) -> None:
    make_stack(QUEUES)
    change_set = propose(
        QUEUES,
        Parameters=[{"ParameterKey": "Name", "ParameterValue": "sales"}],
        show_values=True,
    )
    group = change_set["Changes"][0]["ResourceChange"]
    assert json.loads(group["BeforeContext"]) == {
        "Properties": {"LogGroupName": "/orders", "RetentionInDays": 7}
    }
    assert json.loads(group["AfterContext"]) == {
        "Properties": {
            "LogGroupName": "{{changeSet:KNOWN_AFTER_APPLY}}",
            "RetentionInDays": 7,
        }
    }


def test_no_change_is_a_failed_change_set(
    make_stack: Make, propose: Make, cloudformation: Any
) -> None:
    make_stack(QUEUES)
    change_set = propose(QUEUES)
    assert (change_set["Status"], change_set["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert change_set["StatusReason"] == (
        "The submitted information didn't contain changes. Submit different information to create a change set."
    )
    code, message = refusal(
        lambda: cloudformation.execute_change_set(ChangeSetName=change_set["ChangeSetId"])
    )
    assert code == "InvalidChangeSetStatus"
    assert message.endswith("cannot be executed in its current status of [FAILED]")


def test_a_failed_transform_is_a_failed_change_set(propose: Make) -> None:
    template = (
        "Resources: {Q: {Type: 'AWS::SQS::Queue', 'Fn::Transform': "
        "{Name: 'AWS::Include', Parameters: {Location: 'nowhere'}}}}"
    )
    change_set = propose(template, ChangeSetType="CREATE")
    assert change_set["Status"] == "FAILED"
    assert change_set["StatusReason"].startswith("Transform AWS::Include failed with: ")


def test_a_removal_says_what_becomes_of_the_resource(make_stack: Make, propose: Make) -> None:
    make_stack(QUEUES)
    change_set = propose(
        "Resources: {Orders: {Type: 'AWS::SQS::Queue', Properties: {QueueName: orders, DelaySeconds: 5}}}"
    )
    change = change_set["Changes"][0]["ResourceChange"]
    assert (change["Action"], change["LogicalResourceId"], change["PolicyAction"]) == (
        "Remove",
        "Group",
        "Delete",
    )


@pytest.mark.parametrize(
    ("request_", "code", "message"),
    [
        ({"ChangeSetType": "UPDATE"}, "ValidationError", "Stack [shop] does not exist"),
        ({"ChangeSetType": "IMPORT"}, "ValidationError", None),
    ],
)
def test_a_change_set_is_refused(
    propose: Make, request_: dict[str, Any], code: str, message: str | None
) -> None:
    found = refusal(lambda: propose(QUEUES, **request_))
    assert found[0] == code
    assert message is None or found[1] == message


def test_nested_stacks_may_be_asked_for_where_there_are_none(propose: Make) -> None:
    found = propose(QUEUES, ChangeSetType="CREATE", IncludeNestedStacks=True)
    assert (found["Status"], found["IncludeNestedStacks"]) == ("CREATE_COMPLETE", True)
    nested = "Resources: {C: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: x}}}"
    _, message = refusal(
        lambda: propose(
            nested, ChangeSetName="other", ChangeSetType="CREATE", IncludeNestedStacks=True
        )
    )
    assert message.startswith("Fogline does not make change sets of nested stacks yet")


def test_creating_what_is_there_is_refused(make_stack: Make, propose: Make) -> None:
    make_stack(QUEUES)
    assert refusal(lambda: propose(QUEUES, ChangeSetType="CREATE")) == (
        "ValidationError",
        "Stack [shop] already exists and cannot be created again with the changeSet [change].",
    )


def test_change_sets_that_are_not_there(make_stack: Make, cloudformation: Any) -> None:
    assert refusal(
        lambda: cloudformation.describe_change_set(StackName="nothing", ChangeSetName="x")
    ) == ("ValidationError", "Stack [nothing] does not exist")
    assert refusal(lambda: cloudformation.delete_change_set(ChangeSetName="x")) == (
        "ValidationError",
        "StackName must be specified if ChangeSetName is not specified as an ARN.",
    )
    make_stack(QUEUES)
    assert refusal(
        lambda: cloudformation.describe_change_set(StackName="shop", ChangeSetName="x")
    ) == ("ChangeSetNotFound", "ChangeSet [x] does not exist")


def test_a_deleted_change_set_is_gone(make_stack: Make, propose: Make, cloudformation: Any) -> None:
    make_stack(QUEUES)
    change_set = propose(QUEUES.replace("DelaySeconds: 5", "DelaySeconds: 6"))
    listed = cloudformation.list_change_sets(StackName="shop")["Summaries"]
    assert [each["ChangeSetName"] for each in listed] == ["change"]
    cloudformation.delete_change_set(StackName="shop", ChangeSetName="change")
    code, _ = refusal(
        lambda: cloudformation.describe_change_set(ChangeSetName=change_set["ChangeSetId"])
    )
    assert code == "ChangeSetNotFound"
