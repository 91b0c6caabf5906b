"""Functions behind HTTP APIs: the events they get, and what becomes of their answers."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import pytest


@pytest.fixture
def echoing(api: Any, make_function: Any) -> Any:
    """An API whose routes tell the event of payload format 2.0."""
    integration = api.integration(IntegrationUri=make_function())
    api.route("ANY /pets/{id}", integration)
    api.route("$default", integration)
    return api


@pytest.fixture
def echoing_1(api: Any, make_function: Any) -> Any:
    api.route(
        "ANY /pets/{id}",
        api.integration(IntegrationUri=make_function(), PayloadFormatVersion="1.0"),
    )
    return api


def test_an_event_of_format_2_tells_the_whole_request(echoing: Any, fogline: Any) -> None:
    answer = echoing.call(
        "POST",
        "/pets/a%20b?x=1&y=%20z&x=2&e=",
        headers=[
            ("Content-Type", "text/plain"), ("X-One", "1"), ("x-one", "2"),
            ("Cookie", "a=1; b=2"), ("User-Agent", "me"),
        ],
        content=b"hello",
    )  # fmt: skip
    assert answer.status_code == 200
    event = answer.json()
    context = event.pop("requestContext")
    headers = event.pop("headers")
    assert event == {
        "version": "2.0",
        "routeKey": "ANY /pets/{id}",
        "rawPath": "/pets/a b",
        "rawQueryString": "x=1&y=%20z&x=2&e=",
        "cookies": ["a=1", "b=2"],
        "queryStringParameters": {"x": "1,2", "y": " z", "e": ""},
        "pathParameters": {"id": "a b"},
        "body": "hello",
        "isBase64Encoded": False,
    }
    assert headers["x-one"] == "1,2"
    assert headers["content-length"] == "5"
    assert headers["host"] == echoing.host
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert re.fullmatch("Root=1-[0-9a-f]{8}-[0-9a-f]{24}", headers["x-amzn-trace-id"])
    assert "cookie" not in headers
    assert context.pop("timeEpoch") > 0
    assert context.pop("time").endswith(" +0000")
    assert context == {
        "accountId": fogline.id,
        "apiId": echoing.id,
        "domainName": echoing.host,
        "domainPrefix": echoing.id,
        "http": {
            "method": "POST",
            "path": "/pets/a b",
            "protocol": "HTTP/1.1",
            "sourceIp": "127.0.0.1",
            "userAgent": "me",
        },
        "requestId": answer.headers["apigw-requestid"],
        "routeKey": "ANY /pets/{id}",
        "stage": "$default",
    }


def test_the_default_route_is_told_as_such(echoing: Any) -> None:
    event = echoing.get("/elsewhere/it/is").json()
    assert event["routeKey"] == event["requestContext"]["routeKey"] == "$default"
    assert event["rawPath"] == "/elsewhere/it/is"
    assert "pathParameters" not in event
    assert "body" not in event


def test_a_named_stage_stands_in_the_path_and_its_variables_in_the_event(
    make_api: Any, make_function: Any
) -> None:
    api = make_api()
    api.route("GET /pets", api.integration(IntegrationUri=make_function()))
    api.stage("dev", StageVariables={"color": "blue"})
    event = api.get("/dev/pets").json()
    assert event["rawPath"] == event["requestContext"]["http"]["path"] == "/dev/pets"
    assert event["requestContext"]["stage"] == "dev"
    assert event["stageVariables"] == {"color": "blue"}


@pytest.mark.parametrize(
    ("kind", "is_text"),
    [
        ("application/json", True),
        ("application/json; charset=utf-8", True),
        ("text/csv", True),
        ("application/xml", True),
        ("application/x-www-form-urlencoded", False),
        ("image/png", False),
    ],
)
def test_bodies_are_text_or_base64_by_their_type(echoing: Any, kind: str, is_text: bool) -> None:
    event = echoing.call("POST", "/x", headers={"content-type": kind}, content=b"{}").json()
    assert event["isBase64Encoded"] is not is_text
    assert event["body"] == ("{}" if is_text else base64.b64encode(b"{}").decode())


def test_an_event_of_format_1_has_members_of_its_own(echoing_1: Any) -> None:
    answer = echoing_1.call(
        "GET", "/pets/7?x=1&x=2", headers=[("X-One", "1"), ("X-One", "2"), ("Cookie", "a=1")]
    )
    event = answer.json()
    context = event["requestContext"]
    assert event["version"] == "1.0"
    assert (event["resource"], event["path"], event["httpMethod"]) == (
        "/pets/{id}",
        "/pets/7",
        "GET",
    )
    assert event["headers"]["x-one"] == "2"
    assert event["multiValueHeaders"]["x-one"] == ["1", "2"]
    assert event["headers"]["cookie"] == "a=1"
    assert event["queryStringParameters"] == {"x": "2"}
    assert event["multiValueQueryStringParameters"] == {"x": ["1", "2"]}
    assert event["pathParameters"] == {"id": "7"}
    assert event["stageVariables"] is None
    assert (event["body"], event["isBase64Encoded"]) == (None, False)
    assert context["resourcePath"] == "/pets/{id}"
    assert context["resourceId"] == "ANY /pets/{id}"
    assert context["identity"]["sourceIp"] == "127.0.0.1"
    assert "authorizer" not in context
    assert context["identity"]["user"] is None
    assert context["requestId"] == context["extendedRequestId"] == answer.headers["apigw-requestid"]


def test_an_event_of_format_1_spells_some_headers_with_capitals(echoing_1: Any) -> None:
    sent = {"content-type": "text/plain", "X-Two": "2", "Accept": "*/*", "user-agent": "me"}
    event = echoing_1.call("POST", "/pets/7", headers=sent, content=b"hi").json()
    told = event["headers"]
    assert {name for name in told if name != name.lower()} == {
        "Content-Length", "Content-Type", "Host", "User-Agent", "X-Amzn-Trace-Id",
        "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto",
    }  # fmt: skip
    assert (told["x-two"], told["accept"]) == ("2", "*/*")
    assert event["multiValueHeaders"]["Content-Type"] == ["text/plain"]
    assert event["body"] == "hi"


def test_an_answer_of_format_2_says_status_headers_and_cookies(make_answer: Any) -> None:
    answer = make_answer(
        {
            "statusCode": 201,
            "headers": {"X-One": "1", "X-Number": 2, "Connection": "close"},
            "cookies": ["a=1; Path=/", "b=2"],
            "body": "made",
        }
    )
    assert (answer.status_code, answer.text) == (201, "made")
    assert answer.headers["x-one"] == "1"
    assert answer.headers["x-number"] == "2"
    assert answer.headers["connection"].lower() == "keep-alive"
    assert answer.headers.get_list("set-cookie") == ["a=1; Path=/", "b=2"]
    assert answer.headers["content-type"] == "text/plain;charset=UTF-8"


@pytest.mark.parametrize(
    ("result", "body"),
    [
        ({"message": "hi"}, '{"message":"hi"}'),
        ("hello", "hello"),
        ([1, 2], "[1,2]"),
        (None, "null"),
        (7, "7"),
        ({}, "{}"),
    ],
)
def test_what_names_no_status_is_the_body_in_format_2(
    make_answer: Any, result: Any, body: str
) -> None:
    answer = make_answer(result)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.text.replace(" ", "") == body


def test_binary_answers_come_in_base64(make_answer: Any) -> None:
    data = base64.b64encode(b"\x00\xff").decode()
    answer = make_answer(
        {
            "statusCode": 200,
            "headers": {"content-type": "image/png"},
            "isBase64Encoded": True,
            "body": data,
        }
    )
    assert answer.content == b"\x00\xff"
    assert answer.headers["content-type"] == "image/png"


@pytest.mark.parametrize(
    "result",
    [
        {"statusCode": "many"},
        {"statusCode": 1000},
        {"statusCode": 200, "body": {"a": 1}},
        {"statusCode": 200, "headers": {"a": ["b"]}},
        {"statusCode": 200, "headers": {"a": "b\r\nc: d"}},
        {"statusCode": 200, "headers": "none"},
        {"statusCode": 200, "cookies": {"a": 1}},
        {"statusCode": 200, "isBase64Encoded": True, "body": "%%%"},
    ],
)
@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_malformed_answers_are_internal_server_errors(
    make_answer: Any, result: Any, version: str
) -> None:
    if version == "1.0" and "cookies" in result:
        result = {"statusCode": 200, "multiValueHeaders": {"a": "b"}}
    answer = make_answer(result, version)
    assert (answer.status_code, answer.json()) == (500, {"message": "Internal Server Error"})
    assert answer.headers["apigw-requestid"]


def test_format_1_wants_a_status(make_answer: Any) -> None:
    answer = make_answer({"message": "hi"}, "1.0")
    assert (answer.status_code, answer.json()) == (500, {"message": "Internal Server Error"})


def test_an_answer_of_format_1_may_have_headers_with_several_values(make_answer: Any) -> None:
    answer = make_answer(
        {
            "statusCode": 200,
            "headers": {"X-Two": "c", "X-One": "1"},
            "multiValueHeaders": {"X-Two": ["a", "b"], "Set-Cookie": ["a=1", "b=2"]},
        },
        "1.0",
    )
    assert answer.headers.get_list("x-two") == ["a", "b"]
    assert answer.headers["x-one"] == "1"
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]


def test_a_function_that_fails_is_an_internal_server_error(
    api: Any, make_function: Any, caplog: Any
) -> None:
    function = make_function("def handler(event, context):\n    raise ValueError('no stock')\n")
    api.route("GET /", api.integration(IntegrationUri=function))
    answer = api.get("/")
    assert (answer.status_code, answer.json()) == (500, {"message": "Internal Server Error"})
    assert "no stock" in caplog.text
    assert "route GET /" in caplog.text


def test_a_function_that_is_gone_is_an_internal_server_error(api: Any, caplog: Any) -> None:
    function = "arn:aws:lambda:us-east-1:000000000000:function:gone"
    api.route("GET /", api.integration(IntegrationUri=function))
    assert api.get("/").status_code == 500
    assert "function:gone" in caplog.text


def test_a_slow_function_is_unavailable(api: Any, make_function: Any) -> None:
    function = make_function("import time\ndef handler(event, context):\n    time.sleep(3)\n")
    api.route("GET /", api.integration(IntegrationUri=function, TimeoutInMillis=60))
    answer = api.get("/")
    assert (answer.status_code, answer.json()) == (503, {"message": "Service Unavailable"})


def test_stage_variables_name_functions(make_api: Any, make_function: Any) -> None:
    api = make_api()
    arn = make_function(name="blue")
    uri = (
        "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
        f"{arn.removesuffix('blue')}${{stageVariables.which}}/invocations"
    )
    api.route("GET /", api.integration(IntegrationUri=uri))
    api.stage(StageVariables={"which": "blue"})
    assert api.get("/").json()["stageVariables"] == {"which": "blue"}


def test_parameters_are_mapped_for_functions_too(api: Any, make_function: Any) -> None:
    integration = api.integration(
        IntegrationUri=make_function(),
        RequestParameters={
            "append:header.x-path": "$request.path.id",
            "remove:querystring.secret": "''",
            "overwrite:querystring.who": "$context.identity.sourceIp",
            "overwrite:path": "/v2$request.path",
        },
    )
    api.route("GET /pets/{id}", integration)
    event = api.get("/pets/7?secret=1&a=2").json()
    assert event["headers"]["x-path"] == "7"
    assert event["queryStringParameters"] == {"a": "2", "who": "127.0.0.1"}
    assert event["rawQueryString"] == "a=2&who=127.0.0.1"
    assert event["rawPath"] == "/v2/pets/7"


def test_the_request_line_and_the_values_of_headers_have_a_bound(echoing: Any) -> None:
    long = "x" * 10_240
    for answer in (echoing.get("/x", X_Long=long), echoing.get(f"/x?{long}")):
        assert answer.status_code == 431
        assert answer.json() == {"message": "Request Header Fields Too Large"}
    assert echoing.get("/x", X_Long=long[:9_900]).status_code == 200


def test_a_body_of_more_than_ten_megabytes_is_too_large(echoing: Any) -> None:
    answer = echoing.call("POST", "/x", content=b"x" * (10 * 1024 * 1024 + 1))
    assert answer.status_code == 413
    assert json.loads(answer.text) == {"message": "Request Entity Too Large"}


def test_a_function_that_may_not_run_is_unavailable(
    api: Any, make_function: Any, fogline: Any
) -> None:
    api.route("GET /", api.integration(IntegrationUri=make_function()))
    fogline.client("lambda").put_function_concurrency(
        FunctionName="f", ReservedConcurrentExecutions=0
    )
    answer = api.get("/")
    assert (answer.status_code, answer.json()) == (503, {"message": "Service Unavailable"})


def test_an_event_that_no_function_takes_is_too_large(echoing: Any) -> None:
    answer = echoing.call("POST", "/x", content=b"x" * (6 * 1024 * 1024))
    assert (answer.status_code, answer.json()) == (413, {"message": "Request Entity Too Large"})


def test_functions_are_told_whom_a_proxy_speaks_for(echoing: Any) -> None:
    event = echoing.get("/x", x_forwarded_for="203.0.113.9, 10.0.0.1").json()
    assert event["requestContext"]["http"]["sourceIp"] == "203.0.113.9"


def test_a_head_request_gets_no_body(echoing: Any) -> None:
    answer = echoing.call("HEAD", "/pets/1")
    assert (answer.status_code, answer.content) == (200, b"")
