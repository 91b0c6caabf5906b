"""Keys in plans: kept from both sides, so that a request's key leads to its plans at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.apis.parts import inside, parts_of
from fogline.aws.call import Call
from fogline.aws.members import given
from fogline.services.apigateway.errors import ConflictException, NotFoundException
from fogline.services.apigateway.holdings import lock_held, require_held
from fogline.services.apigateway.service import ApiGateway
from fogline.services.apigateway.tables import Tables
from fogline.store.store import Tx


def no_plan() -> NotFoundException:
    return NotFoundException("Invalid Usage Plan ID specified")


def stages_of(plan: Mapping[str, Any]) -> set[tuple[str, str]]:
    """The stages that it is for, by API and name."""
    return {(stage["apiId"], stage["stage"]) for stage in plan["apiStages"]}


def put_key_into_plan(
    gateway: ApiGateway, tx: Tx, call: Call, plan_id: str, key: Mapping[str, Any]
) -> dict[str, Any]:
    """Raises NotFoundException, ConflictException. The key as its plan has it."""
    tables, key_id = gateway.tables, key["id"]
    lock_held(tx, call, plan_id)
    plan = require_held(tables.usage_plans, tx, call, plan_id, no_plan())
    if tables.plan_keys.find(tx, call.account, call.region, inside(plan_id, key_id)) is not None:
        raise ConflictException("Usage Plan Key already exists")
    for other_id, _ in parts_of(tables.key_plans, tx, call, key_id):
        other = tables.usage_plans.find(tx, call.account, call.region, other_id)
        if other is not None and stages_of(other) & stages_of(plan):
            raise ConflictException(
                f"API Key {key_id} is already part of usage plan {other_id}, which has an API stage of "
                f"usage plan {plan_id}"
            )
    added = given(
        {
            "id": key_id,
            "type": "API_KEY",
            "value": key["value"],
            "name": key.get("name"),
            "createdDate": call.now,
        }
    )
    tables.plan_keys.save(tx, call.account, call.region, inside(plan_id, key_id), added)
    tables.key_plans.save(tx, call.account, call.region, inside(key_id, plan_id), {})
    return added


def take_key_out(tables: Tables, tx: Tx, call: Call, plan_id: str, key_id: str) -> None:
    """Let a key be in a plan no more."""
    for documents, name in (
        (tables.plan_keys, inside(plan_id, key_id)),
        (tables.usage, inside(plan_id, key_id)),
        (tables.key_plans, inside(key_id, plan_id)),
    ):
        documents.remove(tx, call.account, call.region, name)


def take_key_out_of_plans(tables: Tables, tx: Tx, call: Call, key_id: str) -> None:
    """Let a key be in no plan."""
    for plan_id, _ in parts_of(tables.key_plans, tx, call, key_id):
        take_key_out(tables, tx, call, plan_id, key_id)
