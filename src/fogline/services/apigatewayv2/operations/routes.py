"""Routes of HTTP and WebSocket APIs."""

from __future__ import annotations

from fogline.aws.call import Call
from fogline.services.apigatewayv2.errors import NotFoundException
from fogline.services.apigatewayv2.lookup import (
    Request,
    Result,
    changed_api,
    read_api,
    require_part,
)
from fogline.services.apigatewayv2.pages import page_of
from fogline.services.apigatewayv2.routes import KIND, add_route, change_route, shown_route
from fogline.services.apigatewayv2.service import ApiGatewayV2


def create_route(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    with changed_api(gateway, call, request["ApiId"]) as api:
        return shown_route(add_route(gateway, api, request))


def get_route(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    api = read_api(gateway, call, request["ApiId"])
    return shown_route(require_part(api["routes"], request["RouteId"], KIND))


def get_routes(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    api = read_api(gateway, call, request["ApiId"])
    return page_of(api["routes"], request, gateway.limits, shown_route)


def update_route(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    with changed_api(gateway, call, request["ApiId"]) as api:
        route = require_part(api["routes"], request["RouteId"], KIND)
        change_route(gateway, api, route, request)
        return shown_route(route)


def delete_route(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    with changed_api(gateway, call, request["ApiId"]) as api:
        require_part(api["routes"], request["RouteId"], KIND)
        del api["routes"][request["RouteId"]]
    return {}


def delete_route_request_parameter(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    with changed_api(gateway, call, request["ApiId"]) as api:
        route = require_part(api["routes"], request["RouteId"], KIND)
        if route.get("RequestParameters", {}).pop(request["RequestParameterKey"], None) is None:
            raise NotFoundException("Invalid parameter name specified")
    return {}
