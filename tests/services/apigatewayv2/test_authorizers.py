"""Authorizers of HTTP and WebSocket APIs."""

from __future__ import annotations

from typing import Any

import pytest
from tests.services.apigatewayv2.conftest import INVOCATION, ApiOfTests, Refusal

_REQUEST: dict[str, Any] = {
    "Name": "door",
    "AuthorizerType": "REQUEST",
    "AuthorizerUri": INVOCATION,
    "AuthorizerPayloadFormatVersion": "2.0",
    "IdentitySource": ["$request.header.Authorization"],
}
_JWT: dict[str, Any] = {
    "Name": "tokens",
    "AuthorizerType": "JWT",
    "IdentitySource": ["$request.header.Authorization"],
    "JwtConfiguration": {"Audience": ["me"], "Issuer": "https://example.com"},
}


def test_a_function_authorizes(api: ApiOfTests) -> None:
    made = api.create_authorizer(**_REQUEST)
    del made["ResponseMetadata"]
    assert made == {
        **_REQUEST,
        "AuthorizerId": made["AuthorizerId"],
        "AuthorizerResultTtlInSeconds": 300,
        "EnableSimpleResponses": False,
    }
    shown = api.get_authorizer(AuthorizerId=made["AuthorizerId"])
    del shown["ResponseMetadata"]
    assert shown == made
    assert api.get_authorizers()["Items"] == [made]


def test_tokens_authorize(api: ApiOfTests) -> None:
    made = api.create_authorizer(**_JWT)
    del made["ResponseMetadata"]
    assert made == {**_JWT, "AuthorizerId": made["AuthorizerId"]}
    changed = api.update_authorizer(
        AuthorizerId=made["AuthorizerId"], JwtConfiguration={"Audience": ["me", "you"]}
    )
    assert changed["JwtConfiguration"] == {
        "Audience": ["me", "you"],
        "Issuer": "https://example.com",
    }


def test_nothing_is_remembered_without_identity_sources(api: ApiOfTests, refusal: Refusal) -> None:
    made = api.create_authorizer(**{**_REQUEST, "IdentitySource": []})
    assert made["AuthorizerResultTtlInSeconds"] == 0
    refused = refusal(
        api.update_authorizer, AuthorizerId=made["AuthorizerId"], AuthorizerResultTtlInSeconds=1
    )
    assert refused.message == "Identity source is required when authorizer caching is enabled"


def test_an_answer_is_remembered_for_an_hour_at_most(api: ApiOfTests) -> None:
    made = api.create_authorizer(**_REQUEST, AuthorizerResultTtlInSeconds=3_600)
    assert made["AuthorizerResultTtlInSeconds"] == 3_600


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"AuthorizerPayloadFormatVersion": "3.0"},
            "Invalid AuthorizerPayloadFormatVersion specified. Valid options are [1.0, 2.0]",
        ),
        ({"AuthorizerUri": "f"}, "Invalid Authorizer URI: f."),
        (
            {"IdentitySource": ["route.request.header.A"]},
            "Invalid identity source specified: route.request.header.A",
        ),
        (
            {"AuthorizerPayloadFormatVersion": "1.0", "EnableSimpleResponses": True},
            "Simple responses require an AuthorizerPayloadFormatVersion of 2.0",
        ),
        ({"Name": "x" * 129}, "Authorizer name must have between 1 and 128 characters"),
        ({"JwtConfiguration": {"Issuer": "https://a"}}, "JwtConfiguration is not supported"),
    ],
)
def test_functions_are_asked_by_rules(
    api: ApiOfTests, refusal: Refusal, changes: dict[str, Any], told: str
) -> None:
    refused = refusal(api.create_authorizer, **{**_REQUEST, **changes})
    assert refused.code == "BadRequestException"
    assert told in refused.message


def test_a_function_of_an_http_api_is_asked_in_a_format(api: ApiOfTests, refusal: Refusal) -> None:
    members = {name: _REQUEST[name] for name in _REQUEST if "Format" not in name}
    assert refusal(api.create_authorizer, **members) == (
        "BadRequestException",
        "AuthorizerPayloadFormatVersion is a required parameter for REQUEST authorizer",
    )


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"JwtConfiguration": {"Issuer": "https://a"}}, "Audience is a required parameter"),
        ({"JwtConfiguration": {"Audience": ["a"]}}, "Invalid issuer"),
        ({"JwtConfiguration": {"Audience": ["a"], "Issuer": "me"}}, "Invalid issuer"),
        ({"IdentitySource": []}, "require exactly one identity source"),
        ({"IdentitySource": ["$context.requestId"]}, "require exactly one identity source"),
        ({"AuthorizerUri": INVOCATION}, "AuthorizerUri is not supported for JWT authorizers"),
    ],
)
def test_tokens_are_read_by_rules(
    api: ApiOfTests, refusal: Refusal, changes: dict[str, Any], told: str
) -> None:
    refused = refusal(api.create_authorizer, **{**_JWT, **changes})
    assert refused.code == "BadRequestException"
    assert told in refused.message


def test_connecting_to_a_websocket_api_is_authorized(chat: ApiOfTests, refusal: Refusal) -> None:
    made = chat.create_authorizer(
        Name="door",
        AuthorizerType="REQUEST",
        AuthorizerUri=INVOCATION,
        IdentitySource=["route.request.header.Auth", "route.request.querystring.who"],
    )
    assert "AuthorizerResultTtlInSeconds" not in made
    assert "JWT authorizers are only supported" in refusal(chat.create_authorizer, **_JWT).message
    assert refusal(chat.create_authorizer, **{**_REQUEST, "Name": "b"}).code == (
        "BadRequestException"
    )


def test_a_name_is_had_once(api: ApiOfTests, refusal: Refusal) -> None:
    api.create_authorizer(**_REQUEST)
    refused = refusal(api.create_authorizer, **_REQUEST)
    assert refused == ("BadRequestException", "Authorizer name must be unique")


def test_an_api_has_ten_authorizers(api: ApiOfTests, refusal: Refusal) -> None:
    for number in range(10):
        api.create_authorizer(**{**_REQUEST, "Name": f"n{number}"})
    assert refusal(api.create_authorizer, **_REQUEST) == (
        "TooManyRequestsException",
        "Maximum number of Authorizers for this API has been reached.  Please contact AWS if you "
        "need additional Authorizers.",
    )


def test_an_authorizer_that_a_route_asks_stays(api: ApiOfTests, refusal: Refusal) -> None:
    id = api.authorizer()
    route = api.route(AuthorizationType="CUSTOM", AuthorizerId=id)
    refused = refusal(api.delete_authorizer, AuthorizerId=id)
    assert refused == (
        "ConflictException",
        "Cannot delete authorizer 'door', is referenced in route: GET /pets",
    )
    api.update_route(RouteId=route, AuthorizationType="NONE")
    api.delete_authorizer(AuthorizerId=id)
    missing = ("NotFoundException", "Invalid Authorizer identifier specified")
    assert refusal(api.get_authorizer, AuthorizerId=id) == missing
