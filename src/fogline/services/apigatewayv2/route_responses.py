"""Route responses: that a route of a WebSocket API answers, and with what.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-route-response.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.apis.parts import fresh_id
from fogline.aws.members import given, without_empty
from fogline.services.apigatewayv2.errors import (
    BadRequestException,
    ConflictException,
    TooManyRequestsException,
)
from fogline.services.apigatewayv2.service import ApiGatewayV2

KIND = "Route Response"
_DEFAULT = "$default"
_MEMBERS = (
    "ModelSelectionExpression",
    "ResponseModels",
    "ResponseParameters",
    "RouteResponseKey",
)


def add_route_response(
    gateway: ApiGatewayV2,
    api: Mapping[str, Any],
    route: Mapping[str, Any],
    members: Mapping[str, Any],
) -> dict[str, Any]:
    """A new response, in its route. Raises what the operation does."""
    responses = route["responses"]
    if api["api"]["ProtocolType"] != "WEBSOCKET":
        raise BadRequestException("Route responses are only supported for protocol type WEBSOCKET")
    if len(responses) >= gateway.limits.responses_max:
        raise TooManyRequestsException(kind="Route Responses", scope="Route")
    response: dict[str, Any] = given(members, *_MEMBERS)
    _check(route, response)
    id = fresh_id(gateway.ids, responses, 7)
    responses[id] = {"RouteResponseId": id, **response}
    added: dict[str, Any] = responses[id]
    return added


def change_route_response(
    route: Mapping[str, Any], response: dict[str, Any], members: Mapping[str, Any]
) -> None:
    """Change a response. Raises BadRequestException, ConflictException."""
    changed: dict[str, Any] = given(members, *_MEMBERS)
    if "ResponseParameters" in changed:
        known = response.get("ResponseParameters", {})
        changed["ResponseParameters"] = {**known, **changed["ResponseParameters"]}
    response.update(changed)
    _check(route, response)


def shown_route_response(response: Mapping[str, Any]) -> dict[str, Any]:
    """What GetRouteResponse shows."""
    return without_empty(
        response, "ModelSelectionExpression", "ResponseModels", "ResponseParameters"
    )


def _check(route: Mapping[str, Any], response: Mapping[str, Any]) -> None:
    key, id = response["RouteResponseKey"], response.get("RouteResponseId")
    if key != _DEFAULT:
        raise BadRequestException(
            f"Invalid route response key specified. Only {_DEFAULT} is supported"
        )
    for other in route["responses"].values():
        if other["RouteResponseKey"] == key and other["RouteResponseId"] != id:
            raise ConflictException(f"Route response with key {key} already exists for this route")
