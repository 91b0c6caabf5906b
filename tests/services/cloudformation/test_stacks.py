"""Stacks: created, updated, rolled back and deleted."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fogline.services.cloudformation.loops import Expiry
from fogline.world.clock import DAY

Make = Callable[..., dict[str, Any]]
Events = Callable[..., list[tuple[str, str]]]

QUEUES = """
Parameters:
  Seconds: {Type: Number, Default: 30}
Resources:
  Orders:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub '${AWS::StackName}-orders'
      VisibilityTimeout: !Ref Seconds
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: "3"}
  Dead:
    Type: AWS::SQS::Queue
Outputs:
  Url: {Value: !Ref Orders, Description: Where orders go}
"""


def refusal(work: Callable[[], Any]) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        work()
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_stack_makes_its_resources_in_the_order_they_need_each_other(
    make_stack: Make, events: Events
) -> None:
    stack = make_stack(QUEUES)
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert events() == [
        ("shop", "CREATE_IN_PROGRESS"),
        ("Dead", "CREATE_IN_PROGRESS"),
        ("Dead", "CREATE_IN_PROGRESS"),
        ("Dead", "CREATE_COMPLETE"),
        ("Orders", "CREATE_IN_PROGRESS"),
        ("Orders", "CREATE_IN_PROGRESS"),
        ("Orders", "CREATE_COMPLETE"),
        ("shop", "CREATE_COMPLETE"),
    ]


def test_outputs_are_values_of_what_was_made(make_stack: Make, sqs: Any) -> None:
    stack = make_stack(QUEUES)
    url = sqs.get_queue_url(QueueName="shop-orders")["QueueUrl"]
    assert stack["Outputs"] == [
        {"OutputKey": "Url", "OutputValue": url, "Description": "Where orders go"}
    ]


def test_text_becomes_what_the_operation_wants(make_stack: Make, sqs: Any) -> None:
    stack = make_stack(QUEUES)
    url = stack["Outputs"][0]["OutputValue"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["VisibilityTimeout"] == "30"
    assert json.loads(attributes["RedrivePolicy"])["maxReceiveCount"] == 3


def test_a_name_that_is_taken_is_refused(make_stack: Make, cloudformation: Any) -> None:
    make_stack(QUEUES)
    assert refusal(lambda: cloudformation.create_stack(StackName="shop", TemplateBody=QUEUES)) == (
        "AlreadyExistsException",
        "Stack [shop] already exists",
    )


def test_a_type_we_do_not_have_may_stand_where_its_condition_is_false(make_stack: Make) -> None:
    stack = make_stack("""
        Conditions: {Never: !Equals [a, b]}
        Resources: {Q: {Type: 'AWS::SQS::Queue'}, K: {Type: 'AWS::X::Y', Condition: Never}}
    """)
    assert stack["StackStatus"] == "CREATE_COMPLETE"


def test_all_unknown_types_are_named_before_anything_is_made(cloudformation: Any, sqs: Any) -> None:
    template = (
        "Resources: {Q: {Type: 'AWS::SQS::Queue'}, A: {Type: 'AWS::X::Y'}, B: {Type: 'AWS::Z::W'}}"
    )
    code, message = refusal(
        lambda: cloudformation.create_stack(StackName="shop", TemplateBody=template)
    )
    assert code == "ValidationError"
    assert message.startswith(
        "Template format error: Unrecognized resource types: [AWS::X::Y, AWS::Z::W]"
    )
    assert cloudformation.describe_stacks()["Stacks"] == []
    assert "QueueUrls" not in sqs.list_queues()


def test_all_unknown_properties_are_named_before_anything_is_made(cloudformation: Any) -> None:
    template = "Resources: {Q: {Type: 'AWS::SQS::Queue', Properties: {Colour: red, Weight: 1}}}"
    _, message = refusal(
        lambda: cloudformation.create_stack(StackName="shop", TemplateBody=template)
    )
    assert "Q (AWS::SQS::Queue): Colour, Weight" in message


def test_a_failed_creation_is_rolled_back(make_stack: Make, events: Events, sqs: Any) -> None:
    stack = make_stack(
        QUEUES, Parameters=[{"ParameterKey": "Seconds", "ParameterValue": "99999999"}]
    )
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert events()[4:] == [
        ("Orders", "CREATE_IN_PROGRESS"),
        ("Orders", "CREATE_FAILED"),
        ("shop", "ROLLBACK_IN_PROGRESS"),
        ("Dead", "DELETE_IN_PROGRESS"),
        ("Dead", "DELETE_COMPLETE"),
        ("shop", "ROLLBACK_COMPLETE"),
    ]
    assert "QueueUrls" not in sqs.list_queues()


def test_a_failed_creation_says_why(make_stack: Make, cloudformation: Any) -> None:
    make_stack(QUEUES, Parameters=[{"ParameterKey": "Seconds", "ParameterValue": "99999999"}])
    found = cloudformation.describe_stack_events(StackName="shop")["StackEvents"]
    reasons = {each["ResourceStatus"]: each.get("ResourceStatusReason", "") for each in found}
    assert "Invalid value for the parameter VisibilityTimeout." in reasons["CREATE_FAILED"]
    assert reasons["ROLLBACK_IN_PROGRESS"] == (
        "The following resource(s) failed to create: [Orders]. Rollback requested by user."
    )


@pytest.mark.parametrize(
    ("on_failure", "status", "is_there"),
    [("DO_NOTHING", "CREATE_FAILED", True), ("DELETE", "DELETE_COMPLETE", False)],
)
def test_what_follows_a_failed_creation_can_be_chosen(
    make_stack: Make, sqs: Any, on_failure: str, status: str, is_there: bool
) -> None:
    stack = make_stack(
        QUEUES,
        OnFailure=on_failure,
        Parameters=[{"ParameterKey": "Seconds", "ParameterValue": "99999999"}],
    )
    assert stack["StackStatus"] == status
    assert ("QueueUrls" in sqs.list_queues()) is is_there


def test_an_update_changes_in_place_what_can_be(
    make_stack: Make, update_stack: Make, events: Events, sqs: Any
) -> None:
    make_stack(QUEUES)
    stack = update_stack(QUEUES, Parameters=[{"ParameterKey": "Seconds", "ParameterValue": "60"}])
    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    assert events()[8:] == [
        ("shop", "UPDATE_IN_PROGRESS"),
        ("Orders", "UPDATE_IN_PROGRESS"),
        ("Orders", "UPDATE_COMPLETE"),
        ("shop", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
        ("shop", "UPDATE_COMPLETE"),
    ]
    url = sqs.get_queue_url(QueueName="shop-orders")["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
    assert found["Attributes"]["VisibilityTimeout"] == "60"


def test_an_update_replaces_what_cannot_be_changed_and_then_deletes_the_old(
    make_stack: Make, update_stack: Make, events: Events, sqs: Any
) -> None:
    make_stack(QUEUES)
    update_stack(QUEUES.replace("-orders", "-sales"))
    assert events()[8:] == [
        ("shop", "UPDATE_IN_PROGRESS"),
        ("Orders", "UPDATE_IN_PROGRESS"),
        ("Orders", "UPDATE_IN_PROGRESS"),
        ("Orders", "UPDATE_COMPLETE"),
        ("shop", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
        ("Orders", "DELETE_IN_PROGRESS"),
        ("Orders", "DELETE_COMPLETE"),
        ("shop", "UPDATE_COMPLETE"),
    ]
    names = sorted(url.rpartition("/")[2][:11] for url in sqs.list_queues()["QueueUrls"])
    assert names == ["shop-Dead-A"[:10] + names[0][10], "shop-sales"]


def test_an_update_without_change_is_refused(make_stack: Make, cloudformation: Any) -> None:
    make_stack(QUEUES)
    assert refusal(lambda: cloudformation.update_stack(StackName="shop", TemplateBody=QUEUES)) == (
        "ValidationError",
        "No updates are to be performed.",
    )


def test_a_failed_update_puts_everything_back(
    make_stack: Make, update_stack: Make, describe: Make, sqs: Any
) -> None:
    make_stack(QUEUES)
    broken = QUEUES.replace("-orders", "-sales") + ("  More: {Value: x}\n").replace(
        "  More: {Value: x}\n", ""
    )
    broken = broken.replace(
        "  Dead:\n    Type: AWS::SQS::Queue",
        "  Dead:\n    Type: AWS::SQS::Queue\n    Properties: {VisibilityTimeout: 60}\n"
        "  Bad:\n    Type: AWS::SQS::Queue\n    DependsOn: Orders\n    Properties: {DelaySeconds: 99999}",
    )
    before = sorted(sqs.list_queues()["QueueUrls"])
    stack = update_stack(broken)
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert sorted(sqs.list_queues()["QueueUrls"]) == before
    dead = next(url for url in before if "Dead" in url)
    found = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["VisibilityTimeout"])
    assert found["Attributes"]["VisibilityTimeout"] == "30"


def test_a_resource_taken_out_is_deleted_unless_it_is_to_be_kept(
    make_stack: Make, update_stack: Make, events: Events, sqs: Any
) -> None:
    template = """
        Resources:
          Kept: {Type: 'AWS::SQS::Queue', DeletionPolicy: Retain, Properties: {QueueName: kept}}
          Gone: {Type: 'AWS::SQS::Queue', Properties: {QueueName: gone}}
          Rest: {Type: 'AWS::SQS::Queue', Properties: {QueueName: rest}}
    """
    make_stack(template)
    update_stack("Resources: {Rest: {Type: 'AWS::SQS::Queue', Properties: {QueueName: rest}}}")
    assert events()[-4:-1] == [
        ("Kept", "DELETE_SKIPPED"),
        ("Gone", "DELETE_IN_PROGRESS"),
        ("Gone", "DELETE_COMPLETE"),
    ]
    names = sorted(url.rpartition("/")[2] for url in sqs.list_queues()["QueueUrls"])
    assert names == ["kept", "rest"]


def test_an_update_may_change_outputs_alone(make_stack: Make, update_stack: Make) -> None:
    make_stack(QUEUES)
    stack = update_stack(QUEUES + "  Name: {Value: !GetAtt Dead.QueueName}\n")
    assert [output["OutputKey"] for output in stack["Outputs"]] == ["Name", "Url"]


def test_previous_template_and_values_can_be_used(
    make_stack: Make, cloudformation: Any, describe: Make
) -> None:
    make_stack(QUEUES, Parameters=[{"ParameterKey": "Seconds", "ParameterValue": "60"}])
    cloudformation.update_stack(
        StackName="shop",
        UsePreviousTemplate=True,
        Parameters=[{"ParameterKey": "Seconds", "UsePreviousValue": True}],
        Tags=[{"Key": "team", "Value": "a"}],
    )
    stack = describe("shop")
    assert stack["Parameters"] == [{"ParameterKey": "Seconds", "ParameterValue": "60"}]
    assert stack["Tags"] == [{"Key": "team", "Value": "a"}]


def test_tags_of_the_stack_reach_its_resources(make_stack: Make, sqs: Any) -> None:
    stack = make_stack(QUEUES, Tags=[{"Key": "team", "Value": "a"}])
    tags = sqs.list_queue_tags(QueueUrl=stack["Outputs"][0]["OutputValue"])["Tags"]
    assert tags["team"] == "a"


def test_deleting_a_stack_deletes_its_resources(
    make_stack: Make, cloudformation: Any, describe: Make, events: Events, sqs: Any
) -> None:
    stack = make_stack(QUEUES)
    cloudformation.delete_stack(StackName="shop")
    assert describe(stack["StackId"])["StackStatus"] == "DELETE_COMPLETE"
    assert "QueueUrls" not in sqs.list_queues()
    assert events(stack["StackId"])[-6:] == [
        ("shop", "DELETE_IN_PROGRESS"),
        ("Orders", "DELETE_IN_PROGRESS"),
        ("Orders", "DELETE_COMPLETE"),
        ("Dead", "DELETE_IN_PROGRESS"),
        ("Dead", "DELETE_COMPLETE"),
        ("shop", "DELETE_COMPLETE"),
    ]
    assert refusal(lambda: cloudformation.describe_stacks(StackName="shop")) == (
        "ValidationError",
        "Stack with id shop does not exist",
    )


def test_deleting_finds_resources_that_are_gone_already(
    make_stack: Make, cloudformation: Any, describe: Make, sqs: Any
) -> None:
    stack = make_stack(QUEUES)
    sqs.delete_queue(QueueUrl=stack["Outputs"][0]["OutputValue"])
    cloudformation.delete_stack(StackName="shop")
    assert describe(stack["StackId"])["StackStatus"] == "DELETE_COMPLETE"


def test_a_protected_stack_is_not_deleted(make_stack: Make, cloudformation: Any) -> None:
    make_stack(QUEUES, EnableTerminationProtection=True)
    assert refusal(lambda: cloudformation.delete_stack(StackName="shop")) == (
        "ValidationError",
        "Stack [shop] cannot be deleted while TerminationProtection is enabled",
    )
    cloudformation.update_termination_protection(
        StackName="shop", EnableTerminationProtection=False
    )
    cloudformation.delete_stack(StackName="shop")


def test_deleting_what_is_not_there_is_a_success(cloudformation: Any) -> None:
    cloudformation.delete_stack(StackName="nothing")


def test_deleted_stacks_are_listed_and_live_ones_described(
    make_stack: Make, cloudformation: Any, describe: Make
) -> None:
    first = make_stack(QUEUES)
    cloudformation.delete_stack(StackName="shop")
    describe(first["StackId"])
    second = make_stack(QUEUES)
    listed = {
        each["StackId"]: each["StackStatus"]
        for each in cloudformation.list_stacks()["StackSummaries"]
    }
    assert listed == {first["StackId"]: "DELETE_COMPLETE", second["StackId"]: "CREATE_COMPLETE"}
    described = cloudformation.describe_stacks()["Stacks"]
    assert [each["StackId"] for each in described] == [second["StackId"]]
    deleted = cloudformation.list_stacks(StackStatusFilter=["DELETE_COMPLETE"])["StackSummaries"]
    assert [each["StackId"] for each in deleted] == [first["StackId"]]


def test_iam_resources_need_a_word(cloudformation: Any) -> None:
    template = (
        "Resources: {R: {Type: 'AWS::IAM::Role', Properties: {AssumeRolePolicyDocument: {}}}}"
    )
    assert refusal(
        lambda: cloudformation.create_stack(StackName="shop", TemplateBody=template)
    ) == (
        "InsufficientCapabilitiesException",
        "Requires capabilities : [CAPABILITY_IAM]",
    )


def test_a_hidden_parameter_is_masked(make_stack: Make) -> None:
    template = """
        Parameters: {Secret: {Type: String, NoEcho: true}}
        Resources: {Q: {Type: 'AWS::SQS::Queue', Properties: {QueueName: !Ref Secret}}}
    """
    stack = make_stack(template, Parameters=[{"ParameterKey": "Secret", "ParameterValue": "x"}])
    assert stack["Parameters"] == [{"ParameterKey": "Secret", "ParameterValue": "****"}]


def test_a_large_stack_takes_several_steps_and_misses_nothing(make_stack: Make, sqs: Any) -> None:
    resources = ", ".join(f"Q{number}: {{Type: 'AWS::SQS::Queue'}}" for number in range(150))
    stack = make_stack(f"Resources: {{{resources}}}")
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert len(sqs.list_queues(MaxResults=1000)["QueueUrls"]) == 150


@pytest.mark.parametrize("token", ["x", "e30=", "WzFd", "////"])
def test_a_token_that_is_not_ours_is_refused(cloudformation: Any, token: str) -> None:
    code, _ = refusal(lambda: cloudformation.describe_stacks(NextToken=token))
    assert code == "ValidationError"


def test_a_deleted_stack_is_forgotten_after_ninety_days(
    fogline: Any, make_stack: Make, cloudformation: Any, describe: Make
) -> None:
    stack = make_stack(QUEUES)
    cloudformation.delete_stack(StackName="shop")
    describe(stack["StackId"])
    service = fogline.platform.platform.dispatch.services()["cloudformation"]
    expiry = Expiry(service.stands_on)

    async def step(days: int) -> None:
        expiry.step(fogline.platform.now() + days * DAY)

    fogline.platform.ask(step(90))
    assert describe(stack["StackId"])["StackStatus"] == "DELETE_COMPLETE"
    fogline.platform.ask(step(91))
    code, _ = refusal(lambda: describe(stack["StackId"]))
    assert code == "ValidationError"


def test_a_failed_update_may_be_left_as_it_is_and_gone_on_from(
    make_stack: Make, update_stack: Make, sqs: Any
) -> None:
    make_stack(QUEUES)
    failing = QUEUES.replace("-orders", "-sales").replace(
        "Outputs:",
        "  Bad: {Type: 'AWS::SQS::Queue', DependsOn: Orders, Properties: {DelaySeconds: 99999}}\nOutputs:",
    )
    stack = update_stack(failing, DisableRollback=True)
    assert stack["StackStatus"] == "UPDATE_FAILED"
    assert len(sqs.list_queues()["QueueUrls"]) == 3
    stack = update_stack(failing.replace("99999", "9"))
    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    names = sorted(url.rpartition("/")[2] for url in sqs.list_queues()["QueueUrls"])
    assert [name.rpartition("-")[0] for name in names] == ["shop-Bad", "shop-Dead", "shop"]


@pytest.mark.parametrize(
    ("service", "is_accepted"),
    [("cloudformation.amazonaws.com", True), ("lambda.amazonaws.com", False)],
)
def test_a_role_must_trust_cloudformation(
    fogline: Any, cloudformation: Any, describe: Make, service: str, is_accepted: bool
) -> None:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    role = fogline.client("iam").create_role(
        RoleName="deployer",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )["Role"]["Arn"]

    def create() -> None:
        cloudformation.create_stack(StackName="shop", TemplateBody=QUEUES, RoleARN=role)

    if is_accepted:
        create()
        assert describe("shop")["RoleARN"] == role
    else:
        assert refusal(create) == (
            "ValidationError",
            f"Role {role} is invalid or cannot be assumed",
        )


def trigger(arn: str) -> dict[str, Any]:
    triggers = [{"Arn": arn, "Type": "AWS::CloudWatch::Alarm"}]
    return {"RollbackConfiguration": {"RollbackTriggers": triggers}}


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"NotificationARNs": ["arn:aws:sns:us-east-1:000000000000:t"]}, "Fogline does not send"),
        ({"Tags": [{"Key": "aws:x", "Value": "y"}]}, "Tag keys must not start with aws:"),
        (
            {"RollbackConfiguration": {"RollbackTriggers": [{"Arn": "x", "Type": "y"}]}},
            "Rollback Trigger Type not supported",
        ),
        (trigger("x"), "RelativeId of a Rollback Trigger's ARN is incorrect"),
        (
            trigger("arn:aws:cloudwatch:us-east-1:000000000000:alarm:errors"),
            "Fogline does not watch alarms while stacks change",
        ),
        ({"ResourceTypes": ["AWS::SNS::*"]}, "Resource type AWS::SQS::Queue is not allowed by"),
        ({"DisableRollback": True, "OnFailure": "DELETE"}, "Either DisableRollback or OnFailure"),
        ({"StackPolicyBody": "x"}, "Error validating stack policy: Invalid stack policy"),
    ],
)
def test_what_else_a_request_may_not_say(
    cloudformation: Any, request_: dict[str, Any], message: str
) -> None:
    code, found = refusal(
        lambda: cloudformation.create_stack(StackName="shop", TemplateBody=QUEUES, **request_)
    )
    assert code == "ValidationError"
    assert found.startswith(message)
