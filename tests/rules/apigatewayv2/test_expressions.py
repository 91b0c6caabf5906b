"""Values taken from requests and answers."""

from __future__ import annotations

from typing import Any

import pytest
from tests.rules.apigatewayv2.exchanges import make_exchange

from fogline.apis.access_log import access_line
from fogline.services.apigatewayv2.http.exchange import Authorized
from fogline.services.apigatewayv2.http.expressions import Answer, expression, with_stage_variables

ANSWER = Answer({"x-two": "2"}, b'{"id": 5}')


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("$request.header.X-One", "1,2"),
        ("${request.header.X-One}", "1,2"),
        ("$request.header.none", None),
        ("$request.querystring.q", "1,2"),
        ("$request.querystring.Q", None),
        ("$request.path", "/pets/7"),
        ("$request.path.id", "7"),
        ("$request.path.none", None),
        ("$request.body.a.b[1]", "two"),
        ("$request.body.a.b", [1, "two"]),
        ("$request.body.n", None),
        ("$request.body.none.at.all", None),
        ("$context.routeKey", ""),
        ("$context.requestId", "id="),
        ("$context.identity.sourceIp", "127.0.0.1"),
        ("$context.domainPrefix", "abc"),
        ("$context.requestTime", "04/Mar/2020:19:03:58 +0000"),
        ("$context.none.none", None),
        ("$stageVariables.color", "blue"),
        ("${stageVariables.color}", "blue"),
        ("$stageVariables.none", None),
        ("plain", "plain"),
        ("$5 off", "$5 off"),
        ("$request", "$request"),
        ("", ""),
        ("$response.header.X-Two", "2"),
        ("$response.body.id", 5),
        ("$response.body", '{"id": 5}'),
        ("${request.path.id} of ${stageVariables.color}", "7 of blue"),
        ("com.shop.$request.path.id", "com.shop.7"),
        ("/v2/$request.path.id/x", "/v2/7/x"),
        ("[${request.header.none}]", "[]"),
        ('{"v": "${request.body.text}", "l": ${request.body.a.b}}', '{"v": "t", "l": [1,"two"]}'),
    ],
)
def test_expressions_name_values(source: str, value: Any) -> None:
    assert expression(source)(make_exchange(), ANSWER) == value


def test_claims_have_names_with_colons() -> None:
    claims = {"cognito:username": "me", "sub": "s"}
    exchange = make_exchange(authorized=Authorized("jwt", {"claims": claims}))
    assert expression("$context.authorizer.claims.cognito:username")(exchange, None) == "me"
    assert expression("$context.authorizer.claims.sub: x")(exchange, None) == "s: x"
    line = access_line("$context.authorizer.claims.cognito:username: y", exchange.context())
    assert line == "me: y"
    assert access_line("$context.authorizer.claims", exchange.context()) == "-"


def test_the_whole_body_is_text() -> None:
    assert expression("$request.body")(make_exchange(body=b"a\xff"), None) == "a�"
    assert expression("$request.body")(make_exchange(body=b""), None) is None


def test_of_a_long_body_only_the_beginning_is_looked_at() -> None:
    body = b'{"a": 1, "b": "' + b"x" * 102_400 + b'"}'
    exchange = make_exchange(body=body)
    assert expression("$request.body.a")(exchange, None) is None
    assert expression("$request.body")(exchange, None) == body.decode()


def test_without_an_answer_nothing_is_known_of_it() -> None:
    assert expression("$response.body.id")(make_exchange(), None) is None
    assert expression("$response.header.a")(make_exchange(), None) is None


def test_stage_variables_stand_in_addresses() -> None:
    exchange = make_exchange()
    assert with_stage_variables("https://${stageVariables.color}/x", exchange) == "https://blue/x"
    assert with_stage_variables("https://${stageVariables.none}/x", exchange) == "https:///x"
    assert with_stage_variables("https://a/{proxy}", exchange) == "https://a/{proxy}"
