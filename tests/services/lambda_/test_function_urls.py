"""Function URLs: who may call them, what browsers are told, and answers that stream."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.services.lambda_.conftest import MakeFunction, make_zip_of
from tests.services.signing import make_session, make_user, presign, sign

from fogline.testing.plugin import Account

ECHO = """import json
def handler(event, context):
    return {"statusCode": 200, "body": json.dumps(event),
            "headers": {"Access-Control-Allow-Origin": "own", "X-One": "1"}}
"""

MakeUrl = Callable[..., str]


@pytest.fixture
def make_url(client: Any, make_function: MakeFunction) -> MakeUrl:
    """Makes a function with an address, from Python or, by `node`, from the body of a streaming handler."""

    def make(node: str = "", **config: Any) -> str:
        if node:
            code = (
                f"exports.handler = awslambda.streamifyResponse(async (event, out) => {{{node}}});"
            )
            make_function(
                "f", Runtime="nodejs20.x", Code={"ZipFile": make_zip_of({"index.js": code})}
            )
            config = {"InvokeMode": "RESPONSE_STREAM"} | config
        else:
            make_function("f", ECHO)
        config = {"AuthType": "NONE"} | config
        url: str = client.create_function_url_config(FunctionName="f", **config)["FunctionUrl"]
        return urlsplit(url).netloc

    return make


@pytest.fixture
def ask(fogline: Account) -> Any:
    """Calls an address; answers while its body may still be on its way."""
    port = urlsplit(fogline.platform.endpoint).port

    @contextmanager
    def call(
        host: str, method: str = "GET", path: str = "/", **headers: str
    ) -> Iterator[http.client.HTTPResponse]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers={"Host": host, **sent})
        try:
            yield connection.getresponse()
        finally:
            connection.close()

    return call


# ---- who may call


def test_a_url_for_signers_tells_who_signed(make_url: MakeUrl, ask: Any, fogline: Account) -> None:
    host = make_url(AuthType="AWS_IAM")
    with ask(host) as refused:
        assert (refused.status, refused.read()) == (403, b'{"Message":"Forbidden"}')
    with ask(host, Authorization="Bearer word") as refused:
        assert refused.status == 403
    scope = f"{fogline.id}/20260101/us-east-1/lambda/aws4_request"
    signature = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00"
    with ask(host, Authorization=signature) as answer:
        context = json.loads(answer.read())["requestContext"]
    assert context["accountId"] == fogline.id
    assert context["authorizer"]["iam"]["userArn"] == f"arn:aws:iam::{fogline.id}:root"
    assert "authentication" not in context


def test_who_signs_with_a_key_of_ours_has_to_do_it_right(
    make_url: MakeUrl, ask: Any, fogline: Account
) -> None:
    host = make_url(AuthType="AWS_IAM")
    caller, user = make_session(fogline), make_user(fogline)
    signed = sign(caller.keys, "GET", host, "/a%20b?x=%2F", service="lambda")
    with ask(host, path="/a%20b?x=%2F", **signed) as answer:
        context = json.loads(answer.read())["requestContext"]
    assert context["authorizer"]["iam"]["userArn"] == caller.arn
    assert context["accountId"] == fogline.id
    with ask(host, path=presign(user.keys, host, "/?b=1", service="lambda")) as answer:
        context = json.loads(answer.read())["requestContext"]
    assert context["authorizer"]["iam"] == {
        "accessKey": user.keys.id,
        "accountId": fogline.id,
        "callerId": user.user_id,
        "cognitoIdentity": None,
        "principalOrgId": None,
        "userArn": user.arn,
        "userId": user.user_id,
    }
    signed = sign(user.keys, "GET", host, "/", service="execute-api")
    with ask(host, **signed) as refused:
        assert refused.headers["x-amzn-ErrorType"] == "InvalidSignatureException"
        message = {"message": "Credential should be scoped to correct service: 'lambda'."}
        assert (refused.status, json.loads(refused.read())) == (403, message)
    wrong = user.keys._replace(secret="wrong")
    with ask(host, **sign(wrong, "GET", host, "/", service="lambda")) as refused:
        message = json.loads(refused.read())["message"]
    assert message.startswith("The request signature we calculated does not match")
    assert message.endswith("Consult the service documentation for details.")


def test_others_are_anonymous(make_url: MakeUrl, ask: Any) -> None:
    with ask(make_url(), X_Forwarded_For="192.0.2.7") as answer:
        context = json.loads(answer.read())["requestContext"]
    assert context["accountId"] == "anonymous"
    assert context["http"]["sourceIp"] == "192.0.2.7"
    assert "authorizer" not in context


def test_an_answer_names_its_invocation_and_its_trace(make_url: MakeUrl, ask: Any) -> None:
    host = make_url()
    with ask(host) as answer:
        context = json.loads(answer.read())["requestContext"]
        assert answer.headers.get_all("x-amzn-RequestId") == [context["requestId"]]
        assert answer.headers["X-Amzn-Trace-Id"].startswith("Root=1-")
    root = "Root=1-67891233-abcdef012345678912345678"
    with ask(host, X_Amzn_Trace_Id=root) as answer:
        assert answer.headers["X-Amzn-Trace-Id"].startswith(root)


# ---- browsers

PAGE = "http://shop.localhost"
CORS = {
    "AllowOrigins": [PAGE],
    "AllowMethods": ["GET", "POST"],
    "AllowHeaders": ["x-token"],
    "ExposeHeaders": ["x-one"],
    "MaxAge": 60,
    "AllowCredentials": True,
}


def test_a_preflight_is_answered_for_the_function(make_url: MakeUrl, ask: Any) -> None:
    host = make_url(Cors=CORS)
    asked = {"Origin": PAGE, "Access_Control_Request_Method": "POST"}
    with ask(host, "OPTIONS", **asked) as answer:
        assert (answer.status, answer.read()) == (200, b"")
        assert answer.headers["Access-Control-Allow-Origin"] == PAGE
        assert answer.headers["Access-Control-Allow-Methods"] == "GET,POST"
        assert answer.headers["Access-Control-Allow-Headers"] == "x-token"
        assert answer.headers["Access-Control-Max-Age"] == "60"
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    with ask(host, "OPTIONS", **asked | {"Origin": "http://other.localhost"}) as answer:
        assert answer.status == 200
        assert answer.headers["Access-Control-Allow-Origin"] is None


def test_the_configuration_speaks_in_place_of_the_function(make_url: MakeUrl, ask: Any) -> None:
    with ask(make_url(Cors=CORS), Origin=PAGE) as answer:
        assert answer.headers.get_all("Access-Control-Allow-Origin") == [PAGE]
        assert answer.headers["Access-Control-Expose-Headers"] == "x-one"
        assert answer.headers["X-One"] == "1"


def test_a_function_without_a_configuration_speaks_for_itself(make_url: MakeUrl, ask: Any) -> None:
    asked = {"Origin": PAGE, "Access_Control_Request_Method": "POST"}
    with ask(make_url(), "OPTIONS", **asked) as answer:
        assert json.loads(answer.read())["requestContext"]["http"]["method"] == "OPTIONS"
        assert answer.headers.get_all("Access-Control-Allow-Origin") == ["own"]


# ---- streams


def test_what_a_function_writes_arrives_before_it_ends(make_url: MakeUrl, ask: Any) -> None:
    host = make_url("out.write('first '); await new Promise(() => setTimeout(() => {}, 60000));")
    with ask(host) as answer:
        assert answer.status == 200
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.read(6) == b"first "


def test_status_and_headers_arrive_before_the_body(make_url: MakeUrl, ask: Any) -> None:
    host = make_url(
        "out = awslambda.HttpResponseStream.from(out, {statusCode: 203, headers: {'X-One': '1'}});"
        "out.write('a'); out.end('b');"
    )
    with ask(host) as answer:
        assert (answer.status, answer.headers["X-One"], answer.read()) == (203, "1", b"ab")


def test_a_stream_that_fails_is_cut_short(make_url: MakeUrl, ask: Any) -> None:
    with ask(make_url("out.write('a'); throw new Error('no more');")) as answer:
        with pytest.raises(http.client.IncompleteRead) as cut:
            answer.read()
        assert cut.value.partial == b"a"


def test_a_stream_that_begins_with_no_status_is_a_bad_gateway(make_url: MakeUrl, ask: Any) -> None:
    type_ = "application/vnd.awslambda.http-integration-response"
    with ask(make_url(f"out.setContentType('{type_}'); out.end('nothing');")) as answer:
        assert (answer.status, answer.read()) == (502, b"Internal Server Error")


def test_a_function_that_does_not_stream_answers_all_the_same(make_url: MakeUrl, ask: Any) -> None:
    with ask(make_url(InvokeMode="RESPONSE_STREAM")) as answer:
        assert json.loads(answer.read())["version"] == "2.0"


def test_an_event_stream_has_pieces_and_tells_how_it_ended(client: Any, make_url: MakeUrl) -> None:
    make_url("out.write('a'); if (event.fails) throw new Error('no more'); out.end('b');")

    def events(payload: bytes) -> list[Any]:
        answer = client.invoke_with_response_stream(
            FunctionName="f", Payload=payload, LogType="Tail"
        )
        return list(answer["EventStream"])

    *pieces, end = events(b"{}")
    assert b"".join(each["PayloadChunk"]["Payload"] for each in pieces) == b"ab"
    assert "LogResult" in end["InvokeComplete"]
    first, end = events(b'{"fails": true}')
    assert first["PayloadChunk"]["Payload"] == b"a"
    assert end["InvokeComplete"]["ErrorCode"] == "Unhandled"
    assert "no more" in end["InvokeComplete"]["ErrorDetails"]
