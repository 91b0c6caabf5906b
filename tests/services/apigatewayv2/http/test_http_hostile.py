"""Whatever clients send, HTTP APIs answer it, and nothing of ours breaks."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fogline.testing.plugin import Account

CORS = {"AllowOrigins": ["http://*.localhost"], "AllowMethods": ["*"], "MaxAge": 5}
MAPPED = {
    "append:header.x-a": "$request.body.a.b[0]",
    "overwrite:header.x-b": "${request.querystring.q} ${request.header.x-q}",
    "append:querystring.p": "$request.path.proxy",
    "overwrite:path": "/$request.path.proxy",
}


@pytest.fixture
def varied(make_api: Any, fogline: Account) -> Any:
    """An API with a bit of everything that needs nobody else."""
    api = make_api(CorsConfiguration=CORS)
    role = f"arn:aws:iam::{fogline.id}:role/api"
    nobody = "http://127.0.0.1:9/{proxy}"
    proxy = api.integration("HTTP_PROXY", IntegrationUri=nobody, RequestParameters=MAPPED)
    queue = fogline.client("sqs").create_queue(QueueName="q")["QueueUrl"]
    message = api.integration(
        IntegrationSubtype="SQS-SendMessage",
        CredentialsArn=role,
        RequestParameters={
            "QueueUrl": queue,
            "MessageBody": "$request.body",
            "MessageAttributes": '{"a": {"DataType": "String", "StringValue": "${request.header.x-q}"}}',
        },
    )
    event = api.integration(
        IntegrationSubtype="EventBridge-PutEvents",
        CredentialsArn=role,
        RequestParameters={
            "Detail": "$request.body",
            "DetailType": "$request.querystring.q",
            "Source": "$request.header.x-q",
            "Time": "$request.querystring.t",
        },
    )
    token = api.create_authorizer(
        Name="t",
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Audience": ["a"], "Issuer": "http://127.0.0.1:9"},
    )["AuthorizerId"]
    api.route("ANY /proxy/{proxy+}", proxy)
    api.route("ANY /{a}/{b}/c", proxy)
    api.route("POST /message", message)
    api.route("POST /event", event)
    api.route("GET /token", proxy, AuthorizationType="JWT", AuthorizerId=token)
    api.route("GET /signed", proxy, AuthorizationType="AWS_IAM")
    api.stage()
    api.stage("dev")
    return api


PATHS = (
    "/", "//", "/proxy/", "/proxy/a", "/proxy/%2F%00%ff", "/proxy/../..//x", "/a/b/c", "/%/%zz/c",
    "/message", "/event", "/token", "/signed", "/dev", "/dev/message", "/dev/%64", "/" + "a/" * 500,
    "/$default", "/proxy/{proxy}?{a}=${b}",
)  # fmt: skip
NAMES = (
    "authorization",
    "x-q",
    "origin",
    "content-type",
    "cookie",
    "x-amzn-trace-id",
    "x-forwarded-for",
)
BODIES = (
    b"",
    b"{}",
    b'{"a": {"b": [1]}}',
    b"[" * 5_000,
    b"\xff\x00",
    b'{"a": 1e999}',
    b'"\\ud800"',
)
noise = st.text(
    st.characters(min_codepoint=32, max_codepoint=255, blacklist_characters="\x7f"), max_size=40
)
pieces = st.sampled_from(
    (
        "Bearer a.b.c",
        "AWS4-HMAC-SHA256 Credential=AKIA/x",
        "http://a.localhost",
        "a=1; b",
        "Root=",
        "::1, x",
    )
)


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    method=st.sampled_from(("GET", "POST", "OPTIONS", "HEAD", "PATCH", "BREW")),
    path=st.sampled_from(PATHS),
    query=st.sampled_from(
        ("", "?", "?q=1&q=&=x&&%ff=%zz", "?t=never&q=a", "?X-Amz-Credential=%2F")
    ),
    headers=st.dictionaries(st.sampled_from(NAMES), noise | pieces, max_size=4),
    body=st.sampled_from(BODIES),
)
def test_any_request_is_answered(
    varied: Any,
    fogline: Account,
    caplog: Any,
    method: str,
    path: str,
    query: str,
    headers: dict[str, str],
    body: bytes,
) -> None:
    caplog.clear()
    lines = [f"{method} {path}{query} HTTP/1.1", f"host: {varied.host}", "connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines.append(f"content-length: {len(body)}")
    raw = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
    answer = _exchange(fogline.platform.endpoint, raw)
    assert answer.startswith(b"HTTP/1.1 "), answer[:200]
    status = int(answer[9:12])
    assert status in (200, 204, 400, 401, 403, 404, 405, 429, 503), answer[:500]
    assert not [each for each in caplog.records if each.exc_info]


def _exchange(endpoint: str, raw: bytes) -> bytes:
    host, _, port = endpoint.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as client:
        client.sendall(raw)
        parts = []
        while part := client.recv(65_536):
            parts.append(part)
    return b"".join(parts)
