"""Somebody's own server behind an HTTP API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.services.backends import echo_server


@pytest.fixture
def echo() -> Iterator[str]:
    with echo_server("a=1", "b=2") as address:
        yield address


def test_a_request_passes_whole_and_so_does_the_answer(api: Any, echo: str) -> None:
    integration = api.integration("HTTP_PROXY", IntegrationUri=f"{echo}/store/{{proxy}}")
    api.route("ANY /pets/{proxy+}", integration)
    answer = api.call(
        "PUT",
        "/pets/a/b%20c?x=1&x=%20",
        headers={"X-One": "1", "User-Agent": "me", "content-type": "text/plain"},
        content=b"hello",
    )
    told = answer.json()
    assert (told["method"], told["target"]) == ("PUT", "/store/a/b%20c?x=1&x=%20")
    assert told["body"] == "hello"
    assert (told["headers"]["x-one"], told["headers"]["user-agent"]) == ("1", "me")
    assert told["headers"]["host"] == echo.removeprefix("http://")
    assert told["headers"]["via"] == "HTTP/1.1 AmazonAPIGateway"
    assert f"host={api.host};proto=http" in told["headers"]["forwarded"]
    assert told["headers"]["x-amzn-trace-id"].startswith("Root=")
    assert answer.headers["x-own"] == "1"
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert answer.headers["apigw-requestid"]
    assert len(answer.headers.get_list("date")) == 1


def test_cookies_that_a_server_sets_for_one_caller_are_not_sent_for_another(
    api: Any, echo: str
) -> None:
    api.route("ANY /pets", api.integration("HTTP_PROXY", IntegrationUri=f"{echo}/pets"))
    for _ in range(2):
        answer = httpx.get(f"{api.endpoint}/pets", headers={"host": api.host})
        assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
        assert "cookie" not in answer.json()["headers"]


def test_the_default_route_adds_the_whole_path(api: Any, echo: str) -> None:
    api.route("$default", api.integration("HTTP_PROXY", IntegrationUri=f"{echo}/base/"))
    assert api.get("/store/a%2Fb?x=1").json()["target"] == "/base/store/a%2Fb?x=1"


def test_another_route_goes_where_its_address_says(api: Any, echo: str) -> None:
    uri = f"{echo}/fixed?own=1"
    integration = api.integration("HTTP_PROXY", IntegrationUri=uri, IntegrationMethod="POST")
    api.route("GET /a", integration)
    told = api.get("/a?x=1").json()
    assert (told["method"], told["target"]) == ("POST", "/fixed?own=1&x=1")


def test_requests_and_answers_are_mapped(api: Any, echo: str) -> None:
    integration = api.integration(
        "HTTP_PROXY",
        IntegrationUri=f"{echo}/fixed/missing",
        RequestParameters={
            "overwrite:header.x-who": "$context.identity.sourceIp",
            "remove:querystring.x": "''",
            "append:querystring.y": "a b",
            "overwrite:path": "/other/missing/$request.path.id",
        },
        ResponseParameters={
            "404": {"overwrite:statuscode": "410", "append:header.x-at": "$response.body.target"},
            "200": {"overwrite:statuscode": "500"},
        },
    )
    api.route("GET /pets/{id}", integration)
    answer = api.get("/pets/7?x=1&z=2")
    told = answer.json()
    assert answer.status_code == 410
    assert told["target"] == "/other/missing/7?z=2&y=a+b"
    assert told["headers"]["x-who"] == "127.0.0.1"
    assert answer.headers["x-at"] == told["target"]


def test_stage_variables_name_servers(make_api: Any, echo: str) -> None:
    api = make_api()
    integration = api.integration("HTTP_PROXY", IntegrationUri="http://${stageVariables.at}/x")
    api.route("GET /a", integration)
    api.stage("dev", StageVariables={"at": echo.removeprefix("http://")})
    assert api.get("/dev/a").json()["target"] == "/x"


def test_a_server_that_is_not_there_is_unavailable(api: Any, caplog: Any) -> None:
    api.route("GET /a", api.integration("HTTP_PROXY", IntegrationUri="http://127.0.0.1:9/x"))
    answer = api.get("/a")
    assert (answer.status_code, answer.json()) == (503, {"message": "Service Unavailable"})
    assert "127.0.0.1:9" in caplog.text


def test_private_integrations_are_refused_with_a_reason(api: Any, caplog: Any) -> None:
    link = api.client.create_vpc_link(Name="l", SubnetIds=["subnet-1"])["VpcLinkId"]
    integration = api.integration(
        "HTTP_PROXY",
        ConnectionType="VPC_LINK",
        ConnectionId=link,
        IntegrationUri="arn:aws:elasticloadbalancing:us-east-1:000000000000:listener/app/a/b/c",
    )
    api.route("GET /a", integration)
    assert api.get("/a").status_code == 503
    assert "no VPC links" in caplog.text
