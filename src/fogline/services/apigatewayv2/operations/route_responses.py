"""Route responses of WebSocket APIs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.call import Call
from fogline.services.apigatewayv2.lookup import (
    Request,
    Result,
    changed_api,
    read_api,
    require_part,
)
from fogline.services.apigatewayv2.pages import page_of
from fogline.services.apigatewayv2.route_responses import (
    KIND,
    add_route_response,
    change_route_response,
    shown_route_response,
)
from fogline.services.apigatewayv2.routes import KIND as ROUTE
from fogline.services.apigatewayv2.service import ApiGatewayV2


def create_route_response(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    with changed_api(gateway, call, request["ApiId"]) as api:
        route = _route(api, request)
        return shown_route_response(add_route_response(gateway, api, route, request))


def get_route_response(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    api = read_api(gateway, call, request["ApiId"])
    return shown_route_response(_response(_route(api, request), request))


def get_route_responses(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    route = _route(read_api(gateway, call, request["ApiId"]), request)
    return page_of(route["responses"], request, gateway.limits, shown_route_response)


def update_route_response(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    with changed_api(gateway, call, request["ApiId"]) as api:
        route = _route(api, request)
        response = _response(route, request)
        change_route_response(route, response, request)
        return shown_route_response(response)


def delete_route_response(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    with changed_api(gateway, call, request["ApiId"]) as api:
        route = _route(api, request)
        _response(route, request)
        del route["responses"][request["RouteResponseId"]]
    return {}


def _route(api: Mapping[str, Any], request: Request) -> Any:
    return require_part(api["routes"], request["RouteId"], ROUTE)


def _response(route: Mapping[str, Any], request: Request) -> Any:
    return require_part(route["responses"], request["RouteResponseId"], KIND)
