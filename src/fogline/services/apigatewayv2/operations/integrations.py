"""Integrations of HTTP and WebSocket APIs."""

from __future__ import annotations

from fogline.aws.call import Call
from fogline.services.apigatewayv2.integrations import (
    KIND,
    add_integration,
    change_integration,
    remove_integration,
    shown_integration,
)
from fogline.services.apigatewayv2.lookup import (
    Request,
    Result,
    changed_api,
    read_api,
    require_part,
)
from fogline.services.apigatewayv2.pages import page_of
from fogline.services.apigatewayv2.service import ApiGatewayV2


def create_integration(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    with changed_api(gateway, call, request["ApiId"]) as api:
        return shown_integration(add_integration(gateway, api, request))


def get_integration(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    api = read_api(gateway, call, request["ApiId"])
    return shown_integration(require_part(api["integrations"], request["IntegrationId"], KIND))


def get_integrations(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    api = read_api(gateway, call, request["ApiId"])
    return page_of(api["integrations"], request, gateway.limits, shown_integration)


def update_integration(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    with changed_api(gateway, call, request["ApiId"]) as api:
        integration = require_part(api["integrations"], request["IntegrationId"], KIND)
        change_integration(gateway, api, integration, request)
        return shown_integration(integration)


def delete_integration(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    with changed_api(gateway, call, request["ApiId"]) as api:
        remove_integration(api, request["IntegrationId"])
    return {}
