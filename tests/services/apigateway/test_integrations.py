"""Integrations and their responses."""

from __future__ import annotations

from typing import Any

import pytest
from tests.services.apigateway.conftest import FUNCTION, Refusal, RestApi, patch


def at(api: RestApi, **more: Any) -> dict[str, Any]:
    return {"resourceId": api.root, "httpMethod": "GET", **more}


def test_an_integration_is_completed(api: RestApi) -> None:
    api.method()
    api.put_integration(**at(api), type="HTTP", integrationHttpMethod="GET", uri="http://a.example")
    shown = api.get_integration(**at(api))
    del shown["ResponseMetadata"]
    assert shown == {
        "type": "HTTP",
        "httpMethod": "GET",
        "uri": "http://a.example",
        "connectionType": "INTERNET",
        "passthroughBehavior": "WHEN_NO_MATCH",
        "timeoutInMillis": 29_000,
        "cacheNamespace": api.root,
        "cacheKeyParameters": [],
    }


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"type": "AWS", "uri": FUNCTION}, "Enumeration value for HttpMethod must be non-empty"),
        (
            {"type": "HTTP", "integrationHttpMethod": "GET", "uri": "ftp://x"},
            "Invalid HTTP endpoint specified for URI",
        ),
        (
            {"type": "AWS", "integrationHttpMethod": "POST", "uri": "http://x"},
            "Invalid ARN specified in the request",
        ),
        (
            {
                "type": "AWS_PROXY",
                "integrationHttpMethod": "POST",
                "uri": "arn:aws:apigateway:us-east-1:sqs:path/1/q",
            },
            "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream "
            "invocations.",
        ),
        (
            {"type": "MOCK", "timeoutInMillis": 49},
            "Timeout should be between 50 ms and 29000 ms",
        ),
        (
            {"type": "MOCK", "timeoutInMillis": 29_001},
            "Timeout should be between 50 ms and 29000 ms",
        ),
    ],
)
def test_integrations_that_can_not_be_are_refused(
    api: RestApi, refusal: Refusal, settings: dict[str, Any], message: str
) -> None:
    api.method()
    refused = refusal(api.put_integration, **at(api), **settings)
    assert refused == ("BadRequestException", message)


@pytest.mark.parametrize("timeout", [50, 29_000])
def test_timeouts_at_their_borders_are_taken(api: RestApi, timeout: int) -> None:
    api.method()
    put = api.put_integration(**at(api), type="MOCK", timeoutInMillis=timeout)
    assert put["timeoutInMillis"] == timeout


def test_only_streams_may_take_minutes(api: RestApi) -> None:
    api.method()
    put = api.put_integration(
        **at(api),
        type="AWS_PROXY",
        integrationHttpMethod="POST",
        uri=FUNCTION,
        responseTransferMode="STREAM",
        timeoutInMillis=900_000,
    )
    assert put["responseTransferMode"] == "STREAM"


def test_an_integration_is_patched(api: RestApi, refusal: Refusal) -> None:
    api.mock()
    changed = api.update_integration(
        **at(api),
        patchOperations=[
            *patch("replace", "/timeoutInMillis", "1000"),
            *patch("add", "/requestTemplates/application~1json", "{}"),
            *patch("add", "/cacheKeyParameters/method.request.querystring.q"),
        ],
    )
    assert changed["timeoutInMillis"] == 1_000
    assert changed["requestTemplates"] == {"application/json": "{}"}
    assert changed["cacheKeyParameters"] == ["method.request.querystring.q"]
    refused = refusal(
        api.update_integration, **at(api), patchOperations=patch("replace", "/type", "AWS")
    )
    assert refused == ("BadRequestException", "Invalid patch path /type")


def test_a_deleted_integration_is_gone(api: RestApi, refusal: Refusal) -> None:
    api.mock()
    api.delete_integration(**at(api))
    assert refusal(api.get_integration, **at(api)) == (
        "NotFoundException",
        "Invalid Integration identifier specified",
    )


def test_responses_are_put_patched_and_deleted(api: RestApi, refusal: Refusal) -> None:
    api.mock()
    status = at(api, statusCode="200")
    put = api.put_integration_response(
        **status, selectionPattern="", responseTemplates={"application/json": ""}
    )
    assert put["responseTemplates"] == {"application/json": None}
    changed = api.update_integration_response(
        **status, patchOperations=patch("replace", "/selectionPattern", "2..")
    )
    assert changed["selectionPattern"] == "2.."
    assert api.get_integration_response(**status)["selectionPattern"] == "2.."
    api.delete_integration_response(**status)
    assert refusal(api.get_integration_response, **status) == (
        "NotFoundException",
        "Invalid Response status code specified",
    )


def test_a_response_fills_only_what_the_method_declares(api: RestApi, refusal: Refusal) -> None:
    api.mock()
    status = at(api, statusCode="200")
    mapping = {"method.response.header.X": "'y'"}
    refused = refusal(api.put_integration_response, **status, responseParameters=mapping)
    assert refused == (
        "BadRequestException",
        "Invalid mapping expression parameter specified: method.response.header.X",
    )
    api.put_method_response(**status, responseParameters={"method.response.header.X": False})
    put = api.put_integration_response(**status, responseParameters=mapping)
    assert put["responseParameters"] == mapping
