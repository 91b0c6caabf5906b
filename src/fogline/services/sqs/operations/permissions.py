"""Permissions: the statements of a queue's policy that have a label."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

from fogline.aws.call import Call
from fogline.aws.policy.statements import accounts_allowed, listed, without
from fogline.services.sqs.errors import (
    InvalidParameterValueException,
    MissingRequiredParameterException,
    OverLimit,
)
from fogline.services.sqs.lookup import require_writable
from fogline.services.sqs.service import Sqs
from fogline.services.sqs.tables import Queue
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_sqs import type_defs as types

Result = Mapping[str, Any]

_LABEL = re.compile(r"[A-Za-z0-9_-]{1,80}")
_ACTIONS = frozenset(
    (
        "*",
        "ChangeMessageVisibility",
        "DeleteMessage",
        "GetQueueAttributes",
        "GetQueueUrl",
        "ListDeadLetterSourceQueues",
        "PurgeQueue",
        "ReceiveMessage",
        "SendMessage",
    )
)


def add_permission(sqs: Sqs, call: Call, request: types.AddPermissionRequestTypeDef) -> Result:
    label, actions = request["Label"], list(request["Actions"])
    accounts = list(request["AWSAccountIds"])
    for name, values in (("Actions", actions), ("AWSAccountIds", accounts)):
        if not values:
            raise MissingRequiredParameterException(name=name)
    if _LABEL.fullmatch(label) is None:
        raise InvalidParameterValueException(
            value=label[:200],
            name="Label",
            reason="Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
        )
    for action in actions:
        if action not in _ACTIONS:
            raise InvalidParameterValueException(
                f"Value SQS:{action[:200]} for parameter ActionName is invalid. Reason: Only the queue owner is "
                "allowed to invoke this action."
            )
    if len(actions) > sqs.limits.permission_actions_max:
        raise OverLimit(
            number=len(actions), things="Actions", max=sqs.limits.permission_actions_max
        )
    with sqs.store.write() as tx:
        queue = require_writable(sqs, tx, call, request["QueueUrl"])
        policy = _policy(queue)
        statements = policy["Statement"]
        if any(statement.get("Sid") == label for statement in statements):
            raise InvalidParameterValueException(value=label, name="Label", reason="Already exists")
        if len(statements) >= sqs.limits.policy_statements_max:
            raise OverLimit(
                number=len(statements) + 1,
                things="Statements",
                max=sqs.limits.policy_statements_max,
            )
        names = [f"SQS:{action}" for action in actions]
        statements.append(accounts_allowed(label, accounts, names, queue.arn))
        _save(sqs, tx, queue, policy, call.now)
    return {}


def remove_permission(
    sqs: Sqs, call: Call, request: types.RemovePermissionRequestTypeDef
) -> Result:
    label = request["Label"]
    with sqs.store.write() as tx:
        queue = require_writable(sqs, tx, call, request["QueueUrl"])
        policy = _policy(queue)
        kept = without(policy["Statement"], label)
        if len(kept) == len(policy["Statement"]):
            raise InvalidParameterValueException(
                value=label[:200], name="Label", reason="can't find label"
            )
        _save(sqs, tx, queue, {**policy, "Statement": kept}, call.now)
    return {}


def _policy(queue: Queue) -> dict[str, Any]:
    text = queue.attributes.get("Policy")
    policy = orjson.loads(text) if text else {}
    policy.setdefault("Version", "2008-10-17")
    policy.setdefault("Id", f"{queue.arn}/SQSDefaultPolicy")
    policy["Statement"] = listed(policy.get("Statement"))
    return policy


def _save(sqs: Sqs, tx: Tx, queue: Queue, policy: Mapping[str, Any], now: int) -> None:
    attributes = {key: value for key, value in queue.attributes.items() if key != "Policy"}
    if policy["Statement"]:
        attributes["Policy"] = orjson.dumps(policy).decode()
    sqs.tables.save_queue(
        tx,
        queue.account,
        queue.region,
        {**queue.document, "modified_at": now, "attributes": attributes},
    )
