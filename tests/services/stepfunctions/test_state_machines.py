"""State machines: what is kept and shown, what is refused, and what a change leaves behind."""

from __future__ import annotations

import json

import pytest
from tests.services.stepfunctions.conftest import ROLE


@pytest.fixture
def describe(stepfunctions):
    def describe(arn, **more):
        shown = stepfunctions.describe_state_machine(stateMachineArn=arn, **more)
        del shown["ResponseMetadata"]
        return shown

    return describe


@pytest.fixture
def log_group(fogline):
    """The ARN of a log group, as machines want it."""
    logs = fogline.client("logs")
    logs.create_log_group(logGroupName="flow")
    return logs.describe_log_groups(logGroupNamePrefix="flow")["logGroups"][0]["arn"]


def logging(group, level="ALL", **more):
    destinations = [{"cloudWatchLogsLogGroup": {"logGroupArn": group}}]
    return {"level": level, "destinations": destinations, **more}


def test_a_machine_is_shown_with_aws_defaults(fogline, make_machine, describe, passing):
    arn = make_machine("flow")
    assert arn == f"arn:aws:states:us-east-1:{fogline.id}:stateMachine:flow"
    shown = describe(arn)
    created = shown.pop("creationDate")
    assert created.timestamp() * 1000 == pytest.approx(fogline.platform.now(), abs=1000)
    assert shown == {
        "stateMachineArn": arn,
        "name": "flow",
        "status": "ACTIVE",
        "type": "STANDARD",
        "definition": passing(),
        "roleArn": ROLE,
        "loggingConfiguration": {"level": "OFF", "includeExecutionData": False},
        "tracingConfiguration": {"enabled": False},
    }


def test_a_machine_that_is_not_there_is_told_by_its_arn(
    fogline, stepfunctions, make_machine, refusal
):
    arn = f"arn:aws:states:us-east-1:{fogline.id}:stateMachine:gone"
    missing = ("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")
    assert refusal(stepfunctions.describe_state_machine, stateMachineArn=arn) == missing
    assert refusal(stepfunctions.update_state_machine, stateMachineArn=arn, roleArn=ROLE) == missing
    stepfunctions.delete_state_machine(stateMachineArn=arn)
    elsewhere = make_machine("flow").replace("us-east-1", "eu-west-1")
    assert refusal(stepfunctions.describe_state_machine, stateMachineArn=elsewhere) == (
        "StateMachineDoesNotExist",
        f"State Machine Does Not Exist: '{elsewhere}'",
    )


@pytest.mark.parametrize(
    ("arn", "reason"),
    [
        ("flow", "Invalid ARN prefix: flow"),
        ("arn:aws:states", "Invalid ARN format: arn:aws:states"),
        ("arn:aws:sqs:us-east-1:000000000000:q", "Invalid service name: sqs"),
        (
            "arn:aws:states:us-east-1:000000000000:express:a:b:c",
            "Resource type not valid in this context: express",
        ),
        (
            "arn:aws:states:us-east-1:000000000000:stateMachine:a:b:c",
            "Invalid ARN format: arn:aws:states:us-east-1:000000000000:stateMachine:a:b:c",
        ),
        (
            "arn:aws:states:us-east-1:000000000000:stateMachine:a\x00",
            "Invalid ARN format: arn:aws:states:us-east-1:000000000000:stateMachine:a\x00",
        ),
    ],
)
def test_what_is_no_arn_of_a_machine_is_refused(stepfunctions, refusal, arn, reason):
    refused = refusal(stepfunctions.describe_state_machine, stateMachineArn=arn)
    assert refused == ("InvalidArn", f"Invalid Arn: '{reason}'")


def test_the_label_of_a_map_is_no_machine(stepfunctions, make_machine, refusal):
    code, _ = refusal(
        stepfunctions.describe_state_machine, stateMachineArn=f"{make_machine()}/label"
    )
    assert code == "ValidationException"


@pytest.mark.parametrize("name", ["a b", "a/b", "a:b", "a*", "a{", 'a"', "a\x7f", "a,b"])
def test_a_name_without_the_characters_that_aws_forbids(make_machine, refusal, name):
    assert refusal(make_machine, name) == ("InvalidName", f"Invalid Name: '{name}'")


def test_a_name_may_have_the_others(make_machine, describe):
    arn = make_machine("a.b-c_d+e=f@(g)!é")
    assert describe(arn)["name"] == "a.b-c_d+e=f@(g)!é"


def test_a_definition_is_refused_in_the_words_of_aws(make_machine, refusal):
    assert refusal(make_machine, definition={"StartAt": "A"}) == (
        "InvalidDefinition",
        "Invalid State Machine Definition: "
        "'SCHEMA_VALIDATION_FAILED: These fields are required: [States] at /'",
    )


