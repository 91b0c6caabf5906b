"""Requests of HTTPS APIs: what is wrong with parameters, and the call that good ones make."""

from __future__ import annotations

from typing import Any

import pytest

from fogline.services.stepfunctions.tasks.http_requests import call_of, problems_of

GOOD: dict[str, Any] = {
    "ApiEndpoint": "https://api.example.com/orders?a=1",
    "Method": "POST",
    "Authentication": {"ConnectionArn": "arn"},
}


def test_parameters_and_body_become_a_call() -> None:
    given = GOOD | {
        "QueryParameters": {"page": 2, "tag": ["x", "y z"]},
        "Headers": {"X-Kind": "large"},
        "RequestBody": {"b": 1, "a": "é"},
    }
    assert problems_of(given) == []
    call = call_of(given, "eu-west-1")
    assert (call.method, call.url) == (
        "POST",
        "https://api.example.com/orders?a=1&page=2&tag=x&tag=y%20z",
    )
    assert call.body == '{"b":1,"a":"é"}'.encode()
    assert list(call.headers) == [
        ("X-Kind", "large"),
        ("Content-Type", "application/json"),
        ("User-Agent", "Amazon|StepFunctions|HttpInvoke|eu-west-1"),
        ("Range", "bytes=0-262144"),
    ]


def test_a_body_of_text_goes_as_it_is_with_its_own_content_type() -> None:
    call = call_of(GOOD | {"RequestBody": "a=1", "Headers": {"content-type": "text/x"}}, "r")
    assert call.body == b"a=1"
    assert [value for name, value in call.headers if name.lower() == "content-type"] == ["text/x"]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"ApiEndpoint": None}, "The field 'ApiEndpoint' is required but was missing"),
        ({"Authentication": None}, "The field 'Authentication' is required but was missing"),
        ({"Url": "x"}, "The field 'Url' is not supported by Step Functions"),
        (
            {"Authentication": "arn"},
            "The value of the field 'Authentication' has an invalid format",
        ),
        ({"ApiEndpoint": "example"}, "The value of the field 'ApiEndpoint' has an invalid format"),
        ({"Method": "get"}, "The value of the field 'Method' has an invalid format"),
        ({"Headers": "x"}, "The value of the field 'Headers' has an invalid format"),
        (
            {"Headers": {"Authorization": "x"}},
            "The value of the field 'Headers.Authorization' has an invalid format",
        ),
        (
            {"Headers": {"X-Amzn-Trace-Id": "x"}},
            "The value of the field 'Headers.X-Amzn-Trace-Id' has an invalid format",
        ),
        (
            {"QueryParameters": {"a": {}}},
            "The value of the field 'QueryParameters' has an invalid format",
        ),
        (
            {"Transform": {"RequestBodyEncoding": "GZIP"}},
            "The value of the field 'Transform' has an invalid format",
        ),
    ],
)
def test_parameters_that_no_call_can_be_made_of_are_told(
    changes: dict[str, Any], problem: str
) -> None:
    assert problems_of(GOOD | changes) == [problem]


def test_a_private_endpoint_names_its_connection_elsewhere() -> None:
    given = {name: value for name, value in GOOD.items() if name != "Authentication"}
    assert problems_of(given | {"InvocationConfig": {"ConnectionArn": "arn"}}) == []
