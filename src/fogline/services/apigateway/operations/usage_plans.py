"""Usage plans: how much the callers of some stages may ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

import orjson

from fogline.apis.deployments import find_stage
from fogline.apis.parts import parts_of
from fogline.aws.call import Call
from fogline.aws.members import given
from fogline.services.apigateway.errors import BadRequestException, NotFoundException
from fogline.services.apigateway.holdings import (
    changed_held,
    check_room,
    lock_held,
    page_of_held,
    read_held,
    require_held,
)
from fogline.services.apigateway.lookup import Request, Result
from fogline.services.apigateway.patching import (
    ALL,
    REPLACE_REMOVE,
    Operation,
    Patches,
    Path,
    read_integer,
    read_number,
    split_path,
)
from fogline.services.apigateway.plan_keys import no_plan, stages_of, take_key_out
from fogline.services.apigateway.service import ApiGateway
from fogline.services.apigateway.tag_rules import read_tags
from fogline.store.store import Tx

_PERIODS = ("DAY", "WEEK", "MONTH")
_LIMITS = {"rateLimit": read_number, "burstLimit": read_integer}
_PATCHES = Patches(
    (
        Path("/name"),
        Path("/description", REPLACE_REMOVE),
        Path("/productCode", REPLACE_REMOVE),
        Path("/throttle", frozenset(("remove",))),
        Path("/throttle/burstLimit", ALL, read_integer),
        Path("/throttle/rateLimit", ALL, read_number),
        Path("/quota", frozenset(("remove",))),
        Path("/quota/limit", ALL, read_integer),
        Path("/quota/offset", ALL, read_integer),
        Path("/quota/period", ALL),
    )
)


def create_usage_plan(gateway: ApiGateway, call: Call, request: Request) -> Result:
    plan = given(
        {
            "id": gateway.ids.lowers(6),
            "name": request["name"],
            "description": request.get("description"),
            "apiStages": [_stage(stage) for stage in request.get("apiStages") or ()],
            "throttle": request.get("throttle"),
            "quota": request.get("quota"),
            "tags": read_tags(request.get("tags"), call, gateway.limits) or None,
        }
    )
    documents = gateway.tables.usage_plans
    with gateway.store.write() as tx:
        _check(gateway, tx, call, plan)
        tx.lock(f"apigateway-plans:{call.account}:{call.region}")
        check_room(documents, tx, call, gateway.limits.usage_plans_max, "usage plans")
        documents.save(tx, call.account, call.region, plan["id"], plan)
    return plan


def get_usage_plan(gateway: ApiGateway, call: Call, request: Request) -> Result:
    documents = gateway.tables.usage_plans
    return {"tags": {}, **read_held(gateway, documents, call, request["usagePlanId"], no_plan())}


def get_usage_plans(gateway: ApiGateway, call: Call, request: Request) -> Result:
    tables, key = gateway.tables, request.get("keyId")
    kept: set[str] | None = None
    if key:
        with gateway.store.read() as tx:
            kept = {id for id, _ in parts_of(tables.key_plans, tx, call, key)}
    return page_of_held(
        gateway,
        tables.usage_plans,
        call,
        request,
        keep=lambda plan: kept is None or plan["id"] in kept,
    )


def update_usage_plan(gateway: ApiGateway, call: Call, request: Request) -> Result:
    documents, id = gateway.tables.usage_plans, request["usagePlanId"]
    with changed_held(gateway, documents, call, id, no_plan()) as (tx, plan):
        before = stages_of(plan)
        for operation in request.get("patchOperations") or ():
            if (operation.get("path") or "").startswith("/apiStages"):
                _patch_stages(plan, operation)
            else:
                _PATCHES.apply(plan, [operation])
        for name in ("throttle", "quota"):
            if plan.get(name) == {}:
                del plan[name]
        _check(gateway, tx, call, plan, before)
    return {"tags": {}, **plan}


def delete_usage_plan(gateway: ApiGateway, call: Call, request: Request) -> Result:
    tables, id = gateway.tables, request["usagePlanId"]
    with gateway.store.write() as tx:
        lock_held(tx, call, id)
        plan = require_held(tables.usage_plans, tx, call, id, no_plan())
        if plan["apiStages"]:
            raise BadRequestException(
                "Cannot delete usage plan: API stages are associated with it. Remove them first."
            )
        for key, _ in parts_of(tables.plan_keys, tx, call, id):
            take_key_out(tables, tx, call, id, key)
        tables.usage_plans.remove(tx, call.account, call.region, id)
    return {}


def _stage(stage: Mapping[str, Any]) -> dict[str, Any]:
    if not stage.get("apiId") or not stage.get("stage"):
        raise BadRequestException("API stages must have an apiId and a stage")
    return given(
        {
            "apiId": stage["apiId"],
            "stage": stage["stage"],
            "throttle": stage.get("throttle") or None,
        }
    )


def _check(
    gateway: ApiGateway,
    tx: Tx,
    call: Call,
    plan: Mapping[str, Any],
    before: Set[tuple[str, str]] = frozenset(),
) -> None:
    """Raises BadRequestException, NotFoundException. Stages that it had before may have gone since."""
    if not plan["name"].strip():
        raise BadRequestException("Usage plan name cannot be blank")
    for throttle in (plan.get("throttle"), *_stage_throttles(plan["apiStages"])):
        if throttle and any(throttle.get(name, 0) < 0 for name in _LIMITS):
            raise BadRequestException("Throttle rate and burst limits must not be negative")
    quota = plan.get("quota")
    if quota is not None:
        if quota.get("limit", 0) < 1 or quota.get("offset", 0) < 0:
            raise BadRequestException("Usage Plan quota limits must be greater than zero")
        if quota.get("period") not in _PERIODS:
            raise BadRequestException(
                "Usage Plan quota period is required: one of DAY, WEEK, MONTH"
            )
    for api, stage in stages_of(plan) - before:
        is_known = find_stage(gateway.tables, tx, call, api, stage) is not None
        if not is_known and not gateway.has_socket_stage(tx, call, api, stage):
            raise NotFoundException(f"API Stage not found: {api}:{stage}")


def _stage_throttles(stages: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [each for stage in stages for each in stage.get("throttle", {}).values()]


def _patch_stages(plan: dict[str, Any], operation: Operation) -> None:
    """`/apiStages` adds and removes; what follows are limits of one stage's methods.

    `/apiStages/api:stage/throttle/~1path/VERB/rateLimit`
    """
    op, path, value = operation.get("op"), operation["path"], operation.get("value") or ""
    _, *segments = split_path(path)
    name = segments[0] if segments else value
    api, _, stage = name.partition(":")
    known = next(
        (each for each in plan["apiStages"] if (each["apiId"], each["stage"]) == (api, stage)), None
    )
    if not segments and op == "add":
        if known is None:
            plan["apiStages"].append(_stage({"apiId": api, "stage": stage}))
        return
    if known is None:
        raise NotFoundException(f"API Stage not found: {name[:300]}")
    if op == "remove" and len(segments) <= 1:
        plan["apiStages"].remove(known)
        return
    is_throttle = segments[1:2] == ["throttle"]
    if not (is_throttle and _patch_throttle(known, op, segments[2:], value)):
        raise BadRequestException(f"Invalid patch path {path}")


def _patch_throttle(
    stage: dict[str, Any], op: str | None, segments: Sequence[str], value: str
) -> bool:
    """Change the limits of a stage's methods, if the path leads to any."""
    throttle = stage.setdefault("throttle", {})
    if op == "remove":
        throttle.pop("/".join(segments), None)
        if not segments or not throttle:
            del stage["throttle"]
        return True
    if op == "replace" and not segments:
        stage["throttle"] = _read_throttle(value)
        return True
    if op not in ("add", "replace") or len(segments) < 3 or segments[-1] not in _LIMITS:
        return False
    limits = throttle.setdefault("/".join(segments[:-1]), {})
    limits[segments[-1]] = _LIMITS[segments[-1]](value)
    return True


def _read_throttle(value: str) -> dict[str, dict[str, Any]]:
    """The limits of all methods of a stage at once: `{"/pets/GET": {"rateLimit": 1, "burstLimit": 1}}`."""
    try:
        return {
            method: {name: _LIMITS[name](str(limit)) for name, limit in limits.items()}
            for method, limits in orjson.loads(value).items()
        }
    except (ValueError, AttributeError, KeyError):
        raise BadRequestException("Invalid throttle settings specified") from None
