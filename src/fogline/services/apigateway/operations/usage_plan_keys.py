"""Keys of usage plans, and what was used with them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from fogline.apis.parts import inside
from fogline.aws.call import Call
from fogline.services.apigateway.errors import BadRequestException, NotFoundException
from fogline.services.apigateway.holdings import lock_held, page_of_held, require_held
from fogline.services.apigateway.lookup import Request, Result
from fogline.services.apigateway.pages import answer, page_size, page_start
from fogline.services.apigateway.patching import Patches, Path, read_integer
from fogline.services.apigateway.plan_keys import no_plan, put_key_into_plan, take_key_out
from fogline.services.apigateway.quotas import day_of, read_days, remaining, usage_rows
from fogline.services.apigateway.service import ApiGateway
from fogline.store.documents import Document
from fogline.store.store import Tx

_PATCHES = Patches((Path("/remaining", read=read_integer),))


def create_usage_plan_key(gateway: ApiGateway, call: Call, request: Request) -> Result:
    if request["keyType"] != "API_KEY":
        raise BadRequestException("Invalid key type specified. Valid options are [API_KEY]")
    with gateway.store.write() as tx:
        require_held(gateway.tables.usage_plans, tx, call, request["usagePlanId"], no_plan())
        lock_held(tx, call, request["keyId"])
        key = require_held(gateway.tables.api_keys, tx, call, request["keyId"], _missing())
        added = put_key_into_plan(gateway, tx, call, request["usagePlanId"], key)
    return _shown(added)


def get_usage_plan_key(gateway: ApiGateway, call: Call, request: Request) -> Result:
    with gateway.store.read() as tx:
        return _shown(_require(gateway, tx, call, request))


def get_usage_plan_keys(gateway: ApiGateway, call: Call, request: Request) -> Result:
    plan, tables = request["usagePlanId"], gateway.tables
    with gateway.store.read() as tx:
        require_held(tables.usage_plans, tx, call, plan, no_plan())
    front = request.get("nameQuery") or ""
    return page_of_held(
        gateway,
        tables.plan_keys,
        call,
        request,
        _shown,
        prefix=inside(plan, ""),
        keep=lambda key: key.get("name", "").startswith(front),
    )


def delete_usage_plan_key(gateway: ApiGateway, call: Call, request: Request) -> Result:
    plan, key = request["usagePlanId"], request["keyId"]
    with gateway.store.write() as tx:
        lock_held(tx, call, plan)
        _require(gateway, tx, call, request)
        take_key_out(gateway.tables, tx, call, plan, key)
    return {}


def get_usage(gateway: ApiGateway, call: Call, request: Request) -> Result:
    plan_id, tables = request["usagePlanId"], gateway.tables
    days = read_days(request["startDate"], request["endDate"])
    size, front = page_size(request, gateway.limits), inside(plan_id, "")
    with gateway.store.read() as tx:
        plan = require_held(tables.usage_plans, tx, call, plan_id, no_plan())
        if request.get("keyId"):
            keys = [_require(gateway, tx, call, request)]
        else:
            after = page_start(request)
            rows = tables.plan_keys.page(
                tx, call.account, call.region, prefix=front, after=after, limit=size + 1
            )
            keys = [key for _, key in rows]
        found = [
            (inside(plan_id, key["id"]), (key, _usage(gateway, tx, call, plan_id, key["id"])))
            for key in keys
        ]
    shown = answer(found, size)
    items = {key["id"]: _rows(plan, key, usage, days) for key, usage in shown.pop("items")}
    return {**_range(request), **shown, "items": items}


def update_usage(gateway: ApiGateway, call: Call, request: Request) -> Result:
    plan_id, key_id, tables = request["usagePlanId"], request["keyId"], gateway.tables
    today = day_of(call.now)
    with gateway.store.write() as tx:
        lock_held(tx, call, plan_id)
        plan = require_held(tables.usage_plans, tx, call, plan_id, no_plan())
        key = _require(gateway, tx, call, request)
        if "quota" not in plan:
            raise BadRequestException("Usage plan does not have a quota")
        usage = dict(_usage(gateway, tx, call, plan_id, key_id))
        wanted: dict[str, Any] = {}
        _PATCHES.apply(wanted, request.get("patchOperations"))
        if "remaining" in wanted:
            left = remaining(plan["quota"], usage, today, _created(key))
            granted = dict(usage.get("granted", {}))
            day = today.isoformat()
            granted[day] = granted.get(day, 0) + wanted["remaining"] - left
            usage["granted"] = granted
            tables.usage.save(tx, call.account, call.region, inside(plan_id, key_id), usage)
    day = today.isoformat()
    described = {"usagePlanId": plan_id, "startDate": day, "endDate": day}
    return {**_range(described), "items": {key_id: _rows(plan, key, usage, [today])}}


def _missing() -> NotFoundException:
    return NotFoundException(kind="API Key")


def _require(gateway: ApiGateway, tx: Tx, call: Call, request: Request) -> Document:
    plan = request["usagePlanId"]
    require_held(gateway.tables.usage_plans, tx, call, plan, no_plan())
    name = inside(plan, request["keyId"])
    return require_held(gateway.tables.plan_keys, tx, call, name, _missing())


def _usage(gateway: ApiGateway, tx: Tx, call: Call, plan: str, key: str) -> Document:
    return gateway.tables.usage.find(tx, call.account, call.region, inside(plan, key)) or {}


def _created(key: Document) -> date:
    return day_of(key["createdDate"])


def _rows(plan: Document, key: Document, usage: Document, days: list[date]) -> list[list[int]]:
    """For each day what was used and what was left; a plan without a quota leaves nothing to say (0)."""
    if "quota" in plan:
        return list(usage_rows(plan["quota"], usage, days, _created(key)))
    used = usage.get("used", {})
    return [[used.get(day.isoformat(), 0), 0] for day in days]


def _range(request: Mapping[str, Any]) -> dict[str, Any]:
    return {name: request[name] for name in ("usagePlanId", "startDate", "endDate")}


def _shown(key: Document) -> dict[str, Any]:
    return {name: value for name, value in key.items() if name != "createdDate"}
