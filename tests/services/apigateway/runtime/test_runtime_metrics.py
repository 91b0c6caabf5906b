"""What CloudWatch tells of REST APIs."""

from __future__ import annotations

from typing import Any

import pytest
from tests.services.numbers import Numbers

from fogline.testing.plugin import Account

_STAGE = {"ApiName": "shop", "Stage": "dev"}


@pytest.fixture
def numbers(fogline: Account) -> Numbers:
    return Numbers(fogline, "AWS/ApiGateway")


def test_requests_are_counted_by_the_name_of_the_api_and_by_stage(
    api: Any, integrate: Any, call: Any, numbers: Numbers
) -> None:
    integrate()
    api.deploy()

    call("GET")
    call("GET")

    assert numbers.sum("Count", ApiName="shop") == 2
    assert numbers.sum("Count", **_STAGE) == 2
    assert numbers.data("Count", **_STAGE) == [2]
    assert numbers.of("Latency", **_STAGE)["Unit"] == "Milliseconds"
    assert sorted(numbers.dimensions("Count"), key=len) == [{"ApiName": "shop"}, _STAGE]


def test_the_average_of_errors_is_their_rate(
    api: Any, integrate: Any, call: Any, numbers: Numbers
) -> None:
    integrate()
    integrate(verb="PUT", requestTemplates={"application/json": "none"})
    api.deploy()

    statuses = [call(verb, path).status for verb, path in _REQUESTS]

    assert statuses == [200, 403, 403, 500]
    errors = numbers.of("4XXError", **_STAGE)
    assert (errors["Sum"], errors["Average"], errors["SampleCount"]) == (2, 0.5, 4)
    assert numbers.of("5XXError", **_STAGE)["Average"] == 0.25


_REQUESTS = [("GET", "/"), ("GET", "/nowhere"), ("POST", "/"), ("PUT", "/")]


def test_methods_are_told_in_detail_where_the_stage_asks_for_it(
    api: Any, integrate: Any, call: Any, numbers: Numbers
) -> None:
    pets = api.resource("{pet}")
    integrate(resource=pets)
    integrate()
    api.deploy()
    change = {"op": "replace", "path": "/~1{pet}/GET/metrics/enabled", "value": "true"}
    api.update_stage(stageName="dev", patchOperations=[change])

    call("GET", "/anna")
    call("GET", "/")

    assert numbers.sum("Count", Method="GET", Resource="/{pet}", **_STAGE) == 1
    assert numbers.sum("Count", Method="GET", Resource="/", **_STAGE) is None
    assert numbers.sum("Count", **_STAGE) == 2


def test_integrations_have_a_latency_and_mocks_have_none(
    api: Any, integrate: Any, call: Any, numbers: Numbers, make_function: Any
) -> None:
    uri = make_function("def handler(event, context):\n    return {'statusCode': 200}\n")
    integrate("AWS_PROXY", verb="POST", uri=uri)
    integrate()
    api.deploy()

    call("POST")
    call("GET")

    assert numbers.of("IntegrationLatency", **_STAGE)["SampleCount"] == 1
    assert numbers.of("Latency", **_STAGE)["SampleCount"] == 2


def test_an_integration_that_cannot_be_reached_has_a_latency_too(
    api: Any, integrate: Any, call: Any, numbers: Numbers
) -> None:
    integrate("HTTP_PROXY", uri="http://127.0.0.1:1/", integrationHttpMethod="GET")
    api.deploy()

    assert call("GET").status == 504

    assert numbers.of("IntegrationLatency", **_STAGE)["SampleCount"] == 1


def test_a_cache_tells_its_hits_and_misses(
    api: Any, integrate: Any, call: Any, numbers: Numbers
) -> None:
    integrate()
    api.create_stage(
        stageName="dev", deploymentId=api.create_deployment()["id"], cacheClusterEnabled=True
    )
    change = {"op": "replace", "path": "/*/*/caching/enabled", "value": "true"}
    api.update_stage(stageName="dev", patchOperations=[change])

    for _ in range(3):
        call("GET")

    assert numbers.sum("CacheHitCount", **_STAGE) == 2
    assert numbers.sum("CacheMissCount", **_STAGE) == 1


def test_without_a_cache_there_are_neither_hits_nor_misses(
    api: Any, integrate: Any, call: Any, numbers: Numbers
) -> None:
    integrate()
    api.deploy()

    call("GET")

    assert numbers.dimensions("CacheHitCount") == numbers.dimensions("CacheMissCount") == []


def test_trials_of_a_method_are_no_requests(api: Any, integrate: Any, numbers: Numbers) -> None:
    integrate()
    api.deploy()

    api.test_invoke_method(resourceId=api.root, httpMethod="GET")

    assert numbers.dimensions("Count") == []
