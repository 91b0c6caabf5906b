"""Gateway responses: what is answered where no integration was asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.call import Call
from fogline.aws.members import given
from fogline.services.apigateway.errors import BadRequestException, NotFoundException
from fogline.services.apigateway.gateway_response_defaults import STATUS_CODES, default_response
from fogline.services.apigateway.lookup import (
    Request,
    Result,
    changed_api,
    read_api,
)
from fogline.services.apigateway.pages import page_of
from fogline.services.apigateway.parameters import check_gateway_response_parameters
from fogline.services.apigateway.patching import ALL, Form, Patches, Path
from fogline.services.apigateway.service import ApiGateway

_PATCHES = Patches(
    (
        Path("/statusCode"),
        Path(
            "/responseParameters/{name}",
            ALL,
            form=Form.ENTRY,
            missing="Invalid parameter name specified",
            blank="Invalid null or empty value in responseParameters",
        ),
        Path(
            "/responseTemplates/{type}",
            ALL,
            form=Form.ENTRY,
            missing="Content-Type specified was not found",
            blank="Invalid null or empty value in responseTemplates",
        ),
    )
)


def put_gateway_response(gateway: ApiGateway, call: Call, request: Request) -> Result:
    kind = _kind(request)
    response = given(
        {
            "responseType": kind,
            "statusCode": request.get("statusCode") or STATUS_CODES[kind],
            "responseParameters": request.get("responseParameters") or {},
            "responseTemplates": request.get("responseTemplates") or {},
        }
    )
    check_gateway_response_parameters(response["responseParameters"])
    with changed_api(gateway, call, request["restApiId"]) as api:
        api["gatewayResponses"][kind] = response
    return {**response, "defaultResponse": False}


def get_gateway_response(gateway: ApiGateway, call: Call, request: Request) -> Result:
    return _found(read_api(gateway, call, request["restApiId"]), _kind(request))


def get_gateway_responses(gateway: ApiGateway, call: Call, request: Request) -> Result:
    api = read_api(gateway, call, request["restApiId"])
    return page_of(
        _TYPES, {"limit": 500, **request}, gateway.limits, lambda kind: _found(api, kind)
    )


def update_gateway_response(gateway: ApiGateway, call: Call, request: Request) -> Result:
    kind = _kind(request)
    with changed_api(gateway, call, request["restApiId"]) as api:
        response = {**_found(api, kind), "defaultResponse": False}
        _PATCHES.apply(response, request.get("patchOperations"))
        check_gateway_response_parameters(response["responseParameters"])
        kept = {name: value for name, value in response.items() if name != "defaultResponse"}
        api["gatewayResponses"][kind] = kept
    return response


def delete_gateway_response(gateway: ApiGateway, call: Call, request: Request) -> Result:
    kind = _kind(request)
    with changed_api(gateway, call, request["restApiId"]) as api:
        if api["gatewayResponses"].pop(kind, None) is None:
            raise NotFoundException("Gateway response type not defined on api")
    return {}


_TYPES = {kind: kind for kind in STATUS_CODES}


def _kind(request: Request) -> str:
    kind: str = request["responseType"]
    if kind not in STATUS_CODES:
        raise BadRequestException(f"Invalid gateway response type specified: {kind[:100]}")
    return kind


def _found(api: Mapping[str, Any], kind: str) -> dict[str, Any]:
    own = api["gatewayResponses"].get(kind)
    if own is None:
        return default_response(kind)
    parts: dict[str, Any] = {"responseParameters": {}, "responseTemplates": {}}
    return {**parts, **own, "defaultResponse": False}
