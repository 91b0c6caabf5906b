"""Routes of HTTP and WebSocket APIs."""

from __future__ import annotations

from typing import Any

import pytest
from tests.services.apigatewayv2.conftest import ApiOfTests, Refusal

_SCOPES_REFUSED = (
    "Invalid Route authorization type specified. Authorization Scopes are only valid for "
    "COGNITO_USER_POOLS and JWT authorization types"
)
_JWT: dict[str, Any] = {
    "Name": "tokens",
    "AuthorizerType": "JWT",
    "IdentitySource": ["$request.header.Authorization"],
    "JwtConfiguration": {"Audience": ["me"], "Issuer": "https://example.com"},
}


def test_a_route_leads_to_an_integration(api: ApiOfTests) -> None:
    target = f"integrations/{api.backend()}"
    made = api.create_route(RouteKey="GET /pets/{id}", Target=target, OperationName="getPet")
    del made["ResponseMetadata"]
    assert made == {
        "ApiKeyRequired": False,
        "AuthorizationType": "NONE",
        "OperationName": "getPet",
        "RouteId": made["RouteId"],
        "RouteKey": "GET /pets/{id}",
        "Target": target,
    }
    shown = api.get_route(RouteId=made["RouteId"])
    del shown["ResponseMetadata"]
    assert shown == made
    assert api.get_routes()["Items"] == [made]


@pytest.mark.parametrize(
    "key", ["$default", "GET /", "ANY /{proxy+}", "POST /a/{b}/c/{d+}", "HEAD /a.b-c_~/%20"]
)
def test_route_keys_of_http_apis_have_a_form(api: ApiOfTests, key: str) -> None:
    assert api.create_route(RouteKey=key)["RouteKey"] == key


@pytest.mark.parametrize("key", ["GET", "GET pets", "FETCH /pets", "get /pets", "$connect", "/a"])
def test_other_route_keys_are_refused(api: ApiOfTests, refusal: Refusal, key: str) -> None:
    assert refusal(api.create_route, RouteKey=key) == (
        "BadRequestException",
        "The provided route key is not formatted properly for HTTP protocol. Format should be "
        '"<HTTP METHOD> /<RESOURCE PATH>" or "$default"',
    )


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("GET /{a+}/b", "A greedy path variable is only allowed at the end of a route key"),
        ("GET /{a}/{a}", "Path variable a occurs twice in the route key"),
        ("GET /x{a}", "Invalid path variable in route key: x{a}"),
        ("GET /{}", "Invalid path variable in route key: {}"),
    ],
)
def test_path_variables_are_whole_segments(
    api: ApiOfTests, refusal: Refusal, key: str, told: str
) -> None:
    assert refusal(api.create_route, RouteKey=key) == ("BadRequestException", told)


@pytest.mark.parametrize("key", ["$connect", "$disconnect", "$default", "send message", "GET /a"])
def test_websocket_routes_may_have_any_key(chat: ApiOfTests, key: str) -> None:
    assert chat.create_route(RouteKey=key)["RouteKey"] == key


def test_a_key_is_had_once(api: ApiOfTests, refusal: Refusal) -> None:
    pets, cats = api.route("GET /pets"), api.route("GET /cats")
    conflict = ("ConflictException", "Route with key GET /pets already exists for this API")
    assert refusal(api.create_route, RouteKey="GET /pets") == conflict
    assert refusal(api.update_route, RouteId=cats, RouteKey="GET /pets") == conflict
    assert api.update_route(RouteId=pets, RouteKey="GET /pets")["RouteKey"] == "GET /pets"


def test_a_target_is_there(api: ApiOfTests, refusal: Refusal) -> None:
    assert refusal(api.create_route, RouteKey="GET /a", Target="integrations/nope") == (
        "NotFoundException",
        "Invalid Integration identifier specified",
    )
    assert refusal(api.create_route, RouteKey="GET /a", Target="nope").code == (
        "BadRequestException"
    )


def test_a_route_asks_a_function_who_may_call(api: ApiOfTests, refusal: Refusal) -> None:
    door = api.authorizer()
    id = api.route(AuthorizationType="CUSTOM", AuthorizerId=door)
    assert api.get_route(RouteId=id)["AuthorizerId"] == door
    open_again = api.update_route(RouteId=id, AuthorizationType="NONE")
    assert "AuthorizerId" not in open_again
    tokens = api.authorizer(**_JWT, AuthorizerUri="", AuthorizerPayloadFormatVersion="")
    assert refusal(
        api.update_route, RouteId=id, AuthorizationType="CUSTOM", AuthorizerId=tokens
    ).message == (
        "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or "
        "COGNITO_USER_POOLS requires a valid authorizer."
    )


