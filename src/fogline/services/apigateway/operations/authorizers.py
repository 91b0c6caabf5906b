"""Authorizers: who decides whether a caller may call."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fogline.apis.parts import fresh_id
from fogline.aws.call import Call
from fogline.aws.members import given, without_empty
from fogline.services.apigateway.errors import (
    BadRequestException,
    ConflictException,
    LimitExceededException,
)
from fogline.services.apigateway.limits import Limits
from fogline.services.apigateway.lookup import (
    Request,
    Result,
    changed_api,
    read_api,
    require_part,
)
from fogline.services.apigateway.pages import page_of
from fogline.services.apigateway.patching import (
    ADD_REMOVE,
    REPLACE_REMOVE,
    Form,
    Patches,
    Path,
    read_integer,
)
from fogline.services.apigateway.service import ApiGateway

_PARTS, _KIND = "authorizers", "Authorizer"
_AUTH_TYPES = {
    "TOKEN": "custom",
    "REQUEST": "custom",
    "COGNITO_USER_POOLS": "cognito_user_pools",
}
_MEMBERS = (
    "providerARNs",
    "authorizerUri",
    "authorizerCredentials",
    "identitySource",
    "identityValidationExpression",
)
_URI = re.compile(r"arn:[a-z0-9-]+:apigateway:[a-z0-9-]+:lambda:path/.+", re.DOTALL)
_TTL_SECONDS = 300

_PATCHES = Patches(
    (
        Path("/authType", REPLACE_REMOVE),
        Path("/authorizerCredentials", REPLACE_REMOVE),
        Path("/authorizerResultTtlInSeconds", read=read_integer),
        Path("/authorizerUri", REPLACE_REMOVE),
        Path("/identitySource", REPLACE_REMOVE),
        Path("/identityValidationExpression", REPLACE_REMOVE),
        Path("/name"),
        Path("/type"),
        Path("/providerARNs", ADD_REMOVE, form=Form.LISTED),
    )
)


def create_authorizer(gateway: ApiGateway, call: Call, request: Request) -> Result:
    kind = request["type"]
    ttl = request.get("authorizerResultTtlInSeconds")
    described = given(
        {
            "name": request["name"],
            "type": kind,
            "authType": request.get("authType") or _AUTH_TYPES.get(kind),
            **{name: request.get(name) for name in _MEMBERS},
            "authorizerResultTtlInSeconds": _TTL_SECONDS if ttl is None else ttl,
        }
    )
    _check(described, gateway.limits)
    with changed_api(gateway, call, request["restApiId"]) as api:
        authorizers = api[_PARTS]
        if any(one["name"] == request["name"] for one in authorizers.values()):
            raise BadRequestException("Authorizer name must be unique")
        if len(authorizers) >= gateway.limits.authorizers_max:
            raise LimitExceededException(kind="authorizers", scope="API")
        authorizer = {"id": fresh_id(gateway.ids, authorizers), **described}
        authorizers[authorizer["id"]] = authorizer
    return _shown(authorizer)


def get_authorizer(gateway: ApiGateway, call: Call, request: Request) -> Result:
    api = read_api(gateway, call, request["restApiId"])
    return _shown(require_part(api, _PARTS, request["authorizerId"], _KIND))


def get_authorizers(gateway: ApiGateway, call: Call, request: Request) -> Result:
    api = read_api(gateway, call, request["restApiId"])
    return page_of(api[_PARTS], request, gateway.limits, _shown)


def update_authorizer(gateway: ApiGateway, call: Call, request: Request) -> Result:
    with changed_api(gateway, call, request["restApiId"]) as api:
        authorizer = require_part(api, _PARTS, request["authorizerId"], _KIND)
        _PATCHES.apply(authorizer, request.get("patchOperations"))
        _check(authorizer, gateway.limits)
    return _shown(authorizer)


def delete_authorizer(gateway: ApiGateway, call: Call, request: Request) -> Result:
    id = request["authorizerId"]
    with changed_api(gateway, call, request["restApiId"]) as api:
        require_part(api, _PARTS, id, _KIND)
        for resource in api["resources"].values():
            for verb, method in resource["resourceMethods"].items():
                if method.get("authorizerId") == id:
                    raise ConflictException(
                        f"Cannot delete authorizer '{id}', is referenced in method: {verb} {resource['path']}"
                    )
        del api[_PARTS][id]
    return {}


def _check(authorizer: Mapping[str, Any], limits: Limits) -> None:
    kind = authorizer["type"]
    if kind not in _AUTH_TYPES:
        raise BadRequestException(
            f"Invalid authorizer type specified. Valid options are [{', '.join(_AUTH_TYPES)}]"
        )
    if not 0 <= authorizer["authorizerResultTtlInSeconds"] <= limits.authorizer_ttl_seconds_max:
        raise BadRequestException(
            f"Authorizer result TTL must be between 0 and {limits.authorizer_ttl_seconds_max}"
        )
    if kind == "COGNITO_USER_POOLS":
        if not authorizer.get("providerARNs"):
            raise BadRequestException(
                "Provider ARNs are required for COGNITO_USER_POOLS authorizers"
            )
        return
    uri = authorizer.get("authorizerUri")
    if not uri or _URI.fullmatch(uri) is None:
        raise BadRequestException(
            f"Invalid Authorizer URI: {uri or 'null'}. Authorizer URI should be a valid API Gateway ARN that "
            "represents a Lambda function invocation."
        )
    if kind == "TOKEN" and not authorizer.get("identitySource"):
        raise BadRequestException("Identity source is required for TOKEN authorizers")
    if (
        kind == "REQUEST"
        and authorizer["authorizerResultTtlInSeconds"]
        and not authorizer.get("identitySource")
    ):
        raise BadRequestException("Identity source is required when authorizer caching is enabled")


def _shown(authorizer: Mapping[str, Any]) -> dict[str, Any]:
    return without_empty(authorizer, *_MEMBERS)
