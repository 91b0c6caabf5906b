"""Permissions: the statements of a topic's policy that have a label."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

from fogline.aws.call import Call
from fogline.aws.policy.statements import accounts_allowed, listed, without
from fogline.services.sns.errors import InvalidParameterException, NotFoundException
from fogline.services.sns.lookup import require_writable
from fogline.services.sns.operations.topics import set_attribute
from fogline.services.sns.policies import OWNER_ACTIONS, default_policy
from fogline.services.sns.service import Sns
from fogline.services.sns.topic import Topic

if TYPE_CHECKING:
    from types_boto3_sns import type_defs as types

Result = Mapping[str, Any]

_ACTIONS = frozenset((*OWNER_ACTIONS, "Receive", "ListTagsForResource", "*"))


def add_permission(sns: Sns, call: Call, request: types.AddPermissionInputTypeDef) -> Result:
    label, actions = request["Label"], list(request["ActionName"])
    accounts = list(request["AWSAccountId"])
    with sns.store.write() as tx:
        topic = require_writable(sns, tx, call, request["TopicArn"])
        if not actions or not accounts:
            name = "AWSAccountId" if actions else "ActionName"
            raise InvalidParameterException(
                reason=f"{name} Reason: no value for required parameter"
            )
        if any(action not in _ACTIONS for action in actions):
            raise InvalidParameterException(reason="Policy statement action out of service scope!")
        policy = _policy(topic)
        statements = policy["Statement"]
        if any(each.get("Sid") == label for each in statements):
            raise InvalidParameterException(reason="Statement already exists")
        if len(statements) >= sns.limits.policy_statements_max:
            raise InvalidParameterException(reason="Policy Error: too many statements")
        names = [f"SNS:{action}" for action in actions]
        statements.append(accounts_allowed(label, accounts, names, topic.arn))
        set_attribute(sns, tx, topic, "Policy", orjson.dumps(policy).decode(), call.now)
    return {}


def remove_permission(sns: Sns, call: Call, request: types.RemovePermissionInputTypeDef) -> Result:
    label = request["Label"]
    with sns.store.write() as tx:
        topic = require_writable(sns, tx, call, request["TopicArn"])
        policy = _policy(topic)
        kept = without(policy["Statement"], label)
        if len(kept) == len(policy["Statement"]):
            raise NotFoundException(thing="Statement")
        text = orjson.dumps({**policy, "Statement": kept}).decode() if kept else ""
        set_attribute(sns, tx, topic, "Policy", text, call.now)
    return {}


def _policy(topic: Topic) -> dict[str, Any]:
    text = topic.attributes.get("Policy") or default_policy(topic.arn, topic.account)
    policy: dict[str, Any] = orjson.loads(text)
    policy["Statement"] = listed(policy.get("Statement"))
    return policy
