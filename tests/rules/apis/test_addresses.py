"""Addresses of APIs and of integrations, read from texts."""

from __future__ import annotations

import pytest

from fogline.apis.addresses import Address, is_address, read_address, with_stage
from fogline.apis.integration_addresses import (
    function_of,
)
from fogline.apis.integration_addresses import (
    read_address as read_integration,
)
from fogline.apis.stage_variables import with_stage_variables
from fogline.services.apigateway.runtime.media_types import BinaryTypes
from fogline.services.apigateway.runtime.method_settings import settings_of

HOST = "abc.execute-api.us-east-1.localhost:4566"


@pytest.mark.parametrize(
    ("host", "path", "address"),
    [
        (HOST, "/dev/a/b", Address("abc", "dev", "/a/b", "/dev/a/b")),
        (HOST, "/dev/", Address("abc", "dev", "/", "/dev/")),
        (HOST, "/dev", Address("abc", "dev", "/", "/dev")),
        ("abc.execute-api.localhost", "/dev/a", Address("abc", "dev", "/a", "/dev/a")),
        ("localhost", "/_aws/execute-api/abc/dev/a", Address("abc", "dev", "/a", "/dev/a")),
        ("localhost", "/restapis/abc/dev/_user_request_/a", Address("abc", "dev", "/a", "/dev/a")),
        ("localhost", "/restapis/abc/dev/_user_request_", Address("abc", "dev", "/", "/dev/")),
    ],
)
def test_an_address_names_api_stage_and_path(host: str, path: str, address: Address) -> None:
    assert is_address(host, path)
    found = read_address(host, path)
    assert found is not None
    assert with_stage(found) == address


def test_paths_of_the_control_plane_are_no_addresses() -> None:
    for path in ("/", "/restapis", "/restapis/abc/stages", "/restapis/a/b?x=/_user_request_"):
        assert not is_address("localhost:4566", path)


def test_the_address_of_an_integration_names_its_service() -> None:
    found = read_integration("arn:aws:apigateway:eu-west-1:my.bucket.s3:path/a/{b}?c=d")
    assert found == ("eu-west-1", "my.bucket", "s3", "", "a/{b}?c=d")
    found = read_integration("arn:aws:apigateway:us-east-1:sqs:action/SendMessage")
    assert found == ("us-east-1", "", "sqs", "SendMessage", "")
    assert read_integration("arn:aws:sqs:us-east-1:1:q") is None


def test_a_function_is_known_by_its_address() -> None:
    arn = "arn:aws:lambda:us-east-1:000000000000:function:f:live"
    front = "arn:aws:apigateway:us-east-1:lambda:path"
    assert function_of(f"{front}/2015-03-31/functions/{arn}/invocations") == arn
    assert function_of(f"{front}//2015-03-31/functions/{arn}/invocations") == arn
    assert function_of(f"{front}/2015-03-31/functions/{arn}") is None


def test_stage_variables_are_filled_in_wherever_they_stand() -> None:
    variables = {"a": "1", "b": "2"}
    text = "x${stageVariables.a}y${stageVariables.b}${stageVariables.none}z"
    assert with_stage_variables(text, variables) == "x1y2z"
    assert with_stage_variables("${stageVariables.a", variables) == "${stageVariables.a"


def test_media_types_are_binary_by_name_front_or_all() -> None:
    types = BinaryTypes(["image/png", "audio/*", "application~1x"])
    for header in ("image/png", "IMAGE/PNG; q=1", "audio/mp3, text/html", "application/x"):
        assert types.has(header), header
    assert not types.has(None)
    for header in ("", "text/html, image/png", "image/gif"):
        assert not types.has(header), header
    assert BinaryTypes(["*/*"]).has(None)


def test_a_methods_own_settings_go_before_those_of_all() -> None:
    stage = {"methodSettings": {"*/*": {"n": 0}, "pets/GET": {"n": 1}, "~1a~1{b}/POST": {"n": 2}}}
    assert settings_of(stage, "/pets", "GET") == {"n": 1}
    assert settings_of(stage, "/pets", "PUT") == {"n": 0}
    assert settings_of(stage, "/a/{b}", "POST") == {"n": 2}
    assert settings_of({}, "/", "GET") == {}
