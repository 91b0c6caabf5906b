"""Throttling: how many requests an account, a method of a stage, and a caller with a usage plan may make."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.apis.token_buckets import TokenBuckets
from fogline.ports.usage_plans import Called
from fogline.services.apigateway.limits import Limits
from fogline.services.apigateway.runtime.exchange import Exchange
from fogline.services.apigateway.runtime.faults import THROTTLED, Fault


def throttle_method(
    buckets: TokenBuckets, limits: Limits, exchange: Exchange, settings: Mapping[str, Any]
) -> None:
    """Take what a request needs of its account's bucket and of its method's. Raises Fault."""
    site, target = exchange.site, exchange.target
    assert target is not None
    account = (site.account, site.region)
    if not buckets.take(account, limits.rate_per_second, limits.burst, exchange.now):
        raise Fault(THROTTLED, "The account's rate or burst is exceeded")
    rate, burst = settings.get("throttlingRateLimit"), settings.get("throttlingBurstLimit")
    if rate is None or burst is None or rate < 0 or burst < 0:
        return
    key = (*account, site.api.id, site.stage_name, target.resource_id, exchange.method)
    if not buckets.take(key, rate, burst, exchange.now):
        raise Fault(THROTTLED, "The method's rate or burst is exceeded")


def throttle_caller(
    buckets: TokenBuckets, called: Called, plan: Mapping[str, Any], key_id: str
) -> None:
    """Take what a call needs of its key's buckets in a usage plan. Raises Fault."""
    stages = (
        each
        for each in plan["apiStages"]
        if (each["apiId"], each["stage"]) == (called.api, called.stage)
    )
    stage: Mapping[str, Any] = next(stages, {})
    own = (stage.get("throttle") or {}).get(called.method)
    for name, throttle in ((called.method, own), ("", plan.get("throttle"))):
        if not throttle:
            continue
        key = (called.account, called.region, plan["id"], key_id, name)
        rate, burst = throttle.get("rateLimit", 0.0), throttle.get("burstLimit", 0)
        if not buckets.take(key, rate, burst, called.now):
            raise Fault(THROTTLED, "The rate or burst of the API key's usage plan is exceeded")
        if name:
            return  # a method's own throttle stands in place of its plan's