def test_an_express_machine_must_not_wait_for_tokens(make_machine, refusal):
    task = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken"}
    task |= {"Parameters": {"QueueUrl": "q", "MessageBody": "m"}, "End": True}
    definition = {"StartAt": "Ask", "States": {"Ask": task}}
    make_machine("standard", definition)
    code, _ = refusal(make_machine, "express", definition, type="EXPRESS")
    assert code == "InvalidDefinition"


@pytest.mark.parametrize("role", ["workflows", "arn:aws:iam::000000000000:user/me", "arn:x"])
def test_a_role_is_named_by_its_arn(make_machine, refusal, role):
    assert refusal(make_machine, roleArn=role)[0] == "InvalidArn"


def test_to_create_the_same_again_changes_nothing(
    fogline_platform, stepfunctions, make_machine, describe
):
    arn = make_machine(tags=[{"key": "a", "value": "1"}])
    before = describe(arn)
    fogline_platform.advance(seconds=60)
    assert make_machine(roleArn=f"{ROLE}2", tags=[{"key": "b", "value": "2"}]) == arn
    assert describe(arn) == before
    tags = stepfunctions.list_tags_for_resource(resourceArn=arn)["tags"]
    assert tags == [{"key": "a", "value": "1"}]


@pytest.mark.parametrize(
    "difference",
    [
        {"type": "EXPRESS"},
        {"tracingConfiguration": {"enabled": True}},
        {"publish": True},
        {"definition": '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'},
    ],
)
def test_another_machine_may_not_have_the_name(make_machine, refusal, difference):
    arn = make_machine()
    assert refusal(make_machine, **difference) == (
        "StateMachineAlreadyExists",
        f"State Machine Already Exists: '{arn}'",
    )


def test_a_definition_written_otherwise_is_another(make_machine, passing, refusal):
    make_machine()
    spaced = json.dumps(json.loads(passing()), indent=2)
    assert refusal(make_machine, definition=spaced)[0] == "StateMachineAlreadyExists"


def test_a_change_gets_a_revision_and_no_change_gets_none(
    stepfunctions, make_machine, describe, passing
):
    arn = make_machine()
    same = stepfunctions.update_state_machine(stateMachineArn=arn, definition=passing())
    assert "revisionId" not in same
    first = stepfunctions.update_state_machine(stateMachineArn=arn, definition=passing("new"))
    shown = describe(arn)
    assert (shown["definition"], shown["revisionId"]) == (passing("new"), first["revisionId"])
    again = stepfunctions.update_state_machine(stateMachineArn=arn, definition=passing("new"))
    assert again["revisionId"] == first["revisionId"]
    role = stepfunctions.update_state_machine(stateMachineArn=arn, roleArn=f"{ROLE}2")
    assert role["revisionId"] != first["revisionId"]
    assert describe(arn)["definition"] == passing("new")


def test_an_update_must_say_what_changes(stepfunctions, make_machine, refusal, passing):
    arn = make_machine(publish=True)
    assert refusal(stepfunctions.update_state_machine, stateMachineArn=arn) == (
        "MissingRequiredParameter",
        "Either the definition, the role ARN, the LoggingConfiguration, "
        "or the TracingConfiguration must be specified",
    )
    version = {"stateMachineArn": f"{arn}:1", "definition": passing("new")}
    assert refusal(stepfunctions.update_state_machine, **version)[0] == "ValidationException"


def test_a_version_is_described_only_where_it_is_published(make_machine, refusal):
    text = "Version description can only be set when publish is true"
    assert refusal(make_machine, versionDescription="x") == ("ValidationException", text)


def test_a_machine_may_be_published_as_it_is_made_or_changed(stepfunctions, passing):
    request = {"name": "m", "definition": passing(), "roleArn": ROLE, "publish": True}
    made = stepfunctions.create_state_machine(**request, versionDescription="first")
    arn = made["stateMachineArn"]
    assert made["stateMachineVersionArn"] == f"{arn}:1"
    change = {"stateMachineArn": arn, "publish": True}
    same = stepfunctions.update_state_machine(**change, definition=passing())
    other = stepfunctions.update_state_machine(**change, definition=passing("new"))
    assert same["stateMachineVersionArn"] == f"{arn}:1"
    assert other["stateMachineVersionArn"] == f"{arn}:2"
    assert stepfunctions.create_state_machine(name="m2", definition=passing(), roleArn=ROLE)


def test_a_version_and_an_alias_are_shown_as_what_they_froze(
    stepfunctions, make_machine, describe, passing
):
    arn = make_machine(publish=True, versionDescription="first")
    stepfunctions.create_state_machine_alias(
        name="prod", routingConfiguration=[{"stateMachineVersionArn": f"{arn}:1", "weight": 100}]
    )
    stepfunctions.update_state_machine(stateMachineArn=arn, definition=passing("new"))
    shown = describe(f"{arn}:1")
    assert shown["stateMachineArn"] == f"{arn}:1"
    assert (shown["name"], shown["definition"]) == ("machine", passing())
    assert shown["description"] == "first"
    assert describe(f"{arn}:prod") == shown
    assert describe(arn)["definition"] == passing("new")


