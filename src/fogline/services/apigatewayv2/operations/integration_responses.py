"""Integration responses of WebSocket APIs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.call import Call
from fogline.services.apigatewayv2.integration_responses import (
    KIND,
    add_integration_response,
    change_integration_response,
    shown_integration_response,
)
from fogline.services.apigatewayv2.integrations import KIND as INTEGRATION
from fogline.services.apigatewayv2.lookup import (
    Request,
    Result,
    changed_api,
    read_api,
    require_part,
)
from fogline.services.apigatewayv2.pages import page_of
from fogline.services.apigatewayv2.service import ApiGatewayV2


def create_integration_response(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    with changed_api(gateway, call, request["ApiId"]) as api:
        integration = _integration(api, request)
        added = add_integration_response(gateway, api, integration, request)
        return shown_integration_response(added)


def get_integration_response(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    api = read_api(gateway, call, request["ApiId"])
    return shown_integration_response(_response(_integration(api, request), request))


def get_integration_responses(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    integration = _integration(read_api(gateway, call, request["ApiId"]), request)
    return page_of(integration["responses"], request, gateway.limits, shown_integration_response)


def update_integration_response(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    with changed_api(gateway, call, request["ApiId"]) as api:
        integration = _integration(api, request)
        response = _response(integration, request)
        change_integration_response(gateway, integration, response, request)
        return shown_integration_response(response)


def delete_integration_response(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    with changed_api(gateway, call, request["ApiId"]) as api:
        integration = _integration(api, request)
        _response(integration, request)
        del integration["responses"][request["IntegrationResponseId"]]
    return {}


def _integration(api: Mapping[str, Any], request: Request) -> Any:
    return require_part(api["integrations"], request["IntegrationId"], INTEGRATION)


def _response(integration: Mapping[str, Any], request: Request) -> Any:
    return require_part(integration["responses"], request["IntegrationResponseId"], KIND)
