"""State machines in templates: written in CloudFormation, by the CDK, and by SAM."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account

Resources = dict[str, Any]
Deploy = Callable[..., dict[str, str]]

ROLE = "arn:aws:iam::000000000000:role/workflows"
PASS: Resources = {"StartAt": "Only", "States": {"Only": {"Type": "Pass", "End": True}}}


def machine(**properties: Any) -> Resources:
    given = {"RoleArn": ROLE, **properties}
    if not given.keys() & {"Definition", "DefinitionS3Location", "DefinitionString"}:
        given["DefinitionString"] = json.dumps(PASS)
    return {"Type": "AWS::StepFunctions::StateMachine", "Properties": given}


def version(**properties: Any) -> Resources:
    given = {"StateMachineArn": {"Ref": "Flow"}, **properties}
    return {"Type": "AWS::StepFunctions::StateMachineVersion", "Properties": given}


def alias(**properties: Any) -> Resources:
    return {"Type": "AWS::StepFunctions::StateMachineAlias", "Properties": properties}


def attribute(resource: str, name: str) -> Resources:
    return {"Fn::GetAtt": [resource, name]}


@pytest.fixture
def stepfunctions(fogline: Account) -> Any:
    return fogline.client("stepfunctions")


@pytest.fixture
def attempt(
    fogline: Account, fogline_platform: LocalPlatform
) -> Iterator[Callable[..., dict[str, Any]]]:
    """Creates or updates the stack `flows`; the stack, whatever became of it."""
    cloudformation = fogline.client("cloudformation")
    made: list[str] = []

    def attempt(
        resources: Resources, outputs: Resources | None = None, **top: Any
    ) -> dict[str, Any]:
        written = {name: {"Value": value} for name, value in (outputs or {}).items()}
        template = {"Resources": resources, "Outputs": written, **top}
        change = cloudformation.update_stack if made else cloudformation.create_stack
        made.append("flows")
        change(
            StackName="flows",
            TemplateBody=json.dumps(template),
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
        fogline_platform.settle()
        stack: dict[str, Any] = cloudformation.describe_stacks(StackName="flows")["Stacks"][0]
        return stack

    yield attempt
    cloudformation.delete_stack(StackName="flows")
    fogline_platform.settle()


@pytest.fixture
def deploy(fogline: Account, attempt: Callable[..., dict[str, Any]]) -> Deploy:
    """Creates or updates the stack; its outputs."""

    def deploy(*given: Any, **top: Any) -> dict[str, str]:
        stack = attempt(*given, **top)
        assert stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), reasons(fogline)
        return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", ())}

    return deploy


def reasons(fogline: Account) -> list[str]:
    """Why resources of the stack failed, the first one first."""
    found = fogline.client("cloudformation").describe_stack_events(StackName="flows")
    events = reversed(found["StackEvents"])
    return [
        event["ResourceStatusReason"]
        for event in events
        if event["ResourceStatus"].endswith("FAILED") and "ResourceStatusReason" in event
    ]


def test_a_machine_has_a_name_an_arn_and_a_revision(
    fogline: Account, deploy: Deploy, stepfunctions: Any
) -> None:
    logging = {
        "Level": "ERROR",
        "IncludeExecutionData": "true",
        "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": attribute("Logs", "Arn")}}],
    }
    flow = machine(
        LoggingConfiguration=logging,
        TracingConfiguration={"Enabled": True},
        StateMachineType="EXPRESS",
        Tags=[{"Key": "team", "Value": "bakery"}],
    )
    outputs = {
        "Arn": attribute("Flow", "Arn"),
        "Ref": {"Ref": "Flow"},
        "Name": attribute("Flow", "Name"),
        "Revision": attribute("Flow", "StateMachineRevisionId"),
        "Group": attribute("Logs", "Arn"),
    }
    made = deploy({"Flow": flow, "Logs": {"Type": "AWS::Logs::LogGroup"}}, outputs)
    assert made["Name"].startswith("flows-Flow-")
    assert made["Ref"] == made["Arn"]
    assert made["Arn"] == f"arn:aws:states:us-east-1:{fogline.id}:stateMachine:{made['Name']}"
    assert made["Revision"] == "INITIAL"
    shown = stepfunctions.describe_state_machine(stateMachineArn=made["Arn"])
    assert (shown["type"], shown["tracingConfiguration"]) == ("EXPRESS", {"enabled": True})
    assert shown["loggingConfiguration"] == {
        "level": "ERROR",
        "includeExecutionData": True,
        "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": made["Group"]}}],
    }
    tags = stepfunctions.list_tags_for_resource(resourceArn=made["Arn"])["tags"]
    assert {"key": "team", "value": "bakery"} in tags
    assert {"key": "aws:cloudformation:logical-id", "value": "Flow"} in tags


def test_a_definition_is_an_object_a_text_or_a_file(
    fogline: Account, deploy: Deploy, stepfunctions: Any
) -> None:
    s3 = fogline.client("s3")
    s3.create_bucket(Bucket=f"flows-{fogline.id}")
    wanted = {
        "StartAt": "A",
        "States": {
            "A": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:1:function:f", "Next": "B"},
            "B": {"Type": "Wait", "Seconds": 5, "End": True},
        },
    }
    text = json.dumps(wanted).replace("arn:aws:lambda:us-east-1:1:function:f", "${Task}")
    yaml = """
    StartAt: A
    States:
      A: {Type: Task, Resource: "${Task}", Next: B}
      B: {Type: Wait, Seconds: 5, End: true}
    """
    for key, body in (("x.json", text), ("x.yaml", yaml)):
        s3.put_object(Bucket=f"flows-{fogline.id}", Key=key, Body=body.encode())
    values = {"Task": "arn:aws:lambda:us-east-1:1:function:f", "Unused": 1}
    location = {"Bucket": f"flows-{fogline.id}", "Key": "x.json"}
    sources: list[Resources] = [
        {"DefinitionString": text},
        {"DefinitionString": {"Fn::Join": ["", [text[:20], text[20:]]]}},
        {"Definition": json.loads(text)},
        {"DefinitionS3Location": location},
        {"DefinitionS3Location": {**location, "Key": "x.yaml"}},
    ]
    resources = {
        f"Flow{number}": machine(**source, DefinitionSubstitutions=values)
        for number, source in enumerate(sources)
    }
    made = deploy(resources, {name: {"Ref": name} for name in resources})
    for arn in made.values():
        shown = stepfunctions.describe_state_machine(stateMachineArn=arn)
        assert json.loads(shown["definition"]) == wanted


def test_a_change_updates_the_machine_or_replaces_it(deploy: Deploy, stepfunctions: Any) -> None:
    outputs = {"Arn": {"Ref": "Flow"}, "Revision": attribute("Flow", "StateMachineRevisionId")}
    traced = machine(
        TracingConfiguration={"Enabled": True},
        Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "1"}],
    )
    before = deploy({"Flow": traced}, outputs)
    changed = machine(Definition={**PASS, "Comment": "new"}, Tags=[{"Key": "b", "Value": "2"}])
    after = deploy({"Flow": changed}, outputs)
    assert after["Arn"] == before["Arn"]
    shown = stepfunctions.describe_state_machine(stateMachineArn=after["Arn"])
    assert json.loads(shown["definition"])["Comment"] == "new"
    assert shown["tracingConfiguration"] == {"enabled": False}
    assert shown["revisionId"] == after["Revision"] != before["Revision"]
    tags = stepfunctions.list_tags_for_resource(resourceArn=after["Arn"])["tags"]
    own = [tag for tag in tags if not tag["key"].startswith("aws:")]
    assert own == [{"key": "b", "value": "2"}]
    replaced = deploy({"Flow": machine(StateMachineType="EXPRESS")}, outputs)
    assert replaced["Arn"] != after["Arn"]
    [left] = stepfunctions.list_state_machines()["stateMachines"]
    assert left["stateMachineArn"] == replaced["Arn"]


def test_an_alias_follows_the_revision(deploy: Deploy, stepfunctions: Any) -> None:
    def resources(comment: str) -> Resources:
        revision = attribute("Flow", "StateMachineRevisionId")
        preference = {"Type": "ALL_AT_ONCE", "StateMachineVersionArn": {"Ref": "Version"}}
        return {
            "Flow": machine(Definition={**PASS, "Comment": comment}),
            "Version": version(StateMachineRevisionId=revision, Description=comment),
            "Prod": alias(Name="prod", DeploymentPreference=preference),
        }

    outputs = {
        "Flow": {"Ref": "Flow"},
        "Version": {"Ref": "Version"},
        "VersionArn": attribute("Version", "Arn"),
        "Prod": {"Ref": "Prod"},
    }
    made = deploy(resources("one"), outputs)
    assert made["Version"] == made["VersionArn"] == f"{made['Flow']}:1"
    assert made["Prod"] == f"{made['Flow']}:prod"
    moved = deploy(resources("two"), outputs)
    assert moved["Version"] == f"{made['Flow']}:2"
    shown = stepfunctions.describe_state_machine_alias(stateMachineAliasArn=moved["Prod"])
    assert shown["routingConfiguration"] == [
        {"stateMachineVersionArn": moved["Version"], "weight": 100}
    ]
    kept = stepfunctions.list_state_machine_versions(stateMachineArn=made["Flow"])
    assert [each["stateMachineVersionArn"] for each in kept["stateMachineVersions"]] == [
        moved["Version"]
    ]


def test_an_alias_shares_between_versions(deploy: Deploy, stepfunctions: Any) -> None:
    resources = {
        "Flow": machine(),
        "Version": version(),
        "Prod": alias(
            Description="what customers use",
            RoutingConfiguration=[{"StateMachineVersionArn": {"Ref": "Version"}, "Weight": "100"}],
        ),
    }
    made = deploy(resources, {"Prod": attribute("Prod", "Arn")})
    shown = stepfunctions.describe_state_machine_alias(stateMachineAliasArn=made["Prod"])
    assert shown["name"].startswith("flows-Prod-")
    assert shown["description"] == "what customers use"


def test_an_activity_is_made(fogline: Account, deploy: Deploy, stepfunctions: Any) -> None:
    activity = {"Type": "AWS::StepFunctions::Activity", "Properties": {"Name": "bake"}}
    made = deploy({"Bake": activity}, {"Ref": {"Ref": "Bake"}, "Name": attribute("Bake", "Name")})
    arn = f"arn:aws:states:us-east-1:{fogline.id}:activity:bake"
    assert made == {"Ref": arn, "Name": "bake"}
    assert stepfunctions.describe_activity(activityArn=arn)["name"] == "bake"


@pytest.mark.parametrize(
    ("flow", "reason"),
    [
        (machine(Definition=PASS, DefinitionString="{}"), "Exactly one of"),
        (machine(DefinitionString=PASS), "DefinitionString must be a text."),
        (machine(Definition={"StartAt": "A"}), "These fields are required: [States]"),
        (machine(DefinitionSubstitutions={"a": ["b"]}), "a map of names to plain values"),
        (machine(DefinitionS3Location={"Bucket": "none", "Key": "x"}), "does not exist"),
        (
            alias(DeploymentPreference={"Type": "LINEAR", "StateMachineVersionArn": "x"}),
            "Fogline does not shift traffic LINEAR yet",
        ),
        (alias(Name="x"), "Exactly one of RoutingConfiguration and DeploymentPreference"),
        (alias(RoutingConfiguration=[{"Weight": 1}]), "Every route must have"),
    ],
)
def test_what_cannot_be_made_is_refused(
    fogline: Account, attempt: Callable[..., dict[str, Any]], flow: Resources, reason: str
) -> None:
    assert attempt({"Flow": flow})["StackStatus"] == "ROLLBACK_COMPLETE"
    assert reason in reasons(fogline)[0]


SAM = {"Transform": "AWS::Serverless-2016-10-31"}


def test_sam_publishes_what_it_changes(deploy: Deploy, stepfunctions: Any) -> None:
    def resources(comment: str) -> Resources:
        properties = {
            "Definition": {**PASS, "Comment": comment},
            "AutoPublishAlias": "live",
            "Policies": [{"SQSSendMessagePolicy": {"QueueName": "q"}}],
            "Tags": {"team": "bakery"},
        }
        return {"Flow": {"Type": "AWS::Serverless::StateMachine", "Properties": properties}}

    outputs = {"Arn": {"Ref": "Flow"}, "Name": attribute("Flow", "Name")}
    made = deploy(resources("one"), outputs, **SAM)
    assert deploy(resources("two"), outputs, **SAM) == made
    shown = stepfunctions.describe_state_machine(stateMachineArn=f"{made['Arn']}:live")
    assert json.loads(shown["definition"])["Comment"] == "two"
    assert shown["stateMachineArn"] == f"{made['Arn']}:2"
    # SAM keeps the versions that came before.
    first = stepfunctions.describe_state_machine(stateMachineArn=f"{made['Arn']}:1")
    assert json.loads(first["definition"])["Comment"] == "one"


def test_sam_reads_a_definition_from_s3(
    fogline: Account, deploy: Deploy, stepfunctions: Any
) -> None:
    s3 = fogline.client("s3")
    bucket = f"flows-{fogline.id}"
    s3.create_bucket(Bucket=bucket)
    body = json.dumps({**PASS, "Comment": "${Comment}"}).encode()
    s3.put_object(Bucket=bucket, Key="x.asl.json", Body=body)
    properties = {
        "DefinitionUri": f"s3://{bucket}/x.asl.json",
        "DefinitionSubstitutions": {"Comment": {"Ref": "AWS::StackName"}},
        "Role": ROLE,
        "Type": "EXPRESS",
        "Name": "flow",
    }
    flow = {"Type": "AWS::Serverless::StateMachine", "Properties": properties}
    made = deploy({"Flow": flow}, {"Arn": {"Ref": "Flow"}}, **SAM)
    shown = stepfunctions.describe_state_machine(stateMachineArn=made["Arn"])
    assert json.loads(shown["definition"])["Comment"] == "flows"
    assert (shown["name"], shown["type"], shown["roleArn"]) == ("flow", "EXPRESS", ROLE)


def test_what_starts_a_machine_of_sam_becomes_rules_and_schedules(fogline: Account) -> None:
    events = {
        "Daily": {"Type": "Schedule", "Properties": {"Schedule": "rate(1 day)"}},
        "Hourly": {"Type": "ScheduleV2", "Properties": {"ScheduleExpression": "rate(1 hour)"}},
        "Heard": {"Type": "EventBridgeRule", "Properties": {"Pattern": {"source": ["shop"]}}},
        "Seen": {"Type": "CloudWatchEvent", "Properties": {"Pattern": {"source": ["shop"]}}},
    }
    flow = {
        "Type": "AWS::Serverless::StateMachine",
        "Properties": {"Definition": PASS, "Events": events},
    }
    cloudformation = fogline.client("cloudformation")
    cloudformation.create_change_set(
        StackName="flows",
        ChangeSetName="first",
        ChangeSetType="CREATE",
        TemplateBody=json.dumps({**SAM, "Resources": {"Flow": flow}}),
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    fogline.platform.settle()
    found = cloudformation.get_template(
        StackName="flows", ChangeSetName="first", TemplateStage="Processed"
    )["TemplateBody"]["Resources"]
    kinds = {name: each["Type"] for name, each in found.items()}
    assert kinds["FlowHourly"] == "AWS::Scheduler::Schedule"
    for name in ("FlowDaily", "FlowHeard", "FlowSeen"):
        assert kinds[name] == "AWS::Events::Rule"
        [target] = found[name]["Properties"]["Targets"]
        assert target["Arn"] == {"Ref": "Flow"}
