"""Stacks with HTTP and WebSocket APIs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account

Deploy = Callable[..., dict[str, str]]

API = {"Ref": "Api"}


def one(kind: str, depends: str = "", **properties: Any) -> dict[str, Any]:
    """A resource of a template."""
    extra = {"DependsOn": depends} if depends else {}
    return {"Type": f"AWS::ApiGatewayV2::{kind}", "Properties": properties, **extra}


def shop(protocol: str = "HTTP", **more: Any) -> dict[str, Any]:
    """An API with a route that is served."""
    selection = {} if protocol == "HTTP" else {"RouteSelectionExpression": "$request.body.action"}
    return {
        "Api": one("Api", Name="shop", ProtocolType=protocol, **selection),
        "Backend": one(
            "Integration",
            ApiId=API,
            IntegrationType="HTTP_PROXY",
            IntegrationMethod="GET",
            IntegrationUri="https://example.com/pets",
            PayloadFormatVersion="1.0",
        ),
        "Pets": one(
            "Route",
            ApiId=API,
            RouteKey="GET /pets" if protocol == "HTTP" else "pets",
            Target={"Fn::Sub": "integrations/${Backend}"},
        ),
        **more,
    }


@pytest.fixture
def gateway(fogline: Account) -> Any:
    return fogline.client("apigatewayv2")


@pytest.fixture
def deploy(fogline: Account, fogline_platform: LocalPlatform) -> Iterator[Deploy]:
    """Creates or updates the stack; its outputs. In the end the stack goes without a refusal."""
    cloudformation = fogline.client("cloudformation")

    def deploy(
        resources: Any, outputs: Any = None, *, update: bool = False, **top: Any
    ) -> dict[str, str]:
        shown = {name: {"Value": value} for name, value in (outputs or {"Id": API}).items()}
        template = {"Resources": resources, "Outputs": shown, **top}
        change = cloudformation.update_stack if update else cloudformation.create_stack
        change(
            StackName="shop",
            TemplateBody=json.dumps(template),
            Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
        fogline_platform.settle()
        stack = cloudformation.describe_stacks(StackName="shop")["Stacks"][0]
        if stack["StackStatus"] not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            told = cloudformation.describe_stack_events(StackName="shop")["StackEvents"]
            failed = [each for each in told if each["ResourceStatus"].endswith("_FAILED")]
            pytest.fail("; ".join(each["ResourceStatusReason"] for each in failed))
        return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", ())}

    yield deploy
    cloudformation.delete_stack(StackName="shop")
    fogline_platform.settle()
    stacks = cloudformation.list_stacks()["StackSummaries"]
    assert [stack["StackStatus"] for stack in stacks] == ["DELETE_COMPLETE"], [
        event.get("ResourceStatusReason")
        for event in cloudformation.describe_stack_events(StackName=stacks[0]["StackId"])[
            "StackEvents"
        ]
    ]
