"""Metrics of HTTP APIs: what CloudWatch is told of an answered request.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
"""

from __future__ import annotations

from collections.abc import Sequence

from fogline.apis.metrics import COUNT, integration_latency, latency, sources_of
from fogline.ports.metrics import Measure, Source
from fogline.services.apigatewayv2.http.exchange import Exchange

# Every request tells also which errors it was not: so their average is the rate of errors.
_NO_4XX, _4XX = (Measure("4xx", value, "Count") for value in (0, 1))
_NO_5XX, _5XX = (Measure("5xx", value, "Count") for value in (0, 1))
_FINE = (COUNT, _NO_4XX, _NO_5XX)
_ENDINGS = {4: (COUNT, _4XX, _NO_5XX), 5: (COUNT, _NO_4XX, _5XX)}
"""By the first digit of the status."""


def sources(exchange: Exchange) -> Sequence[Source]:
    """What the numbers of an exchange are about."""
    site, route = exchange.site, exchange.route
    detail: tuple[tuple[str, str], ...] = ()
    if route is not None and site.route_settings(route.key).get("DetailedMetricsEnabled"):
        detail = (("Method", route.key.partition(" ")[0]), ("Resource", route.resource))
    return sources_of(site.account, site.region, ("ApiId", site.api_id), site.stage_name, detail)


def measures(
    exchange: Exchange, status: int, answer_bytes: int, ended_at: int
) -> Sequence[Measure]:
    """The numbers of an exchange that was answered."""
    found = [
        *_ENDINGS.get(status // 100, _FINE),
        latency(ended_at - exchange.now),
        Measure("DataProcessed", len(exchange.body) + answer_bytes, "Bytes"),
    ]
    took = exchange.facts.get("integrationLatency")
    if took is not None:
        found.append(integration_latency(took))
    return found
