"""Integration responses: what becomes of the answer of an integration."""

from __future__ import annotations

from typing import Any

from fogline.aws.call import Call
from fogline.aws.members import given
from fogline.services.apigateway.errors import BadRequestException, NotFoundException
from fogline.services.apigateway.lookup import (
    Request,
    Result,
    changed_api,
    no_resource,
    read_api,
    require_integration,
    require_method,
    require_resource,
)
from fogline.services.apigateway.parameters import check_integration_response_parameters
from fogline.services.apigateway.patching import ALL, REPLACE_REMOVE, Form, Patches, Path
from fogline.services.apigateway.service import ApiGateway
from fogline.services.apigateway.showing import shown_integration_response

_HANDLING = ("CONVERT_TO_BINARY", "CONVERT_TO_TEXT")
_PATCHES = Patches(
    (
        Path("/selectionPattern"),
        Path("/contentHandling", REPLACE_REMOVE),
        Path(
            "/responseParameters/{name}",
            ALL,
            form=Form.ENTRY,
            missing="Invalid parameter name specified",
        ),
        Path(
            "/responseTemplates/{type}",
            ALL,
            form=Form.ENTRY,
            missing="Content-Type specified was not found",
        ),
    )
)


def put_integration_response(gateway: ApiGateway, call: Call, request: Request) -> Result:
    templates = request.get("responseTemplates") or {}
    response = given(
        {
            "statusCode": request["statusCode"],
            "selectionPattern": request.get("selectionPattern"),
            "contentHandling": request.get("contentHandling"),
            "responseParameters": request.get("responseParameters") or {},
            "responseTemplates": {kind: text or "" for kind, text in templates.items()},
        }
    )
    with changed_api(gateway, call, request["restApiId"], no_resource()) as api:
        integration = require_integration(api, request)
        _check(require_method(api, request), response)
        integration["integrationResponses"][request["statusCode"]] = response
    return shown_integration_response(response)


def get_integration_response(gateway: ApiGateway, call: Call, request: Request) -> Result:
    api = read_api(gateway, call, request["restApiId"], no_resource())
    return shown_integration_response(_require(require_integration(api, request), request))


def update_integration_response(gateway: ApiGateway, call: Call, request: Request) -> Result:
    with changed_api(gateway, call, request["restApiId"], no_resource()) as api:
        response = _require(require_integration(api, request), request)
        _PATCHES.apply(response, request.get("patchOperations"))
        if not response.get("contentHandling"):
            response.pop("contentHandling", None)
        _check(require_method(api, request), response)
    return shown_integration_response(response)


def delete_integration_response(gateway: ApiGateway, call: Call, request: Request) -> Result:
    with changed_api(gateway, call, request["restApiId"], no_resource()) as api:
        # Unlike the others, this one says nothing of the method (recorded).
        methods = require_resource(api, request["resourceId"])["resourceMethods"]
        integration = methods.get(request["httpMethod"], {}).get("methodIntegration")
        if integration is None:
            raise NotFoundException(kind="Integration")
        _require(integration, request)
        del integration["integrationResponses"][request["statusCode"]]
    return {}


def _require(integration: Any, request: Request) -> Any:
    found = integration["integrationResponses"].get(request["statusCode"])
    if found is None:
        raise NotFoundException("Invalid Response status code specified")
    return found


def _check(method: Any, response: Any) -> None:
    if response.get("contentHandling") not in (None, *_HANDLING):
        raise BadRequestException(
            f"Invalid contentHandling specified. Valid options are [{', '.join(_HANDLING)}]"
        )
    declared = method["methodResponses"].get(response["statusCode"], {})
    check_integration_response_parameters(
        response["responseParameters"], declared.get("responseParameters", {})
    )
