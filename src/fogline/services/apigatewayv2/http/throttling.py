"""Throttling: how many requests an account, and a route of a stage, may make."""

from __future__ import annotations

from typing import Any

from fogline.services.apigatewayv2.http.exchange import Exchange
from fogline.services.apigatewayv2.http.refusals import TOO_MANY, Refused
from fogline.services.apigatewayv2.runtime import Runtime


def throttle(runtime: Runtime, exchange: Exchange) -> None:
    """Take what a request needs of its account's bucket and of its route's. Raises Refused."""
    site, limits, now = exchange.site, runtime.limits, exchange.now
    account = (site.account, site.region)
    if not runtime.buckets.take(account, limits.rate_per_second, limits.burst, now):
        raise Refused(TOO_MANY, "the account's rate or burst is exceeded")
    settings = site.route_settings(exchange.route_key)
    rate = _number(settings.get("ThrottlingRateLimit"))
    burst = _number(settings.get("ThrottlingBurstLimit"))
    if rate is None and burst is None:
        return
    key = (*account, site.api_id, site.stage_name, exchange.route_key)
    has_token = runtime.buckets.take(
        key,
        limits.rate_per_second if rate is None else rate,
        limits.burst if burst is None else burst,
        now,
    )
    if not has_token:
        raise Refused(TOO_MANY, f"the rate or burst of {exchange.route_key[:200]} is exceeded")


def _number(setting: Any) -> float | None:
    return setting if isinstance(setting, (int, float)) and setting >= 0 else None