def test_a_route_asks_for_tokens_with_scopes(api: ApiOfTests, refusal: Refusal) -> None:
    tokens = api.create_authorizer(**_JWT)["AuthorizerId"]
    settings = {"AuthorizerId": tokens, "AuthorizationScopes": ["pets/read"]}
    route = api.create_route(RouteKey="GET /pets", AuthorizationType="JWT", **settings)
    assert route["AuthorizationScopes"] == ["pets/read"]
    refused = refusal(api.create_route, RouteKey="GET /a", AuthorizationType="JWT")
    assert refused.message == (
        "Invalid authorizer ID specified. Setting the authorization type to JWT requires a valid "
        "JWT authorizer."
    )
    refused = refusal(api.create_route, RouteKey="GET /a", AuthorizationScopes=["a"])
    assert refused.message == _SCOPES_REFUSED


def test_scopes_are_bounded(api: ApiOfTests, refusal: Refusal) -> None:
    tokens = api.create_authorizer(**_JWT)["AuthorizerId"]
    settings = {"AuthorizationType": "JWT", "AuthorizerId": tokens}
    ten = [f"s{n}" for n in range(10)]
    made = api.create_route(RouteKey="GET /a", AuthorizationScopes=ten, **settings)
    assert made["AuthorizationScopes"] == ten
    refused = refusal(
        api.create_route, RouteKey="GET /b", AuthorizationScopes=[*ten, "more"], **settings
    )
    assert refused.message == "A route can have at most 10 scopes"


def test_only_connecting_to_a_websocket_api_is_authorized(
    chat: ApiOfTests, refusal: Refusal
) -> None:
    chat.route("$connect", AuthorizationType="AWS_IAM")
    refused = refusal(chat.create_route, RouteKey="send", AuthorizationType="AWS_IAM")
    assert refused.message == "Currently, authorization is restricted to the $connect route only"


def test_http_routes_know_no_keys_of_usage_plans(api: ApiOfTests, refusal: Refusal) -> None:
    refused = refusal(api.create_route, RouteKey="GET /a", ApiKeyRequired=True)
    assert refused.message == "ApiKeyRequired is not currently supported for HTTP APIs"


def test_request_parameters_are_let_go_one_by_one(chat: ApiOfTests, refusal: Refusal) -> None:
    name = "route.request.querystring.room"
    id = chat.route("$connect", RequestParameters={name: {"Required": True}})
    other = {"route.request.header.x": {"Required": False}}
    shown = chat.update_route(RouteId=id, RequestParameters=other)["RequestParameters"]
    assert set(shown) == {name, *other}
    chat.delete_route_request_parameter(RouteId=id, RequestParameterKey=name)
    assert chat.get_route(RouteId=id)["RequestParameters"] == other
    refused = refusal(chat.delete_route_request_parameter, RouteId=id, RequestParameterKey=name)
    assert refused == ("NotFoundException", "Invalid parameter name specified")
    refused = refusal(chat.create_route, RouteKey="a", RequestParameters={"x": {"Required": True}})
    assert refused.message == "Invalid request parameter specified: x"


def test_a_websocket_route_answers_in_one_way(chat: ApiOfTests, refusal: Refusal) -> None:
    made = chat.create_route(RouteKey="a", RouteResponseSelectionExpression="$default")
    assert made["RouteResponseSelectionExpression"] == "$default"
    refused = refusal(
        chat.create_route, RouteKey="b", RouteResponseSelectionExpression="$request.body.a"
    )
    assert refused.message == (
        "Invalid route response selection expression specified. Only $default is supported"
    )


def test_a_deleted_route_is_gone(api: ApiOfTests, refusal: Refusal) -> None:
    id = api.route()
    api.delete_route(RouteId=id)
    missing = ("NotFoundException", "Invalid Route identifier specified")
    assert refusal(api.get_route, RouteId=id) == missing
    assert refusal(api.delete_route, RouteId=id) == missing


def test_routes_come_in_pages(api: ApiOfTests) -> None:
    made = [api.route(f"GET /{n}") for n in range(3)]
    first = api.get_routes(MaxResults="2")
    rest = api.get_routes(MaxResults="2", NextToken=first["NextToken"])
    assert [one["RouteId"] for one in [*first["Items"], *rest["Items"]]] == made
