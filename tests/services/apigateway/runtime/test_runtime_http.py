"""HTTP integrations: somebody's own server behind an API."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.services.backends import echo_server


@pytest.fixture
def echo() -> Iterator[str]:
    with echo_server() as address:
        yield address


def test_a_proxy_passes_the_whole_request_and_answer(
    api: Any, integrate: Any, call: Any, echo: str
) -> None:
    integrate(
        "HTTP_PROXY",
        verb="POST",
        resource=api.resource("{id}"),
        uri=f"{echo}/things/{{place}}?a={{place}}",
        method={"requestParameters": {"method.request.path.id": True}},
        requestParameters={
            "integration.request.path.place": "method.request.path.id",
            "integration.request.header.X-Mapped": "context.stage",
            "integration.request.querystring.b": "'two'",
        },
    )
    api.deploy()
    answer = call("POST", "/a%20b?c=3&c=4", headers={"X-Mine": "m"}, body="hi")
    assert (answer.status, answer.headers["X-Own"]) == (200, "1")
    assert "x-amzn-Remapped-Date" in answer.headers
    told = answer.json
    assert (told["method"], told["body"]) == ("POST", "hi")
    assert told["target"] == "/things/a%20b?a=a%20b&c=3&c=4&b=two"
    assert (told["headers"]["x-mine"], told["headers"]["x-mapped"]) == ("m", "dev")
    assert told["headers"]["x-amzn-apigateway-api-id"] == api.id
    assert told["headers"]["host"] == echo.removeprefix("http://")


def test_a_custom_integration_sends_only_what_is_mapped(
    api: Any, integrate: Any, call: Any, echo: str
) -> None:
    integrate(
        "HTTP",
        verb="POST",
        uri=echo,
        requestTemplates={"application/json": '{"wrapped": $input.json("$.a")}'},
        responses=[
            {"responseTemplates": {"application/json": "$input.path('$.body')"}},
        ],
    )
    integrate(
        "HTTP", resource=api.resource("teapot"), integrationHttpMethod="GET",
        uri=f"{echo}/teapot",
        responses=[{}, {"statusCode": "400", "selectionPattern": "4\\d{2}"}],
    )  # fmt: skip
    api.deploy()
    assert call("POST", body='{"a": [1]}').body == b'{"wrapped": [1]}'
    answer = call("GET", "/teapot", headers={"X-Mine": "m"})
    assert answer.status == 400
    assert "x-mine" not in answer.json["headers"]
    assert answer.json["headers"]["user-agent"] == f"AmazonAPIGateway_{api.id}"
    assert "X-Own" not in answer.headers


def test_a_functions_own_url_can_stand_behind_an_api(
    api: Any, integrate: Any, call: Any, make_function: Any, fogline: Any
) -> None:
    make_function("def handler(event, context):\n    return event['body']\n")
    client = fogline.client("lambda")
    url = client.create_function_url_config(FunctionName="f", AuthType="NONE")["FunctionUrl"]
    integrate("HTTP", verb="POST", uri=url)
    api.deploy()
    answer = call("POST", body="hi")
    assert (answer.status, answer.body) == (200, b"hi")


def test_a_server_that_is_not_there_is_a_network_error(api: Any, integrate: Any, call: Any) -> None:
    integrate("HTTP_PROXY", uri="http://127.0.0.1:9/")
    api.deploy()
    answer = call("GET")
    assert answer.status == 504
    assert answer.json == {"message": "Network error communicating with endpoint"}


def test_private_integrations_are_refused(api: Any, integrate: Any, call: Any) -> None:
    integrate(
        "HTTP_PROXY", uri="http://127.0.0.1:9/", connectionType="VPC_LINK", connectionId="abc123"
    )
    api.deploy()
    assert call("GET").status == 500
    tried = api.test_invoke_method(resourceId=api.root, httpMethod="GET")
    assert "Fogline has no VPC links" in tried["log"]


class _Slow(BaseHTTPRequestHandler):
    """Writes a word, and the next one when it is told to, or never."""

    protocol_version = "HTTP/1.1"
    may_go_on = threading.Event()

    def do_GET(self) -> None:
        self.send_response(203)
        self.send_header("X-Own", "1")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"6\r\nfirst \r\n")
        self.wfile.flush()
        self.close_connection = True
        if self.path == "/whole":
            self.may_go_on.wait(20)
            self.wfile.write(b"4\r\nlast\r\n0\r\n\r\n")

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def slow() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Slow)
    _Slow.may_go_on.clear()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    _Slow.may_go_on.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def ask(api: Any, integrate: Any, slow: str, fogline: Any) -> Iterator[Any]:
    """Asks an API that streams what the server says; the answer may still be on its way."""
    resource = api.resource("{proxy+}")
    integrate(
        "HTTP_PROXY",
        resource=resource,
        uri=f"{slow}/{{proxy}}",
        integrationHttpMethod="GET",
        method={"requestParameters": {"method.request.path.proxy": True}},
        requestParameters={"integration.request.path.proxy": "method.request.path.proxy"},
        responseTransferMode="STREAM",
    )
    api.deploy()
    connection = http.client.HTTPConnection(urlsplit(fogline.platform.endpoint).netloc, timeout=20)

    def get(path: str) -> http.client.HTTPResponse:
        connection.request("GET", f"/_aws/execute-api/{api.id}/dev{path}")
        return connection.getresponse()

    yield get
    connection.close()


def test_what_a_server_writes_passes_before_its_end(ask: Any) -> None:
    answer = ask("/whole")
    assert (answer.status, answer.headers["X-Own"], answer.read(6)) == (203, "1", b"first ")
    _Slow.may_go_on.set()
    assert answer.read() == b"last"


def test_what_a_server_does_not_end_is_cut_short(ask: Any) -> None:
    with pytest.raises(http.client.IncompleteRead) as cut:
        ask("/broken").read()
    assert cut.value.partial == b"first "
