"""Routes: their keys, who may call them and where they lead.

Source: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fogline.apis.parts import fresh_id
from fogline.aws.members import given, without_empty
from fogline.services.apigatewayv2.errors import (
    BadRequestException,
    ConflictException,
    NotFoundException,
    TooManyRequestsException,
)
from fogline.services.apigatewayv2.limits import Limits
from fogline.services.apigatewayv2.service import ApiGatewayV2

KIND = "Route"
DEFAULT = "$default"
_MEMBERS = (
    "ApiKeyRequired",
    "AuthorizationScopes",
    "AuthorizationType",
    "AuthorizerId",
    "ModelSelectionExpression",
    "OperationName",
    "RequestModels",
    "RequestParameters",
    "RouteKey",
    "RouteResponseSelectionExpression",
    "Target",
)
_EMPTY_WHEN_UNSAID = (
    "AuthorizationScopes",
    "AuthorizerId",
    "ModelSelectionExpression",
    "OperationName",
    "RequestModels",
    "RequestParameters",
    "RouteResponseSelectionExpression",
    "Target",
)
_HTTP_KEY = re.compile(r"(ANY|GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) (/\S*)")
_HTTP_KEY_CHARACTERS_MAX = 10_240
"""AWS names no number, only this one for the line of a request, which no longer path could match."""
_SEGMENT = re.compile(r"\{[a-zA-Z0-9._:-]+\+?\}|[^{}]*")
_TARGET = re.compile(r"integrations/([^/\s]+)")
_PARAMETER = re.compile(r"route\.request\.(?:header|querystring|path|body)(?:\..{1,255})?", re.S)
_OF_WEBSOCKETS = (
    "ModelSelectionExpression",
    "RequestModels",
    "RequestParameters",
    "RouteResponseSelectionExpression",
)


def add_route(
    gateway: ApiGatewayV2, api: Mapping[str, Any], members: Mapping[str, Any]
) -> dict[str, Any]:
    """A new route, in its API. Raises what the operation does."""
    routes = api["routes"]
    if len(routes) >= gateway.limits.routes_max:
        raise TooManyRequestsException(kind="Routes", scope="API")
    route: dict[str, Any] = {
        "ApiKeyRequired": False,
        "AuthorizationType": "NONE",
        **given(members, *_MEMBERS),
    }
    _check(api, route, gateway.limits)
    id = fresh_id(gateway.ids, routes, 7)
    routes[id] = {"RouteId": id, **route, "responses": {}}
    added: dict[str, Any] = routes[id]
    return added


def change_route(
    gateway: ApiGatewayV2,
    api: Mapping[str, Any],
    route: dict[str, Any],
    members: Mapping[str, Any],
) -> None:
    """Change a route. Raises what the operation does."""
    changed: dict[str, Any] = given(members, *_MEMBERS)
    if "RequestParameters" in changed:
        known = route.get("RequestParameters", {})
        changed["RequestParameters"] = {**known, **changed["RequestParameters"]}
    route.update(changed)
    if route["AuthorizationType"] in ("NONE", "AWS_IAM"):
        route.pop("AuthorizerId", None)
        if "AuthorizationScopes" not in changed:
            route.pop("AuthorizationScopes", None)
    _check(api, route, gateway.limits)


def shown_route(route: Mapping[str, Any]) -> dict[str, Any]:
    """What GetRoute shows."""
    shown = without_empty(route, *_EMPTY_WHEN_UNSAID)
    shown.pop("responses")
    return shown


def _check(api: Mapping[str, Any], route: dict[str, Any], limits: Limits) -> None:
    protocol, key = api["api"]["ProtocolType"], route["RouteKey"]
    check_key(protocol, key)
    for other in api["routes"].values():
        if other["RouteKey"] == key and other["RouteId"] != route.get("RouteId"):
            raise ConflictException(f"Route with key {key} already exists for this API")
    _check_target(api, route)
    _check_authorization(api, route, limits)
    if protocol == "HTTP":
        if route["ApiKeyRequired"]:
            raise BadRequestException("ApiKeyRequired is not currently supported for HTTP APIs")
        for name in _OF_WEBSOCKETS:
            if route.get(name):
                raise BadRequestException(f"{name} is not supported for protocol type HTTP")
        return
    if route.get("RouteResponseSelectionExpression", DEFAULT) not in ("", DEFAULT, f"\\{DEFAULT}"):
        raise BadRequestException(
            f"Invalid route response selection expression specified. Only {DEFAULT} is supported"
        )
    for parameter in route.get("RequestParameters", {}):
        if _PARAMETER.fullmatch(parameter) is None:
            raise BadRequestException(f"Invalid request parameter specified: {parameter[:300]}")


def check_key(protocol: str, key: str) -> None:
    """Raises BadRequestException."""
    if not key:
        raise BadRequestException("Route key is required")
    if protocol == "WEBSOCKET":
        if len(key) > 128:
            raise BadRequestException("Route key can have at most 128 characters")
        return
    if key == DEFAULT:
        return
    if len(key) > _HTTP_KEY_CHARACTERS_MAX:
        raise BadRequestException(
            f"Route key can have at most {_HTTP_KEY_CHARACTERS_MAX} characters"
        )
    found = _HTTP_KEY.fullmatch(key)
    if found is None:
        raise BadRequestException(
            "The provided route key is not formatted properly for HTTP protocol. Format should be "
            '"<HTTP METHOD> /<RESOURCE PATH>" or "$default"'
        )
    _check_path(found[2])


def _check_path(path: str) -> None:
    names = set()
    segments = path[1:].split("/")
    for place, segment in enumerate(segments):
        if _SEGMENT.fullmatch(segment) is None:
            raise BadRequestException(f"Invalid path variable in route key: {segment[:128]}")
        if not segment.startswith("{"):
            continue
        if segment.endswith("+}") and place < len(segments) - 1:
            raise BadRequestException(
                "A greedy path variable is only allowed at the end of a route key"
            )
        name = segment[1:-1].removesuffix("+")
        if name in names:
            raise BadRequestException(f"Path variable {name} occurs twice in the route key")
        names.add(name)


def _check_target(api: Mapping[str, Any], route: Mapping[str, Any]) -> None:
    target = route.get("Target")
    if not target:
        return
    found = _TARGET.fullmatch(target)
    if found is None:
        raise BadRequestException(
            "Invalid Target specified. Targets are of the form integrations/{integration-id}"
        )
    if found[1] not in api["integrations"]:
        raise NotFoundException(kind="Integration")


def _check_authorization(api: Mapping[str, Any], route: Mapping[str, Any], limits: Limits) -> None:
    kind, protocol = route["AuthorizationType"], api["api"]["ProtocolType"]
    scopes = route.get("AuthorizationScopes", ())
    if protocol == "WEBSOCKET" and kind != "NONE" and route["RouteKey"] != "$connect":
        raise BadRequestException(
            "Currently, authorization is restricted to the $connect route only"
        )
    if protocol == "WEBSOCKET" and kind == "JWT":
        raise BadRequestException("Authorization type JWT is only supported for HTTP APIs")
    if scopes and kind != "JWT":
        raise BadRequestException(
            "Invalid Route authorization type specified. Authorization Scopes are only valid for "
            "COGNITO_USER_POOLS and JWT authorization types"
        )
    if len(scopes) > limits.scopes_max:
        raise BadRequestException(f"A route can have at most {limits.scopes_max} scopes")
    authorizer = api["authorizers"].get(route.get("AuthorizerId", ""), {})
    if kind == "JWT" and authorizer.get("AuthorizerType") != "JWT":
        raise BadRequestException(
            "Invalid authorizer ID specified. Setting the authorization type to JWT requires a valid "
            "JWT authorizer."
        )
    if kind == "CUSTOM" and authorizer.get("AuthorizerType") != "REQUEST":
        raise BadRequestException(
            "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or "
            "COGNITO_USER_POOLS requires a valid authorizer."
        )
