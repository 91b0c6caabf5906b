"""What CloudWatch tells of HTTP APIs."""

from __future__ import annotations

from typing import Any

import pytest
from tests.services.numbers import Numbers

from fogline.testing.plugin import Account


@pytest.fixture
def numbers(fogline: Account) -> Numbers:
    return Numbers(fogline, "AWS/ApiGateway")


@pytest.fixture
def served(api: Any, make_function: Any) -> Any:
    """An API with a function behind `GET /pets/{id}`."""
    function = make_function("def handler(event, context):\n    return 'hello'\n")
    api.route("GET /pets/{id}", api.integration(IntegrationUri=function))
    return api


def test_requests_are_counted_by_the_id_of_the_api_and_by_stage(served, numbers):
    stage = {"ApiId": served.id, "Stage": "$default"}

    assert [served.get("/pets/1").status_code, served.get("/nowhere").status_code] == [200, 404]

    assert numbers.sum("Count", ApiId=served.id) == 2
    assert numbers.sum("Count", **stage) == 2
    assert numbers.of("4xx", **stage)["Average"] == 0.5
    assert numbers.of("5xx", **stage)["Average"] == 0
    assert numbers.of("Latency", **stage)["SampleCount"] == 2
    assert numbers.of("IntegrationLatency", **stage)["SampleCount"] == 1


def test_the_bytes_of_requests_and_answers_are_told(served, numbers):
    served.route("POST /", served.integration("HTTP_PROXY", IntegrationUri="http://127.0.0.1:1/"))

    answer = served.call("POST", "/", content=b"12345")

    found = numbers.of("DataProcessed", ApiId=served.id)
    assert (found["Sum"], found["Unit"]) == (5 + len(answer.content), "Bytes")


def test_an_integration_that_cannot_be_reached_has_a_latency_too(served, numbers):
    served.route("POST /", served.integration("HTTP_PROXY", IntegrationUri="http://127.0.0.1:1/"))

    assert served.call("POST", "/").status_code == 503

    assert numbers.of("IntegrationLatency", ApiId=served.id)["SampleCount"] == 1
    assert numbers.sum("5xx", ApiId=served.id) == 1


def test_routes_are_told_in_detail_where_the_stage_asks_for_it(served, numbers):
    route = {"Method": "GET", "Resource": "/pets/{id}", "ApiId": served.id, "Stage": "$default"}
    served.get("/pets/1")
    assert numbers.sum("Count", **route) is None

    served.update_stage(StageName="$default", DefaultRouteSettings={"DetailedMetricsEnabled": True})
    served.get("/pets/1")

    assert numbers.sum("Count", **route) == 1
