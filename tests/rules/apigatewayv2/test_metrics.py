from __future__ import annotations

from typing import Any

import pytest
from tests.rules.apigatewayv2.exchanges import make_exchange

from fogline.services.apigatewayv2.http.compiled import HttpApi, Route
from fogline.services.apigatewayv2.http.exchange import Exchange
from fogline.services.apigatewayv2.http.metrics import measures, sources
from fogline.services.apigatewayv2.sites import Site


def _values(exchange: Exchange, status: int) -> dict[str, float]:
    return {each.name: each.value for each in measures(exchange, status, 30, exchange.now + 250)}


@pytest.mark.parametrize(("status", "errors"), [(200, (0, 0)), (404, (1, 0)), (503, (0, 1))])
def test_every_request_counts_and_tells_whether_it_was_an_error_of_either_kind(status, errors):
    values = _values(make_exchange(body=b"12345"), status)

    assert (values.pop("4xx"), values.pop("5xx")) == errors
    assert values == {"Count": 1, "Latency": 250, "DataProcessed": 35}


def test_the_latency_of_an_integration_is_told_where_one_was_asked():
    exchange = make_exchange(facts={"integrationLatency": 0})

    assert _values(exchange, 200)["IntegrationLatency"] == 0


def _at(stage: dict[str, Any], key: str) -> Exchange:
    site = Site("1", "eu-west-1", "abc", "HTTP", "dev", stage, None, "/pets/7")
    route = Route(HttpApi({"api": {}}), {"RouteKey": key})
    return make_exchange(site=site, route=route)


def _details(stage: dict[str, Any], key: str) -> list[tuple[tuple[str, str], ...]]:
    return [each.dimensions for each in sources(_at(stage, key))[2:]]


_DETAILED = {"DetailedMetricsEnabled": True}


def test_numbers_are_about_the_id_of_the_api_and_its_stage():
    assert [each.dimensions for each in sources(_at({}, "GET /pets"))] == [
        (("ApiId", "abc"),),
        (("ApiId", "abc"), ("Stage", "dev")),
    ]


@pytest.mark.parametrize(
    ("key", "method", "resource"),
    [
        ("GET /pets/{id}", "GET", "/pets/{id}"),
        ("ANY /{proxy+}", "ANY", "/{proxy+}"),
        ("$default", "$default", "$default"),
    ],
)
def test_routes_are_told_in_detail_where_the_stage_asks_for_it(key, method, resource):
    assert _details({"DefaultRouteSettings": _DETAILED}, key) == [
        (("ApiId", "abc"), ("Method", method), ("Resource", resource), ("Stage", "dev"))
    ]


def test_settings_of_a_route_win_over_those_of_all():
    stage = {
        "DefaultRouteSettings": _DETAILED,
        "RouteSettings": {"GET /a": {"DetailedMetricsEnabled": False}},
    }

    assert _details(stage, "GET /a") == []
    assert len(_details(stage, "GET /b")) == 1
