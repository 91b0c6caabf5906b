"""Metrics of REST APIs: what CloudWatch is told of an answered request.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from fogline.apis.metrics import COUNT, integration_latency, latency, sources_of
from fogline.ports.metrics import Measure, Source
from fogline.services.apigateway.runtime.exchange import Exchange

# Every request tells also which errors it was not: so their average is the rate of errors.
_NO_4XX, _4XX = (Measure("4XXError", value, "Count") for value in (0, 1))
_NO_5XX, _5XX = (Measure("5XXError", value, "Count") for value in (0, 1))
_FINE = (COUNT, _NO_4XX, _NO_5XX)
_ENDINGS = {4: (COUNT, _4XX, _NO_5XX), 5: (COUNT, _NO_4XX, _5XX)}
"""By the first digit of the status."""
_CACHE = {
    True: (Measure("CacheHitCount", 1, "Count"), Measure("CacheMissCount", 0, "Count")),
    False: (Measure("CacheHitCount", 0, "Count"), Measure("CacheMissCount", 1, "Count")),
}


def sources(exchange: Exchange) -> Sequence[Source]:
    """What the numbers of an exchange are about."""
    site, target = exchange.site, exchange.target
    name = _ascii_name(site.api.settings["name"], site.api.id)
    detail: tuple[tuple[str, str], ...] = ()
    if target is not None and exchange.settings.get("metricsEnabled"):
        detail = (("Method", target.verb), ("Resource", target.resource_path))
    return sources_of(site.account, site.region, ("ApiName", name), site.stage_name, detail)


@lru_cache(1_024)
def _ascii_name(name: str, id: str) -> str:
    """The name as a dimension has it: what is not ASCII is left out, and the id stands for a name without any."""
    return name if name.isascii() else name.encode("ascii", "ignore").decode() or id


def measures(exchange: Exchange, status: int, ended_at: int) -> Sequence[Measure]:
    """The numbers of an exchange that was answered."""
    found = [*_ENDINGS.get(status // 100, _FINE), latency(ended_at - exchange.now)]
    took = exchange.facts.get("integrationLatency")
    if took is not None:
        found.append(integration_latency(took))
    if exchange.is_cache_hit is not None:
        found += _CACHE[exchange.is_cache_hit]
    return found
