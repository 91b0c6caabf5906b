"""Authorizers: who decides whether a caller may call.

Source: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-authorizers.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from fogline.apis.parts import fresh_id
from fogline.aws.members import given, without_empty
from fogline.services.apigatewayv2.errors import (
    BadRequestException,
    ConflictException,
    TooManyRequestsException,
)
from fogline.services.apigatewayv2.limits import Limits
from fogline.services.apigatewayv2.lookup import require_part
from fogline.services.apigatewayv2.service import ApiGatewayV2

KIND = "Authorizer"
_MEMBERS = (
    "AuthorizerCredentialsArn",
    "AuthorizerPayloadFormatVersion",
    "AuthorizerResultTtlInSeconds",
    "AuthorizerType",
    "AuthorizerUri",
    "EnableSimpleResponses",
    "IdentitySource",
    "IdentityValidationExpression",
    "JwtConfiguration",
    "Name",
)
_VERSIONS = ("1.0", "2.0")
_TTL_SECONDS = 300
_URI = re.compile(r"arn:[a-z0-9-]+:apigateway:[a-z0-9-]+:lambda:path/.+", re.DOTALL)
_HTTP_SOURCE = re.compile(
    r"\$\{?(?:request\.(?:header|querystring)|context|stageVariables)\.[^\s,{}]{1,255}\}?"
)
_WEBSOCKET_SOURCE = re.compile(
    r"(?:route\.request\.(?:header|querystring)|context|stageVariables)\.[^\s,]{1,255}"
)
_TOKEN_SOURCE = re.compile(r"\$\{?request\.(?:header|querystring)\.[^\s,{}]{1,255}\}?")


def add_authorizer(
    gateway: ApiGatewayV2, api: Mapping[str, Any], members: Mapping[str, Any]
) -> dict[str, Any]:
    """A new authorizer, in its API. Raises BadRequestException, TooManyRequestsException."""
    authorizers = api["authorizers"]
    if len(authorizers) >= gateway.limits.authorizers_max:
        raise TooManyRequestsException(kind="Authorizers", scope="API")
    authorizer: dict[str, Any] = given(members, *_MEMBERS)
    _complete(authorizer, api["api"]["ProtocolType"])
    _check(api, authorizer, gateway.limits)
    id = fresh_id(gateway.ids, authorizers, 6)
    authorizers[id] = {"AuthorizerId": id, **authorizer}
    added: dict[str, Any] = authorizers[id]
    return added


def change_authorizer(
    gateway: ApiGatewayV2,
    api: Mapping[str, Any],
    authorizer: dict[str, Any],
    members: Mapping[str, Any],
) -> None:
    """Change an authorizer. Raises BadRequestException."""
    changed: dict[str, Any] = given(members, *_MEMBERS)
    if "JwtConfiguration" in changed:
        said = given(changed["JwtConfiguration"])
        changed["JwtConfiguration"] = {**authorizer.get("JwtConfiguration", {}), **said}
    authorizer.update(changed)
    if authorizer.get("AuthorizerCredentialsArn") == "":
        del authorizer["AuthorizerCredentialsArn"]
    _check(api, authorizer, gateway.limits)


def remove_authorizer(api: Mapping[str, Any], id: str) -> None:
    """Raises NotFoundException, ConflictException."""
    authorizer = require_part(api["authorizers"], id, KIND)
    for route in api["routes"].values():
        if route.get("AuthorizerId") == id:
            raise ConflictException(
                f"Cannot delete authorizer '{authorizer['Name']}', is referenced in route: "
                f"{route['RouteKey']}"
            )
    del api["authorizers"][id]


def shown_authorizer(authorizer: Mapping[str, Any]) -> dict[str, Any]:
    """What GetAuthorizer shows."""
    return without_empty(authorizer, "IdentitySource", "IdentityValidationExpression")


def _complete(authorizer: dict[str, Any], protocol: str) -> None:
    """Say what its maker did not."""
    if authorizer["AuthorizerType"] != "REQUEST" or protocol != "HTTP":
        return
    # Without identity sources there is nothing to remember an answer by.
    ttl = _TTL_SECONDS if authorizer.get("IdentitySource") else 0
    authorizer.setdefault("AuthorizerResultTtlInSeconds", ttl)
    authorizer.setdefault("EnableSimpleResponses", False)


def _check(api: Mapping[str, Any], authorizer: Mapping[str, Any], limits: Limits) -> None:
    name = authorizer["Name"]
    if not 1 <= len(name) <= 128:
        raise BadRequestException("Authorizer name must have between 1 and 128 characters")
    for other in api["authorizers"].values():
        if other["Name"] == name and other["AuthorizerId"] != authorizer.get("AuthorizerId"):
            raise BadRequestException("Authorizer name must be unique")
    ttl = authorizer.get("AuthorizerResultTtlInSeconds", 0)
    if not 0 <= ttl <= limits.authorizer_ttl_seconds_max:
        raise BadRequestException(
            f"Authorizer result TTL must be between 0 and {limits.authorizer_ttl_seconds_max}"
        )
    if authorizer["AuthorizerType"] == "JWT":
        _check_jwt(authorizer, api["api"]["ProtocolType"], limits)
    else:
        _check_request(authorizer, api["api"]["ProtocolType"])


def _check_jwt(authorizer: Mapping[str, Any], protocol: str, limits: Limits) -> None:
    if protocol != "HTTP":
        raise BadRequestException("JWT authorizers are only supported for protocol type HTTP")
    for name in ("AuthorizerUri", "AuthorizerPayloadFormatVersion", "EnableSimpleResponses"):
        if authorizer.get(name):
            raise BadRequestException(f"{name} is not supported for JWT authorizers")
    sources: Sequence[str] = authorizer.get("IdentitySource") or ()
    if len(sources) != 1 or _TOKEN_SOURCE.fullmatch(sources[0]) is None:
        raise BadRequestException(
            "JWT authorizers require exactly one identity source, a header or a query string parameter"
        )
    configuration = authorizer.get("JwtConfiguration") or {}
    issuer, audience = configuration.get("Issuer"), configuration.get("Audience")
    if not issuer or not issuer.startswith(("https://", "http://")) or len(issuer) > 2_048:
        raise BadRequestException("Invalid issuer: the issuer of a JWT authorizer must be a URL")
    if not audience:
        raise BadRequestException("Audience is a required parameter for JWT authorizers")
    if len(audience) > limits.audiences_max:
        raise BadRequestException(
            f"An authorizer can have at most {limits.audiences_max} audiences"
        )


def _check_request(authorizer: Mapping[str, Any], protocol: str) -> None:
    uri = authorizer.get("AuthorizerUri")
    if not uri or _URI.fullmatch(uri) is None:
        raise BadRequestException(
            f"Invalid Authorizer URI: {uri or 'null'}. Authorizer URI should be a valid API Gateway ARN that "
            "represents a Lambda function invocation."
        )
    version = authorizer.get("AuthorizerPayloadFormatVersion")
    sources: Sequence[str] = authorizer.get("IdentitySource") or ()
    if authorizer.get("JwtConfiguration"):
        raise BadRequestException("JwtConfiguration is not supported for REQUEST authorizers")
    if protocol == "WEBSOCKET":
        if version or authorizer.get("EnableSimpleResponses"):
            raise BadRequestException(
                "Payload format versions and simple responses are only supported for protocol type HTTP"
            )
        _check_sources(sources, _WEBSOCKET_SOURCE)
        return
    if version is None:
        raise BadRequestException(
            "AuthorizerPayloadFormatVersion is a required parameter for REQUEST authorizer"
        )
    if version not in _VERSIONS:
        raise BadRequestException(
            f"Invalid AuthorizerPayloadFormatVersion specified. Valid options are [{', '.join(_VERSIONS)}]"
        )
    if authorizer.get("EnableSimpleResponses") and version != "2.0":
        raise BadRequestException(
            "Simple responses require an AuthorizerPayloadFormatVersion of 2.0"
        )
    _check_sources(sources, _HTTP_SOURCE)
    if authorizer.get("AuthorizerResultTtlInSeconds") and not sources:
        raise BadRequestException("Identity source is required when authorizer caching is enabled")


def _check_sources(sources: Sequence[str], pattern: re.Pattern[str]) -> None:
    for source in sources:
        if pattern.fullmatch(source) is None:
            raise BadRequestException(f"Invalid identity source specified: {source[:300]}")