@pytest.mark.parametrize("qualifier", ["2", "prod", "0"])
def test_a_version_or_an_alias_that_is_not_there_is_refused(
    stepfunctions, make_machine, refusal, qualifier
):
    arn = f"{make_machine(publish=True)}:{qualifier}"
    assert refusal(stepfunctions.describe_state_machine, stateMachineArn=arn) == (
        "StateMachineDoesNotExist",
        f"State Machine Does Not Exist: '{arn}'",
    )


def test_a_deleted_machine_is_gone_with_its_versions_and_aliases(
    stepfunctions, make_machine, refusal
):
    arn = make_machine(publish=True)
    route = [{"stateMachineVersionArn": f"{arn}:1", "weight": 100}]
    stepfunctions.create_state_machine_alias(name="prod", routingConfiguration=route)
    stepfunctions.delete_state_machine(stateMachineArn=arn)
    make_machine()
    for gone in (f"{arn}:1", f"{arn}:prod"):
        code, _ = refusal(stepfunctions.describe_state_machine, stateMachineArn=gone)
        assert code == "StateMachineDoesNotExist"
    assert (
        stepfunctions.list_state_machine_versions(stateMachineArn=arn)["stateMachineVersions"] == []
    )


def test_machines_are_listed_in_pages(stepfunctions, make_machine, refusal):
    assert stepfunctions.list_state_machines()["stateMachines"] == []
    for name in ("c", "a", "b"):
        make_machine(name)

    def names(**wishes):
        pages = stepfunctions.get_paginator("list_state_machines").paginate(**wishes)
        return [each["name"] for page in pages for each in page["stateMachines"]]

    assert names() == names(PaginationConfig={"PageSize": 1}) == ["a", "b", "c"]
    listed = stepfunctions.list_state_machines(maxResults=0)["stateMachines"]
    assert set(listed[0]) == {"stateMachineArn", "name", "type", "creationDate"}
    refused = refusal(stepfunctions.list_state_machines, nextToken="ä")
    assert refused == ("InvalidToken", "Invalid Token: 'Invalid token'")


def test_a_log_group_is_looked_for(stepfunctions, make_machine, describe, log_group, refusal):
    arn = make_machine(loggingConfiguration=logging(log_group, includeExecutionData=True))
    assert describe(arn)["loggingConfiguration"] == logging(log_group, includeExecutionData=True)
    missing = logging(log_group.replace("flow", "flo"))
    code = "InvalidLoggingConfiguration"
    assert refusal(make_machine, "other", loggingConfiguration=missing) == (
        code,
        "Invalid Logging Configuration: Log Destination not found.",
    )
    bare = logging(log_group.removesuffix(":*"))
    assert refusal(make_machine, "other", loggingConfiguration=bare) == (
        code,
        "Invalid Logging Configuration: Log Group ARN must be provided with '*' qualifier.",
    )


def test_there_is_one_log_destination(stepfunctions, make_machine, log_group, refusal):
    one = (
        "InvalidLoggingConfiguration",
        "Invalid Logging Configuration: Must specify exactly one Log Destination.",
    )
    assert refusal(make_machine, loggingConfiguration={"level": "ERROR"}) == one
    assert refusal(make_machine, loggingConfiguration={"level": "ALL", "destinations": []}) == one
    arn = make_machine(loggingConfiguration={"level": "OFF"})
    both = logging(log_group)
    both["destinations"] *= 2
    request = {"stateMachineArn": arn, "loggingConfiguration": both}
    assert refusal(stepfunctions.update_state_machine, **request) == one


def test_a_key_of_the_customers_hides_the_definition(
    stepfunctions, make_machine, describe, refusal
):
    key = {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "alias/mine"}
    arn = make_machine(encryptionConfiguration=key)
    assert describe(arn)["encryptionConfiguration"] == {**key, "kmsDataKeyReusePeriodSeconds": 300}
    assert describe(arn, includedData="METADATA_ONLY")["definition"] == "{}"
    for wrong in ({"type": key["type"]}, {"type": "AWS_OWNED_KEY", "kmsKeyId": "mine"}):
        code, _ = refusal(make_machine, "other", encryptionConfiguration=wrong)
        assert code == "InvalidEncryptionConfiguration"
    owned = {"type": "AWS_OWNED_KEY"}
    stepfunctions.update_state_machine(stateMachineArn=arn, encryptionConfiguration=owned)
    assert describe(arn)["encryptionConfiguration"] == owned


def test_the_variables_that_states_read_are_listed(make_machine, describe):
    states = {
        "Set": {"Type": "Pass", "Assign": {"b": 1, "a": 2}, "Next": "Read"},
        "Read": {"Type": "Pass", "Parameters": {"b.$": "$b", "a.$": "$a"}, "End": True},
    }
    arn = make_machine(definition={"StartAt": "Set", "States": states})
    assert describe(arn)["variableReferences"] == {"Read": ["a", "b"]}
