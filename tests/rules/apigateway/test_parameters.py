"""Names of what requests and responses carry."""

from __future__ import annotations

import pytest

from fogline.services.apigateway.errors import BadRequestException
from fogline.services.apigateway.parameters import (
    check_gateway_response_parameters,
    check_integration_parameters,
    check_integration_response_parameters,
    check_request_parameters,
)


def test_a_name_is_used_in_one_place() -> None:
    check_request_parameters(["method.request.header.a", "method.request.path.b"])
    with pytest.raises(BadRequestException, match="must be unique"):
        check_request_parameters(["method.request.header.a", "method.request.path.a"])


@pytest.mark.parametrize(
    "source",
    [
        "method.request.path.a",
        "method.request.multivaluequerystring.a",
        "method.request.body",
        "method.request.body.a.b[0]",
        "context.identity.sourceIp",
        "stageVariables.a",
        "'text'",
    ],
)
def test_an_integration_is_given_these(source: str) -> None:
    check_integration_parameters({"integration.request.header.X": source})


@pytest.mark.parametrize(
    "source", ["", "text", "'text", "method.response.header.a", "method.request.no.a"]
)
def test_an_integration_is_not_given_these(source: str) -> None:
    with pytest.raises(BadRequestException):
        check_integration_parameters({"integration.request.header.X": source})


def test_a_caller_is_given_what_the_method_declares() -> None:
    name = "method.response.header.X"
    check_integration_response_parameters({name: "integration.response.body.a"}, {name: False})
    with pytest.raises(BadRequestException, match=f"parameter specified: {name}"):
        check_integration_response_parameters({name: "'a'"}, {})


def test_a_gateway_response_knows_the_request_but_no_integration() -> None:
    check_gateway_response_parameters({"gatewayresponse.header.X": "method.request.header.X"})
    with pytest.raises(BadRequestException):
        check_gateway_response_parameters(
            {"gatewayresponse.header.X": "integration.response.header.X"}
        )
