"""All three protocols that CloudWatch speaks."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from fogline.gateway.protocols import cbor

PREFIX = "GraniteServiceVersion20100801"
SIGNED = (
    "AWS4-HMAC-SHA256 Credential={account}/20260101/us-east-1/monitoring/aws4_request,"
    " SignedHeaders=host, Signature=0"
)


@pytest.fixture
def ask(fogline, fogline_platform):
    """Sends a body to CloudWatch."""

    def ask(body: str | bytes, path: str = "/", **headers: str) -> httpx.Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent["authorization"] = SIGNED.format(account=fogline.id)
        return httpx.post(fogline_platform.endpoint + path, content=body, headers=sent)

    return ask


@pytest.fixture
def in_query(ask):
    return lambda body: ask(body, content_type="application/x-www-form-urlencoded")


@pytest.fixture
def in_json(ask):
    def in_json(operation: str, body: str) -> httpx.Response:
        return ask(
            body,
            content_type="application/x-amz-json-1.0",
            x_amz_target=f"{PREFIX}.{operation}",
            x_amzn_query_mode="true",
        )

    return in_json


@pytest.fixture
def in_cbor(ask):
    def in_cbor(operation: str, body: dict[str, Any]) -> httpx.Response:
        return ask(
            cbor.encode(body),
            f"/service/{PREFIX}/operation/{operation}",
            content_type="application/cbor",
            smithy_protocol="rpc-v2-cbor",
            accept="application/cbor",
        )

    return in_cbor


def test_what_one_protocol_puts_the_others_list(in_query, in_json, in_cbor):
    put = "Action=PutMetricData&Version=2010-08-01&Namespace=Q&MetricData.member.1.MetricName=m"
    assert in_query(f"{put}&MetricData.member.1.Value=3.5").status_code == 200
    listed = {"Metrics": [{"Namespace": "Q", "MetricName": "m", "Dimensions": []}]}
    assert in_json("ListMetrics", "{}").json() == listed
    assert cbor.decode(in_cbor("ListMetrics", {}).content) == listed
    assert "<MetricName>m</MetricName>" in in_query("Action=ListMetrics&Version=2010-08-01").text


def test_refusals_are_spelled_in_each(in_query, in_json, in_cbor):
    put = "Action=PutMetricData&Version=2010-08-01&Namespace=AWS/Q&MetricData.member.1.MetricName=m"
    queried = in_query(f"{put}&MetricData.member.1.Value=1")
    assert (queried.status_code, "<Code>InvalidParameterValue</Code>" in queried.text) == (
        400,
        True,
    )
    body = {"Namespace": "AWS/Q", "MetricData": [{"MetricName": "m", "Value": 1.0}]}
    told = in_json(
        "PutMetricData", '{"Namespace": "AWS/Q", "MetricData": [{"MetricName": "m", "Value": 1}]}'
    )
    assert told.headers["x-amzn-query-error"] == "InvalidParameterValue;Sender"
    assert told.json()["__type"].endswith("InvalidParameterValueException")
    refused = in_cbor("PutMetricData", body)
    assert refused.status_code == 400
    assert cbor.decode(refused.content)["__type"].endswith("InvalidParameterValueException")


def test_what_is_not_there_says_so(in_query):
    answer = in_query("Action=DescribeAlarms&Version=2010-08-01")
    assert (answer.status_code, "<Code>NotImplemented</Code>" in answer.text) == (501, True)
