from __future__ import annotations

from typing import Any

import pytest

from fogline.apis.fields import Headers
from fogline.aws.call import Trace
from fogline.services.apigateway.runtime.compiled import CompiledApi
from fogline.services.apigateway.runtime.exchange import Exchange, Site
from fogline.services.apigateway.runtime.metrics import measures, sources

_RESOURCE = {"id": "r1", "path": "/pets/{id}", "resourceMethods": {"ANY": {"httpMethod": "ANY"}}}


def _exchange(name: str = "shop", **changed: Any) -> Exchange:
    api = CompiledApi({"restApi": {"id": "abc", "name": name}, "resources": {"r1": _RESOURCE}}, "d")
    found = api.find("/pets/7", "GET")
    members: dict[str, Any] = {
        "site": Site("1", "eu-west-1", api, "dev", {}, {}),
        "method": "GET",
        "path": "/pets/7",
        "sent_path": "/dev/pets/7",
        "headers": Headers(),
        "query": {},
        "body": b"",
        "host": "localhost",
        "request_id": "1",
        "extended_id": "2",
        "now": 1_000,
        "trace": Trace("1-a-b", "c"),
        "trace_header": "",
        "target": found[0] if found is not None else None,
    }
    return Exchange(**{**members, **changed})


def _values(exchange: Exchange, status: int) -> dict[str, float]:
    return {each.name: each.value for each in measures(exchange, status, 1_250)}


@pytest.mark.parametrize(
    ("status", "errors"), [(200, (0, 0)), (302, (0, 0)), (404, (1, 0)), (504, (0, 1))]
)
def test_every_request_counts_and_tells_whether_it_was_an_error_of_either_kind(status, errors):
    values = _values(_exchange(), status)

    assert (values.pop("4XXError"), values.pop("5XXError")) == errors
    assert values == {"Count": 1, "Latency": 250}


def test_the_latency_of_an_integration_is_told_where_one_was_asked():
    assert _values(_exchange(facts={"integrationLatency": 120}), 200)["IntegrationLatency"] == 120


@pytest.mark.parametrize(("is_hit", "hits"), [(True, (1, 0)), (False, (0, 1))])
def test_requests_to_cached_methods_are_hits_or_misses(is_hit, hits):
    values = _values(_exchange(is_cache_hit=is_hit), 200)

    assert (values["CacheHitCount"], values["CacheMissCount"]) == hits


def test_latencies_are_milliseconds_and_all_else_is_counted():
    exchange = _exchange(facts={"integrationLatency": 1}, is_cache_hit=False)

    units = {each.name: each.unit for each in measures(exchange, 200, 1_250)}

    latencies = {name for name, unit in units.items() if unit == "Milliseconds"}
    assert latencies == {"Latency", "IntegrationLatency"}
    assert {unit for name, unit in units.items() if name not in latencies} == {"Count"}


def test_numbers_are_about_the_name_of_the_api_and_its_stage():
    assert [each.dimensions for each in sources(_exchange())] == [
        (("ApiName", "shop"),),
        (("ApiName", "shop"), ("Stage", "dev")),
    ]


def test_methods_are_told_in_detail_where_their_settings_ask_for_it():
    assert sources(_exchange(settings={"metricsEnabled": True}))[2].dimensions == (
        ("ApiName", "shop"),
        ("Method", "ANY"),
        ("Resource", "/pets/{id}"),
        ("Stage", "dev"),
    )


@pytest.mark.parametrize(("name", "told"), [("caffè-api", "caff-api"), ("日本", "abc")])
def test_a_dimension_has_only_the_ascii_of_a_name_and_the_id_for_one_without(name, told):
    assert sources(_exchange(name))[0].dimensions == (("ApiName", told),)
