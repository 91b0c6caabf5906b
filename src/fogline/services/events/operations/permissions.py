"""Permissions: the resource policy of an event bus, by statement or as a whole. Kept, and not yet enforced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

from fogline.aws.call import Call
from fogline.aws.policy.statements import account_principal, without
from fogline.services.events.errors import (
    PolicyLengthExceededException,
    ResourceNotFoundException,
    ValidationException,
)
from fogline.services.events.lookup import bus_key, require_bus
from fogline.services.events.service import Events
from fogline.services.events.tables import BusKey

if TYPE_CHECKING:
    from types_boto3_events import type_defs as types

Result = Mapping[str, Any]
Policy = Mapping[str, Any]

_ACTIONS = frozenset(
    {
        "events:PutEvents",
        "events:PutRule",
        "events:ListRules",
        "events:DescribeRule",
        "events:PutTargets",
        "events:ListTargetsByRule",
        "events:EnableRule",
        "events:DisableRule",
        "events:DeleteRule",
        "events:RemoveTargets",
        "events:TagResource",
        "events:UntagResource",
        "events:ListTagsForResource",
        "events:DescribeEventBus",
    }
)


def put_permission(
    events: Events, call: Call, request: types.PutPermissionRequestTypeDef
) -> Result:
    bus = bus_key(call, request.get("EventBusName"))
    with events.store.write() as tx:
        events.tables.lock(tx, bus)
        document = require_bus(events, tx, bus)
        text = request.get("Policy")
        if text is not None:
            if any(name in request for name in ("Action", "Principal", "StatementId", "Condition")):
                raise ValidationException(
                    "Policy cannot be given together with Action, Principal, StatementId or Condition."
                )
            policy = _whole_policy(text)
        else:
            policy = _with_statement(document.get("policy"), _statement(bus, request))
        if len(orjson.dumps(policy)) > events.limits.policy_bytes_max:
            raise PolicyLengthExceededException(bytes=events.limits.policy_bytes_max)
        changed = {**document, "policy": policy, "modified_at": call.now}
        events.tables.save_bus(tx, bus, changed, call.now)
    return {}


def remove_permission(
    events: Events, call: Call, request: types.RemovePermissionRequestTypeDef
) -> Result:
    bus = bus_key(call, request.get("EventBusName"))
    statement_id = request.get("StatementId")
    with events.store.write() as tx:
        events.tables.lock(tx, bus)
        document = require_bus(events, tx, bus)
        if not request.get("RemoveAllPermissions") and not statement_id:
            raise ValidationException(
                "Parameter StatementId must be given unless RemoveAllPermissions is true."
            )
        policy = document.get("policy")
        if not policy:
            raise ResourceNotFoundException("EventBus does not have a policy.")
        changed = {**document, "modified_at": call.now}
        del changed["policy"]
        if not request.get("RemoveAllPermissions"):
            kept = without(policy["Statement"], statement_id)
            if len(kept) == len(policy["Statement"]):
                raise ResourceNotFoundException("Statement with the provided id does not exist.")
            if kept:
                changed["policy"] = {**policy, "Statement": kept}
        events.tables.save_bus(tx, bus, changed, call.now)
    return {}


def _whole_policy(text: str) -> Policy:
    try:
        policy = orjson.loads(text)
    except ValueError:
        policy = None
    if not isinstance(policy, dict):
        raise ValidationException("This policy contains invalid Json")
    statements = policy.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not all(isinstance(each, dict) for each in statements):
        raise ValidationException("Syntax errors in policy.")
    return {**policy, "Statement": statements}


def _statement(bus: BusKey, request: Mapping[str, Any]) -> dict[str, Any]:
    for name in ("Action", "Principal", "StatementId"):
        if not request.get(name):
            raise ValidationException(f"Parameter {name} must be specified.")
    if request["Action"] not in _ACTIONS:
        raise ValidationException("Provided value in parameter 'action' is not supported.")
    principal = request["Principal"]
    statement: dict[str, Any] = {
        "Sid": request["StatementId"],
        "Effect": "Allow",
        "Principal": "*" if principal == "*" else {"AWS": account_principal(principal)},
        "Action": request["Action"],
        "Resource": bus.arn,
    }
    condition = request.get("Condition")
    if condition:
        statement["Condition"] = {condition["Type"]: {condition["Key"]: condition["Value"]}}
    return statement


def _with_statement(policy: Policy | None, statement: Mapping[str, Any]) -> Policy:
    """The policy with that statement, in place of one of the same name."""
    if not policy:
        return {"Version": "2012-10-17", "Statement": [statement]}
    others = without(policy["Statement"], statement["Sid"])
    return {**policy, "Statement": [*others, statement]}
