"""Functions behind APIs: proxies, and custom integrations."""

from __future__ import annotations

import base64
import http.client
import io
import zipfile
from typing import Any
from urllib.parse import urlsplit

import pytest

ECHO = """
import json
def handler(event, context):
    return {"statusCode": 201, "headers": {"X-One": "1"}, "multiValueHeaders": {"X-Two": ["a", "b"]},
            "body": json.dumps(event)}
"""


@pytest.fixture
def proxied(api: Any, integrate: Any, make_function: Any) -> Any:
    uri = make_function(ECHO)
    integrate("AWS_PROXY", verb="ANY", resource=api.resource("{proxy+}"), uri=uri)
    api.deploy()
    return api


def test_a_proxy_event_tells_the_whole_request(proxied: Any, call: Any) -> None:
    answer = call(
        "POST",
        "/a/b%20c?x=1&x=2&y=",
        headers={"Content-Type": "text/plain", "user-agent": "me", "fooBar": "z"},
        body="hello",
    )
    assert answer.status == 201
    assert answer.headers.getlist("X-Two") == ["a", "b"]
    assert answer.headers["X-One"] == "1"
    event = answer.json
    context = event.pop("requestContext")
    assert event["resource"] == "/{proxy+}"
    assert event["path"] == "/a/b c"
    assert event["httpMethod"] == "POST"
    assert event["pathParameters"] == {"proxy": "a/b c"}
    assert event["queryStringParameters"] == {"x": "2", "y": ""}
    assert event["multiValueQueryStringParameters"] == {"x": ["1", "2"], "y": [""]}
    assert event["headers"]["User-Agent"] == "me"
    assert event["headers"]["fooBar"] == "z"
    assert event["multiValueHeaders"]["Content-Type"] == ["text/plain"]
    assert event["headers"]["X-Forwarded-For"] == "127.0.0.1"
    assert (event["body"], event["isBase64Encoded"]) == ("hello", False)
    assert event["stageVariables"] is None
    assert context["resourcePath"] == "/{proxy+}"
    assert context["path"] == "/dev/a/b%20c"
    assert (context["stage"], context["httpMethod"]) == ("dev", "POST")
    assert context["identity"]["userAgent"] == "me"
    assert context["identity"]["cognitoIdentityId"] is None
    assert context["domainPrefix"] == proxied.id
    assert context["requestId"] == answer.headers["x-amzn-RequestId"]
    assert "authorizer" not in context


def test_a_function_behind_a_base_path_sees_it(
    proxied: Any, http: Any, gateway: Any, fogline: Any
) -> None:
    domain = f"base{fogline.id}.localhost"
    gateway.create_domain_name(
        domainName=domain, endpointConfiguration={"types": ["REGIONAL"]},
        regionalCertificateArn=f"arn:aws:acm:us-east-1:{fogline.id}:certificate/x",
    )  # fmt: skip
    gateway.create_base_path_mapping(
        domainName=domain, basePath="shop", restApiId=proxied.id, stage="dev"
    )
    event = http("GET", "/shop/a/b%20c", host=domain).json
    assert (event["path"], event["requestContext"]["path"]) == ("/shop/a/b c", "/shop/a/b%20c")
    assert event["pathParameters"] == {"proxy": "a/b c"}


def test_a_request_without_anything_has_nulls(proxied: Any, call: Any) -> None:
    event = call("GET", "/a").json
    assert event["queryStringParameters"] is None
    assert event["multiValueQueryStringParameters"] is None
    assert event["body"] is None


def test_binary_media_types_travel_as_base64(proxied: Any, call: Any) -> None:
    proxied.update_rest_api(patchOperations=[{"op": "add", "path": "/binaryMediaTypes/image~1png"}])
    proxied.deploy()
    event = call("POST", "/a", headers={"Content-Type": "image/png"}, body=b"\x00\xff").json
    assert (base64.b64decode(event["body"]), event["isBase64Encoded"]) == (b"\x00\xff", True)


