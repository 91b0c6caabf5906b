"""Stacks with HTTP and WebSocket APIs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.services.shop_stack import shop_stack

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
def deploy(fogline: Account) -> Iterator[Deploy]:
    """Creates or updates the stack; its outputs. In the end the stack goes without a refusal."""
    with shop_stack(fogline) as stack:

        def deploy(
            resources: Any, outputs: Any = None, *, update: bool = False, **top: Any
        ) -> dict[str, str]:
            shown = {name: {"Value": value} for name, value in (outputs or {"Id": API}).items()}
            return stack.deploy({"Resources": resources, "Outputs": shown, **top}, update=update)

        yield deploy
