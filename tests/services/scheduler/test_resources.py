"""The CloudFormation types, and the events that SAM makes of them."""

from __future__ import annotations

import json

import pytest

CODE = """
import json, os, boto3
def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps(event))
"""


@pytest.fixture
def deploy(fogline, fogline_platform):
    """Creates or updates the stack; its outputs."""
    cloudformation = fogline.client("cloudformation")

    def deploy(resources, outputs=None, update=False, **top):
        body = {
            "Resources": resources,
            "Outputs": {name: {"Value": value} for name, value in (outputs or {}).items()},
            **top,
        }
        request = {
            "StackName": "jobs",
            "TemplateBody": json.dumps(body),
            "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        }
        change = cloudformation.update_stack if update else cloudformation.create_stack
        change(**request)
        fogline_platform.settle()
        stack = cloudformation.describe_stacks(StackName="jobs")["Stacks"][0]
        assert stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), (
            cloudformation.describe_stack_events(StackName="jobs")["StackEvents"]
        )
        return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", ())}

    yield deploy
    cloudformation.delete_stack(StackName="jobs")
    fogline_platform.settle()


def schedule(**more):
    return {
        "Type": "AWS::Scheduler::Schedule",
        "Properties": {
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "ScheduleExpression": "rate(1 hour)",
            "Target": {
                "Arn": {"Fn::GetAtt": ["Queue", "Arn"]},
                "RoleArn": "arn:aws:iam::000000000000:role/r",
                "Input": "tick",
                "RetryPolicy": {"MaximumRetryAttempts": "3"},
            },
            **more,
        },
    }


QUEUE = {"Queue": {"Type": "AWS::SQS::Queue"}}
OUTPUTS = {
    "Url": {"Ref": "Queue"},
    "Name": {"Ref": "Job"},
    "Arn": {"Fn::GetAtt": ["Job", "Arn"]},
}


def test_a_schedule_is_made_changed_and_removed(
    fogline_platform, scheduler, deploy, bodies, refusal
):
    outputs = deploy({**QUEUE, "Job": schedule()}, OUTPUTS)
    assert outputs["Name"].startswith("jobs-Job-")
    assert outputs["Arn"].endswith(f":schedule/default/{outputs['Name']}")
    fogline_platform.advance(hours=1)
    assert bodies(outputs["Url"]) == ["tick", "tick"]
    shown = scheduler.get_schedule(Name=outputs["Name"])
    assert shown["Target"]["RetryPolicy"]["MaximumRetryAttempts"] == 3

    changed = schedule(State="DISABLED", EndDate="2190-01-01T00:00:00Z")
    assert deploy({**QUEUE, "Job": changed}, OUTPUTS, update=True) == outputs
    shown = scheduler.get_schedule(Name=outputs["Name"])
    assert (shown["State"], shown["EndDate"].year) == ("DISABLED", 2190)

    deploy(QUEUE, update=True)
    assert refusal(scheduler.get_schedule, Name=outputs["Name"])[0] == "ResourceNotFoundException"


def test_a_group_holds_schedules_and_shows_itself(scheduler, deploy):
    group = {
        "Type": "AWS::Scheduler::ScheduleGroup",
        "Properties": {"Name": "team", "Tags": [{"Key": "a", "Value": "1"}]},
    }
    resources = {
        **QUEUE,
        "Group": group,
        "Job": schedule(GroupName={"Ref": "Group"}, Name="job", State="DISABLED"),
    }
    outputs = deploy(
        resources,
        {
            "Arn": {"Fn::GetAtt": ["Group", "Arn"]},
            "State": {"Fn::GetAtt": ["Group", "State"]},
            "Made": {"Fn::GetAtt": ["Group", "CreationDate"]},
        },
    )
    assert outputs["Arn"].endswith(":schedule-group/team")
    assert outputs["State"] == "ACTIVE"
    assert outputs["Made"].endswith("Z")
    tags = scheduler.list_tags_for_resource(ResourceArn=outputs["Arn"])["Tags"]
    assert {"Key": "a", "Value": "1"} in tags

    group["Properties"]["Tags"] = [{"Key": "b", "Value": "2"}]
    resources["Job"] = schedule(Name="job", State="DISABLED")
    deploy(resources, update=True)
    tags = scheduler.list_tags_for_resource(ResourceArn=outputs["Arn"])["Tags"]
    assert [tag for tag in tags if not tag["Key"].startswith("aws:")] == [
        {"Key": "b", "Value": "2"}
    ]
    assert [each["GroupName"] for each in scheduler.list_schedules()["Schedules"]] == ["default"]


def test_a_schedule_of_a_sam_function_starts_it(fogline_platform, deploy, scheduler, bodies):
    function = {
        "Type": "AWS::Serverless::Function",
        "Properties": {
            "Runtime": "python3.11",
            "Handler": "index.handler",
            "Timeout": 20,  # real time, and the machine may be busy
            "InlineCode": CODE,
            "Environment": {"Variables": {"QUEUE": {"Ref": "Queue"}}},
            "Events": {
                "Nightly": {
                    "Type": "ScheduleV2",
                    "Properties": {
                        "ScheduleExpression": "rate(1 day)",
                        "ScheduleExpressionTimezone": "Europe/Berlin",
                        "Input": '{"job": "report"}',
                        "RetryPolicy": {"MaximumRetryAttempts": 5},
                        "DeadLetterConfig": {"Type": "SQS"},
                    },
                }
            },
        },
    }
    outputs = deploy(
        {**QUEUE, "Function": function},
        {"Url": {"Ref": "Queue"}},
        Transform="AWS::Serverless-2016-10-31",
    )
    assert [json.loads(body) for body in bodies(outputs["Url"])] == [{"job": "report"}]
    fogline_platform.advance(days=1)
    assert len(bodies(outputs["Url"])) == 1
    (made,) = scheduler.list_schedules()["Schedules"]
    shown = scheduler.get_schedule(Name=made["Name"])
    assert shown["ScheduleExpressionTimezone"] == "Europe/Berlin"
    assert "DeadLetterConfig" in shown["Target"]
