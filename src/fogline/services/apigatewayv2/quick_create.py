"""Quick create: an API that forwards all it gets to one function or address, made by one call.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-examples.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.members import given
from fogline.services.apigatewayv2.errors import BadRequestException
from fogline.services.apigatewayv2.integrations import add_integration, change_integration
from fogline.services.apigatewayv2.routes import add_route, change_route
from fogline.services.apigatewayv2.service import ApiGatewayV2

_MEMBERS = ("CredentialsArn", "RouteKey", "Target")
_MANAGED = "ApiGatewayManaged"


def is_quick(request: Mapping[str, Any]) -> bool:
    return any(request.get(name) for name in _MEMBERS)


def add_quick_parts(gateway: ApiGatewayV2, api: dict[str, Any], request: Mapping[str, Any]) -> None:
    """Add the integration and the route. Raises BadRequestException."""
    if api["api"]["ProtocolType"] != "HTTP":
        raise BadRequestException("Quick create is not supported for protocol type WEBSOCKET")
    if not request.get("Target"):
        raise BadRequestException("Target is a required parameter for quick create")
    integration = add_integration(gateway, api, _integration(request))
    route = add_route(
        gateway,
        api,
        {
            "RouteKey": request.get("RouteKey") or "$default",
            "Target": f"integrations/{integration['IntegrationId']}",
        },
    )
    integration[_MANAGED] = route[_MANAGED] = True


def change_quick_parts(
    gateway: ApiGatewayV2, api: dict[str, Any], request: Mapping[str, Any]
) -> None:
    """Change what quick create has made. Raises BadRequestException."""
    route = next((one for one in api["routes"].values() if one.get(_MANAGED)), None)
    integration = next((one for one in api["integrations"].values() if one.get(_MANAGED)), None)
    if route is None or integration is None:
        raise BadRequestException(
            "Only APIs that were made by quick create have a target to update"
        )
    if request.get("Target") or request.get("CredentialsArn"):
        changed = (
            _integration(request) if request.get("Target") else given(request, "CredentialsArn")
        )
        change_integration(gateway, api, integration, changed)
    if request.get("RouteKey"):
        change_route(gateway, api, route, {"RouteKey": request["RouteKey"]})


def _integration(request: Mapping[str, Any]) -> dict[str, Any]:
    target = request["Target"]
    front: dict[str, Any] = given(request, "CredentialsArn")
    if target.startswith("arn:"):
        return {
            **front,
            "IntegrationType": "AWS_PROXY",
            "IntegrationUri": target,
            "PayloadFormatVersion": "2.0",
        }
    return {
        **front,
        "IntegrationType": "HTTP_PROXY",
        "IntegrationUri": target,
        "IntegrationMethod": "ANY",
        "PayloadFormatVersion": "1.0",
    }
