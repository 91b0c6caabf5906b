"""Routes whose callers a function judges, or a signature names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

SIMPLE = """
CALLS = 0
def handler(event, context):
    global CALLS
    CALLS += 1
    word = (event.get("headers") or {}).get("authorization", "")
    if word == "boom":
        raise ValueError("boom")
    if word == "Unauthorized":
        raise Exception("Unauthorized")
    if word == "odd":
        return {"allowed": True}
    return {"isAuthorized": word.startswith("let me in"),
            "context": {"calls": CALLS, "list": [1, "a"], "map": {"a": 1}, "identity": event.get("identitySource"),
                        "arn": event.get("routeArn"), "type": event.get("type"), "version": event.get("version"),
                        "key": event.get("routeKey")}}
"""

POLICY = """
def handler(event, context):
    arn = event.get("routeArn") or event.get("methodArn")
    front = arn.rsplit("/", 1)[0]
    return {"principalId": "me", "context": {"a": 1, "token": event.get("authorizationToken", ""),
                                             "resource": event.get("resource", "")},
            "policyDocument": {"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": front + "/pets"},
                {"Effect": "Deny", "Action": "execute-api:Invoke", "Resource": front + "/secret"}]}}
"""

Guard = Callable[..., Any]


@pytest.fixture
def guard(api: Any, make_function: Any) -> Guard:
    """Gives the API routes that ask a function of that code."""

    def make(code: str, *keys: str, version: str = "2.0", **settings: Any) -> Any:
        judge = make_function(code, name="judge")
        authorizer = api.create_authorizer(
            Name="a",
            AuthorizerType="REQUEST",
            AuthorizerUri=f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{judge}/invocations",
            AuthorizerPayloadFormatVersion=version,
            **settings,
        )["AuthorizerId"]
        integration = api.integration(IntegrationUri=make_function())
        for key in keys or ("GET /pets",):
            api.route(key, integration, AuthorizationType="CUSTOM", AuthorizerId=authorizer)
        return api

    return make


HEADER = {"IdentitySource": ["$request.header.Authorization"]}
SIMPLY = {**HEADER, "EnableSimpleResponses": True}


def told(answer: Any) -> Any:
    assert answer.status_code == 200, answer.text
    context = answer.json()["requestContext"]
    assert "authentication" not in context
    return context["authorizer"]


def test_a_simple_answer_lets_a_caller_in(guard: Guard, fogline: Any) -> None:
    api = guard(SIMPLE, **SIMPLY)
    context = told(api.get("/pets", Authorization="let me in"))["lambda"]
    assert context.pop("calls") == 1
    assert context == {
        "list": [1, "a"],
        "map": {"a": 1},
        "identity": ["let me in"],
        "arn": f"arn:aws:execute-api:us-east-1:{fogline.id}:{api.id}/$default/GET/pets",
        "type": "REQUEST",
        "version": "2.0",
        "key": "GET /pets",
    }


def test_an_event_of_format_1_has_what_an_authorizer_says_beside_claims(
    guard: Guard,
) -> None:
    api = guard(SIMPLE, **SIMPLY)
    integration = api.get_integrations()["Items"][0]["IntegrationId"]
    api.update_integration(IntegrationId=integration, PayloadFormatVersion="1.0")
    context = told(api.get("/pets", Authorization="let me in"))
    assert (context["claims"], context["scopes"], context["calls"]) == (None, None, 1)
    assert "principalId" not in context


@pytest.mark.parametrize(
    ("word", "status", "message"),
    [
        ("go away", 403, "Forbidden"),
        ("boom", 500, "Internal Server Error"),
        ("odd", 500, "Internal Server Error"),
        ("Unauthorized", 401, "Unauthorized"),
    ],
)
def test_a_simple_answer_refuses_callers(
    guard: Guard, word: str, status: int, message: str
) -> None:
    answer = guard(SIMPLE, **SIMPLY).get("/pets", Authorization=word)
    assert (answer.status_code, answer.json()) == (status, {"message": message})


def test_who_lacks_an_identity_source_is_unauthorized_without_being_judged(guard: Guard) -> None:
    sources = ["$request.header.Authorization", "$request.querystring.q"]
    api = guard(SIMPLE, IdentitySource=sources, EnableSimpleResponses=True)
    answer = api.get("/pets", Authorization="let me in")
    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})
    context = told(api.get("/pets?q=5", Authorization="let me in"))["lambda"]
    assert (context["identity"], context["calls"]) == (["let me in", "5"], 1)


def test_an_answer_is_remembered_for_its_time(guard: Guard, fogline: Any) -> None:
    api = guard(SIMPLE, "GET /pets", "GET /dogs", AuthorizerResultTtlInSeconds=60, **SIMPLY)

    def calls(path: str, word: str = "let me in") -> int:
        return int(told(api.get(path, Authorization=word))["lambda"]["calls"])

    assert calls("/pets") == 1
    assert calls("/dogs") == 1, "all routes share what is remembered"
    assert calls("/pets", "let me in too") == 2
    fogline.platform.advance(seconds=60)
    assert calls("/pets") == 3


def test_routes_may_be_judged_each_for_itself(guard: Guard) -> None:
    sources = ["$request.header.Authorization", "$context.routeKey"]
    api = guard(
        SIMPLE,
        "GET /pets",
        "GET /dogs",
        IdentitySource=sources,
        EnableSimpleResponses=True,
        AuthorizerResultTtlInSeconds=60,
    )
    answers = [api.get(path, Authorization="let me in") for path in ("/pets", "/dogs", "/pets")]
    assert [told(each)["lambda"]["calls"] for each in answers] == [1, 2, 1]


def test_without_a_time_nothing_is_remembered(guard: Guard) -> None:
    api = guard(SIMPLE, AuthorizerResultTtlInSeconds=0, **SIMPLY)
    answers = [api.get("/pets", Authorization="let me in") for _ in range(2)]
    assert [told(each)["lambda"]["calls"] for each in answers] == [1, 2]


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_a_policy_decides_for_each_route(guard: Guard, version: str) -> None:
    keys = ("GET /pets", "GET /secret", "GET /other")
    api = guard(POLICY, *keys, version=version, AuthorizerResultTtlInSeconds=60, **HEADER)
    context = told(api.get("/pets", Authorization="me"))["lambda"]
    assert context["a"] == 1
    if version == "1.0":
        assert (context["token"], context["resource"]) == ("me", "/pets")
    for path in ("/secret", "/other"):
        answer = api.get(path, Authorization="me")
        assert (answer.status_code, answer.json()) == (403, {"message": "Forbidden"})


@pytest.mark.parametrize(
    "code",
    [
        "def handler(event, context):\n    return 'yes'\n",
        "def handler(event, context):\n    return {'policyDocument': {}}\n",
        "def handler(event, context):\n    return {'principalId': 'a', 'policyDocument': {'Statement': [{}]}}\n",
    ],
)
def test_an_answer_that_says_nothing_is_an_internal_error(
    guard: Guard, code: str, caplog: Any
) -> None:
    answer = guard(code, **HEADER).get("/pets", Authorization="me")
    assert (answer.status_code, answer.json()) == (500, {"message": "Internal Server Error"})
    assert "authorizer" in caplog.text


def test_signed_requests_tell_who_signed(api: Any, make_function: Any, fogline: Any) -> None:
    api.route(
        "GET /pets", api.integration(IntegrationUri=make_function()), AuthorizationType="AWS_IAM"
    )
    answer = api.get("/pets")
    assert (answer.status_code, answer.json()) == (403, {"message": "Forbidden"})
    session = boto3.Session(fogline.id, "secret", region_name="us-east-1")
    request = AWSRequest("GET", f"http://{api.host}/pets")
    SigV4Auth(session.get_credentials(), "execute-api", "us-east-1").add_auth(request)
    iam = told(api.call("GET", "/pets", headers=dict(request.headers)))["iam"]
    assert iam["accountId"] == fogline.id
    assert iam["userArn"] == f"arn:aws:iam::{fogline.id}:root"
    assert api.get("/pets", Authorization="Bearer x").status_code == 403
