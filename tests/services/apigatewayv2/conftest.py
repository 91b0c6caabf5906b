"""HTTP and WebSocket APIs, and short words for what the tests do most."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.services.refusals import Refusal, refusal

from fogline.testing.plugin import Account

__all__ = ["Refusal", "refusal"]

FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:f"
INVOCATION = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{FUNCTION}/invocations"


class ApiOfTests:
    """One API."""

    def __init__(self, client: Any, id: str) -> None:
        self.client = client
        self.id = id

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        """An operation on this API."""
        method = getattr(self.client, operation)
        return lambda **request: method(ApiId=self.id, **request)

    def backend(self, **settings: Any) -> str:
        """An integration; its id."""
        wanted = {
            "IntegrationType": "HTTP_PROXY",
            "IntegrationMethod": "GET",
            "IntegrationUri": "https://example.com/pets",
        }
        return str(self.create_integration(**{**wanted, **settings})["IntegrationId"])

    def route(self, key: str = "GET /pets", **settings: Any) -> str:
        """A route; its id."""
        return str(self.create_route(RouteKey=key, **settings)["RouteId"])

    def authorizer(self, **settings: Any) -> str:
        """An authorizer that asks a function; its id."""
        wanted = {
            "Name": "door",
            "AuthorizerType": "REQUEST",
            "AuthorizerUri": INVOCATION,
            "AuthorizerPayloadFormatVersion": "2.0",
            "IdentitySource": ["$request.header.Authorization"],
        }
        return str(self.create_authorizer(**{**wanted, **settings})["AuthorizerId"])


@pytest.fixture
def gateway(fogline: Account) -> Any:
    return fogline.client("apigatewayv2")


@pytest.fixture
def api(gateway: Any) -> ApiOfTests:
    """An HTTP API."""
    return ApiOfTests(gateway, gateway.create_api(Name="shop", ProtocolType="HTTP")["ApiId"])


@pytest.fixture
def chat(gateway: Any) -> ApiOfTests:
    """A WebSocket API."""
    made = gateway.create_api(
        Name="chat", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action"
    )
    return ApiOfTests(gateway, made["ApiId"])
