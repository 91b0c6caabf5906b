"""Authorizers of HTTP and WebSocket APIs."""

from __future__ import annotations

from fogline.aws.call import Call
from fogline.services.apigatewayv2.authorizers import (
    KIND,
    add_authorizer,
    change_authorizer,
    remove_authorizer,
    shown_authorizer,
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


def create_authorizer(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    with changed_api(gateway, call, request["ApiId"]) as api:
        return shown_authorizer(add_authorizer(gateway, api, request))


def get_authorizer(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    api = read_api(gateway, call, request["ApiId"])
    return shown_authorizer(require_part(api["authorizers"], request["AuthorizerId"], KIND))


def get_authorizers(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    api = read_api(gateway, call, request["ApiId"])
    return page_of(api["authorizers"], request, gateway.limits, shown_authorizer)


def update_authorizer(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    with changed_api(gateway, call, request["ApiId"]) as api:
        authorizer = require_part(api["authorizers"], request["AuthorizerId"], KIND)
        change_authorizer(gateway, api, authorizer, request)
        return shown_authorizer(authorizer)


def delete_authorizer(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    with changed_api(gateway, call, request["ApiId"]) as api:
        remove_authorizer(api, request["AuthorizerId"])
    return {}
