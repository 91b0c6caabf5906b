"""Tenant isolation: one function, and execution environments that no two tenants share."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.services.lambda_.conftest import MakeFunction, make_zip_of

from fogline.testing.plugin import Account

ISOLATED = {"TenantIsolationMode": "PER_TENANT"}
REMEMBER = """
import json, logging, pathlib
seen = []
def handler(event, context):
    logging.getLogger().warning("noted")
    note = pathlib.Path("/tmp/note")
    before = note.read_text() if note.exists() else ""
    note.write_text(before + context.tenant_id)
    seen.append(context.tenant_id)
    return [seen, before + context.tenant_id]
"""
REMEMBER_IN_NODE = """
const seen = [];
export const handler = async (event, context) => (seen.push(context.tenantId), seen);
"""


def ask(client: Any, tenant: str, **options: Any) -> Any:
    answer = client.invoke(FunctionName="f", TenantId=tenant, **options)
    return json.loads(answer["Payload"].read())


@pytest.fixture
def isolated(make_function: MakeFunction) -> dict[str, Any]:
    return make_function(
        "f",
        REMEMBER,
        TenancyConfig=ISOLATED,
        Timeout=10,
        LoggingConfig={"LogFormat": "JSON"},
    )


def test_the_mode_is_shown(client: Any, isolated: dict[str, Any]) -> None:
    assert isolated["TenancyConfig"] == ISOLATED
    assert client.get_function_configuration(FunctionName="f")["TenancyConfig"] == ISOLATED
    assert client.list_functions()["Functions"][0]["TenancyConfig"] == ISOLATED


def test_tenants_never_share_an_environment(client: Any, isolated: dict[str, Any]) -> None:
    ask(client, "blue")
    assert ask(client, "green") == [["green"], "green"]
    assert ask(client, "blue") == [["blue", "blue"], "blueblue"]


def test_tenants_never_share_an_environment_in_node(
    client: Any, make_function: MakeFunction
) -> None:
    code = make_zip_of({"index.mjs": REMEMBER_IN_NODE})
    make_function("f", Runtime="nodejs22.x", Code={"ZipFile": code}, TenancyConfig=ISOLATED)
    ask(client, "blue")
    assert ask(client, "green") == ["green"]
    assert ask(client, "blue") == ["blue", "blue"]


def test_an_isolated_function_needs_a_tenant(client: Any, isolated: dict[str, Any]) -> None:
    for kind in ("RequestResponse", "Event", "DryRun"):
        with pytest.raises(ClientError, match="Add a valid tenant ID in your request") as refused:
            client.invoke(FunctionName="f", InvocationType=kind)
        assert refused.value.response["Error"]["Code"] == "InvalidParameterValueException"


def test_other_functions_take_no_tenant(client: Any, make_function: MakeFunction) -> None:
    make_function("plain")
    with pytest.raises(ClientError, match="is not enabled with tenancy configuration"):
        client.invoke(FunctionName="plain", TenantId="blue")


def test_an_asynchronous_invocation_carries_its_tenant(
    fogline: Account, client: Any, isolated: dict[str, Any]
) -> None:
    client.invoke(FunctionName="f", TenantId="blue", InvocationType="Event")
    fogline.platform.settle()
    assert ask(client, "blue") == [["blue", "blue"], "blueblue"]


def test_json_logs_name_the_tenant(fogline: Account, client: Any, isolated: dict[str, Any]) -> None:
    ask(client, "blue")
    found = fogline.client("logs").filter_log_events(logGroupName="/aws/lambda/f")["events"]
    lines = [json.loads(event["message"]) for event in found]
    assert [line.get("tenantId") or line["record"]["tenantId"] for line in lines] == ["blue"] * 3


def test_versions_and_aliases_are_isolated_too(client: Any, isolated: dict[str, Any]) -> None:
    client.publish_version(FunctionName="f")
    client.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    ask(client, "blue", Qualifier="live")
    assert ask(client, "green", Qualifier="live") == [["green"], "green"]


def test_what_isolation_excludes_is_refused(
    fogline: Account, client: Any, make_function: MakeFunction, isolated: dict[str, Any]
) -> None:
    queue = fogline.client("sqs").create_queue(QueueName="q")["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{fogline.id}:{queue.rpartition('/')[2]}"
    client.publish_version(FunctionName="f")
    refusals = [
        lambda: client.create_event_source_mapping(FunctionName="f", EventSourceArn=arn),
        lambda: client.create_function_url_config(FunctionName="f", AuthType="NONE"),
        lambda: client.put_provisioned_concurrency_config(
            FunctionName="f", Qualifier="1", ProvisionedConcurrentExecutions=1
        ),
        lambda: make_function(
            "g", TenancyConfig=ISOLATED, SnapStart={"ApplyOn": "PublishedVersions"}
        ),
    ]
    for ask_for in refusals:
        with pytest.raises(ClientError, match="not supported for functions with tenant isolation"):
            ask_for()


def test_a_stack_makes_an_isolated_function(fogline: Account, client: Any) -> None:
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "FunctionName": "f",
            "Runtime": "python3.11",
            "Handler": "index.handler",
            "Role": f"arn:aws:iam::{fogline.id}:role/anybody",
            "Code": {"ZipFile": REMEMBER},
            "Timeout": 20,
            "TenancyConfig": ISOLATED,
        },
    }
    body = json.dumps({"Resources": {"F": function}})
    fogline.client("cloudformation").create_stack(StackName="s", TemplateBody=body)
    fogline.platform.settle()
    assert ask(client, "blue") == [["blue"], "blue"]