def test_the_trace_of_a_caller_goes_through(proxied: Any, call: Any) -> None:
    trace = "Root=1-3152b799-8954dae64eda91bc9a23a7e8;Parent=7fa8c0f79203be72;Sampled=1"
    answer = call("GET", "/a", headers={"X-Amzn-Trace-Id": trace})
    assert answer.headers["X-Amzn-Trace-Id"] == trace
    assert answer.json["headers"]["X-Amzn-Trace-Id"] == trace
    root = trace.partition(";")[0]
    told = call("GET", "/a", headers={"X-Amzn-Trace-Id": root}).headers["X-Amzn-Trace-Id"]
    assert told.startswith(f"{root};Parent=")


def test_answers_are_checked(api: Any, integrate: Any, call: Any, make_function: Any) -> None:
    uri = make_function(
        "import json\ndef handler(event, context):\n    return json.loads(event['body'])\n"
    )
    integrate("AWS_PROXY", verb="POST", uri=uri)
    api.deploy()

    def post(answer: str) -> Any:
        return call("POST", body=answer)

    for fine in ("{}", "null", '{"statusCode": "200"}', '{"headers": null}', '{"body": null}'):
        assert post(fine).status == 200, fine
    assert post('{"statusCode": 200, "body": 12}').body == b"12"
    for malformed in (
        '"text"', "[1]", '{"message": "x"}', '{"statusCode": "many"}', '{"statusCode": 199}',
        '{"body": {"a": 1}}', '{"headers": []}', '{"headers": {"a": {}}}',
        '{"headers": {"a": "1\\r\\nSet-Cookie: b"}}', '{"multiValueHeaders": {"a": "b"}}',
    ):  # fmt: skip
        refused = post(malformed)
        assert (refused.status, refused.json) == (502, {"message": "Internal server error"})
        assert refused.headers["x-amzn-ErrorType"] == "InternalServerErrorException"
    assert post("no json: the function fails").status == 502


def test_binary_answers_are_decoded_for_those_who_accept_them(
    make_api: Any, api: Any, integrate: Any, call: Any, make_function: Any
) -> None:
    api.update_rest_api(patchOperations=[{"op": "add", "path": "/binaryMediaTypes/image~1png"}])
    uri = make_function(
        "def handler(event, context):\n"
        "    return {'statusCode': 200, 'body': 'AP8=', 'isBase64Encoded': True}\n"
    )
    integrate("AWS_PROXY", uri=uri)
    api.deploy()
    assert call("GET", headers={"Accept": "image/png"}).body == b"\x00\xff"
    assert call("GET", headers={"Accept": "text/html"}).body == b"AP8="


def test_a_function_that_is_not_there_is_an_error_of_the_api(
    api: Any, integrate: Any, call: Any
) -> None:
    arn = "arn:aws:lambda:us-east-1:000000000000:function:nobody"
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"
    integrate("AWS_PROXY", uri=uri)
    api.deploy()
    answer = call("GET")
    assert (answer.status, answer.json) == (500, {"message": "Internal server error"})


def test_a_function_that_takes_too_long_times_out(
    api: Any, integrate: Any, call: Any, make_function: Any
) -> None:
    uri = make_function("import time\ndef handler(event, context):\n    time.sleep(5)\n")
    integrate("AWS_PROXY", uri=uri, timeoutInMillis=50)
    api.deploy()
    answer = call("GET")
    assert (answer.status, answer.json) == (504, {"message": "Endpoint request timed out"})


def test_a_custom_integration_maps_the_event_and_the_answer(
    api: Any, integrate: Any, call: Any, make_function: Any
) -> None:
    uri = make_function(
        "def handler(event, context):\n"
        "    if event.get('fail'):\n        raise Exception('four hundred: ' + event['fail'])\n"
        "    return event\n"
    )
    place = api.resource("{id}")
    integrate(
        "AWS",
        verb="POST",
        resource=place,
        uri=uri.replace(":f/", ":${stageVariables.function}/"),
        requestTemplates={
            "application/json": '{"id": "$input.params("id")", "fail": $input.json("$.fail")}'
        },
        responses=[
            {"responseTemplates": {"application/json": "got $input.path('$.id')"}},
            {
                "statusCode": "400",
                "selectionPattern": "four hundred.*",
                "responseTemplates": {"application/json": "$input.path('$.errorMessage')"},
            },
        ],
    )
    api.create_stage(
        stageName="dev", deploymentId=api.create_deployment()["id"], variables={"function": "f"}
    )
    fine = call("POST", "/7", body='{"a": 1}')
    assert (fine.status, fine.body) == (200, b"got 7")
    failed = call("POST", "/7", body='{"fail": "why"}')
    assert (failed.status, failed.body) == (400, b"four hundred: why")


