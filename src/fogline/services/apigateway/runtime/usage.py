"""Usage: which plan a caller's API key has for what it calls, and what is left of its quota."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from fogline.apis.parts import inside, parts_of
from fogline.apis.transactions import keep, look
from fogline.aws.call import Call
from fogline.services.apigateway.quotas import day_of, remaining
from fogline.services.apigateway.runtime.exchange import Exchange
from fogline.services.apigateway.runtime.faults import INVALID_API_KEY, QUOTA_EXCEEDED, Fault
from fogline.services.apigateway.runtime.standing import Runtime
from fogline.services.apigateway.runtime.throttling import throttle_caller
from fogline.store.store import Tx


class _Metered(NamedTuple):
    key_id: str
    plan: Mapping[str, Any]
    created: int


async def meter(runtime: Runtime, exchange: Exchange, cause: Call) -> None:
    """Let a caller on who has a key in a plan for this stage, within its throttle and quota. Raises Fault."""
    value = _key_of(exchange)
    if not value:
        raise Fault(INVALID_API_KEY, "API Key is missing")
    metered = await look(runtime.store, lambda tx: _find(runtime, tx, cause, exchange, value))
    if metered is None:
        raise Fault(INVALID_API_KEY, "API Key not authorized because it has no usage plan here")
    exchange.api_key, exchange.api_key_id = value, metered.key_id
    throttle_caller(runtime.buckets, exchange, metered.plan, metered.key_id)
    quota = metered.plan.get("quota")
    if quota:
        is_left = await keep(runtime.store, lambda tx: _count(runtime, tx, cause, metered, quota))
        if not is_left:
            raise Fault(QUOTA_EXCEEDED, "The quota of the API key's usage plan is exceeded")


def _key_of(exchange: Exchange) -> str | None:
    if exchange.site.api.settings.get("apiKeySource") == "AUTHORIZER":
        return exchange.usage_key
    return exchange.headers.find("x-api-key")


def _find(runtime: Runtime, tx: Tx, cause: Call, exchange: Exchange, value: str) -> _Metered | None:
    tables, account, region = runtime.tables, cause.account, cause.region
    known = tables.key_values.find(tx, account, region, value)
    key = tables.api_keys.find(tx, account, region, known["id"]) if known is not None else None
    if key is None or not key.get("enabled"):
        return None
    here = (exchange.site.api.id, exchange.site.stage_name)
    for plan_id, _ in parts_of(tables.key_plans, tx, cause, key["id"]):
        plan = tables.usage_plans.find(tx, account, region, plan_id)
        if plan is None:
            continue
        if any((each["apiId"], each["stage"]) == here for each in plan["apiStages"]):
            added = tables.plan_keys.find(tx, account, region, inside(plan_id, key["id"])) or {}
            return _Metered(key["id"], plan, added.get("createdDate", exchange.now))
    return None


def _count(
    runtime: Runtime, tx: Tx, cause: Call, metered: _Metered, quota: Mapping[str, Any]
) -> bool:
    """Count one request; False when nothing is left, and then none is counted."""
    usages, account, region = runtime.tables.usage, cause.account, cause.region
    name = inside(metered.plan["id"], metered.key_id)
    tx.lock(f"apigateway-usage:{account}:{region}:{name}")
    usage = usages.find(tx, account, region, name) or {}
    day = day_of(cause.now)
    if remaining(quota, usage, day, day_of(metered.created)) <= 0:
        return False
    used = dict(usage.get("used") or {})
    used[day.isoformat()] = used.get(day.isoformat(), 0) + 1
    usages.save(tx, account, region, name, {**usage, "used": used})
    return True
