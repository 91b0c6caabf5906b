"""Usage: which plan a caller's API key has for what it calls, and what is left of its quota."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from fogline.apis.parts import inside, parts_of
from fogline.apis.transactions import keep, look
from fogline.aws.call import Call
from fogline.ports.usage_plans import Called, KeyRefused
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
    site, target = exchange.site, exchange.target
    assert target is not None
    method = f"{target.resource_path}/{exchange.method}"
    called = Called(cause.account, cause.region, site.api.id, site.stage_name, method, exchange.now)
    exchange.api_key_id = await admit(runtime, value, called)
    exchange.api_key = value


async def admit(runtime: Runtime, value: str, called: Called) -> str:
    """Count one call of the holder of a key; the id of the key. Raises Fault."""
    metered = await look(runtime.store, lambda tx: _find(runtime, tx, called, value))
    if metered is None:
        raise Fault(INVALID_API_KEY, "API Key not authorized because it has no usage plan here")
    throttle_caller(runtime.buckets, called, metered.plan, metered.key_id)
    quota = metered.plan.get("quota")
    if quota:
        is_left = await keep(runtime.store, lambda tx: _count(runtime, tx, called, metered, quota))
        if not is_left:
            raise Fault(QUOTA_EXCEEDED, "The quota of the API key's usage plan is exceeded")
    return metered.key_id


class MeteredPlans:
    """Answers `ports/usage_plans.py`."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def admit(self, key: str, called: Called) -> str:
        try:
            return await admit(self._runtime, key, called)
        except Fault as fault:
            raise KeyRefused(fault.kind.status, fault.message or "", fault.reason) from None


def _key_of(exchange: Exchange) -> str | None:
    if exchange.site.api.settings.get("apiKeySource") == "AUTHORIZER":
        return exchange.usage_key
    return exchange.headers.find("x-api-key")


def _find(runtime: Runtime, tx: Tx, called: Called, value: str) -> _Metered | None:
    tables, account, region = runtime.tables, called.account, called.region
    known = tables.key_values.find(tx, account, region, value)
    key = tables.api_keys.find(tx, account, region, known["id"]) if known is not None else None
    if key is None or not key.get("enabled"):
        return None
    here = (called.api, called.stage)
    for plan_id, _ in parts_of(tables.key_plans, tx, called, key["id"]):
        plan = tables.usage_plans.find(tx, account, region, plan_id)
        if plan is None:
            continue
        if any((each["apiId"], each["stage"]) == here for each in plan["apiStages"]):
            added = tables.plan_keys.find(tx, account, region, inside(plan_id, key["id"])) or {}
            return _Metered(key["id"], plan, added.get("createdDate", called.now))
    return None


def _count(
    runtime: Runtime, tx: Tx, called: Called, metered: _Metered, quota: Mapping[str, Any]
) -> bool:
    """Count one request; False when nothing is left, and then none is counted."""
    usages, account, region = runtime.tables.usage, called.account, called.region
    name = inside(metered.plan["id"], metered.key_id)
    tx.lock(f"apigateway-usage:{account}:{region}:{name}")
    usage = usages.find(tx, account, region, name) or {}
    day = day_of(called.now)
    if remaining(quota, usage, day, day_of(metered.created)) <= 0:
        return False
    used = dict(usage.get("used") or {})
    used[day.isoformat()] = used.get(day.isoformat(), 0) + 1
    usages.save(tx, account, region, name, {**usage, "used": used})
    return True