def test_a_custom_integration_can_only_promise_the_invocation(
    api: Any, integrate: Any, call: Any, make_function: Any
) -> None:
    integrate(
        "AWS",
        uri=make_function("def handler(event, context):\n    return 1\n"),
        requestParameters={"integration.request.header.X-Amz-Invocation-Type": "'Event'"},
    )
    api.deploy()
    answer = call("GET")
    assert (answer.status, answer.body) == (200, b"")


def test_headers_that_no_integration_may_be_sent_are_an_error_of_the_api(
    api: Any, integrate: Any, call: Any, make_function: Any
) -> None:
    integrate(
        "AWS",
        uri=make_function("def handler(event, context):\n    return 1\n"),
        requestParameters={"integration.request.header.Connection": "'close'"},
    )
    api.deploy()
    answer = call("GET")
    assert (answer.status, answer.json) == (500, {"message": "Internal server error"})


@pytest.fixture
def stream(fogline: Any, api: Any, integrate: Any) -> Any:
    """Gives the API a function that streams, from the body of its handler."""

    def make(body: str) -> None:
        code = f"exports.handler = awslambda.streamifyResponse(async (event, out) => {{{body}}});"
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as archive:
            archive.writestr("index.js", code)
        arn = fogline.client("lambda").create_function(
            FunctionName="s", Runtime="nodejs20.x", Handler="index.handler",
            Role=f"arn:aws:iam::{fogline.id}:role/anybody", Code={"ZipFile": package.getvalue()},
            Timeout=20,
        )["FunctionArn"]  # fmt: skip
        path = f"2021-11-15/functions/{arn}/response-streaming-invocations"
        integrate(
            "AWS_PROXY",
            uri=f"arn:aws:apigateway:us-east-1:lambda:path/{path}",
            responseTransferMode="STREAM",
        )
        api.deploy()

    return make


HEADED = """
out = awslambda.HttpResponseStream.from(out, {statusCode: 201, headers: {"X-One": "1"}});
out.write("hello ");
"""


def test_a_function_may_stream_its_answer(stream: Any, call: Any) -> None:
    stream(HEADED + 'out.write("world"); out.end();')
    answer = call("GET")
    assert (answer.status, answer.headers["X-One"], answer.body) == (201, "1", b"hello world")


def test_what_a_function_streams_arrives_before_it_ends(
    stream: Any, api: Any, fogline: Any
) -> None:
    stream(HEADED + "await new Promise(() => setTimeout(() => {}, 60000));")
    connection = http.client.HTTPConnection(urlsplit(fogline.platform.endpoint).netloc, timeout=20)
    connection.request("GET", f"/_aws/execute-api/{api.id}/dev/")
    answer = connection.getresponse()
    assert (answer.status, answer.read(6)) == (201, b"hello ")
    connection.close()


def test_a_stream_that_fails_is_cut_short(stream: Any, api: Any, fogline: Any) -> None:
    stream(HEADED + "throw new Error('no more');")
    connection = http.client.HTTPConnection(urlsplit(fogline.platform.endpoint).netloc, timeout=20)
    connection.request("GET", f"/_aws/execute-api/{api.id}/dev/")
    with pytest.raises(http.client.IncompleteRead):
        connection.getresponse().read()
    connection.close()


@pytest.mark.parametrize(
    "body", ["out.end('no status');", "throw new Error('not even begun');", "out.end();"]
)
def test_a_stream_that_does_not_begin_well_is_a_bad_gateway(
    stream: Any, call: Any, body: str
) -> None:
    stream(body)
    assert (call("GET").status, call("GET").json) == (502, {"message": "Internal server error"})


def test_a_stream_is_tried_whole(stream: Any, api: Any) -> None:
    stream(HEADED + 'out.end("world");')
    tried = api.test_invoke_method(resourceId=api.root, httpMethod="GET")
    assert (tried["status"], tried["body"]) == (201, "hello world")
