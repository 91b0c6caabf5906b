"""Policies of topics: the one that every topic begins with, and what AWS accepts in its place."""

from __future__ import annotations

from typing import Any

import orjson

from fogline.aws.policy.statements import listed
from fogline.services.sns.errors import InvalidParameterException
from fogline.services.sns.limits import Limits

OWNER_ACTIONS = (
    "GetTopicAttributes",
    "SetTopicAttributes",
    "AddPermission",
    "RemovePermission",
    "DeleteTopic",
    "Subscribe",
    "ListSubscriptionsByTopic",
    "Publish",
)


def default_policy(arn: str, account: str) -> str:
    """The policy of a topic that was given none, as AWS writes it."""
    return orjson.dumps(
        {
            "Version": "2008-10-17",
            "Id": "__default_policy_ID",
            "Statement": [
                {
                    "Sid": "__default_statement_ID",
                    "Effect": "Allow",
                    "Principal": {"AWS": "*"},
                    "Action": [f"SNS:{action}" for action in OWNER_ACTIONS],
                    "Resource": arn,
                    "Condition": {"StringEquals": {"AWS:SourceOwner": account}},
                }
            ],
        }
    ).decode()


def check_policy(text: str, limits: Limits) -> None:
    """Refuse what is no policy. Raises InvalidParameterException."""
    policy = read_object(text)
    if policy is None or len(text.encode()) > limits.policy_bytes_max:
        raise InvalidParameterException(reason="Policy Error: null")
    statements = listed(policy.get("Statement"))
    if not statements or not all(isinstance(each, dict) for each in statements):
        raise InvalidParameterException(reason="Policy Error: null")
    for statement in statements:
        if statement.get("Effect") not in ("Allow", "Deny"):
            raise InvalidParameterException(reason="Policy Error: null")
        if "Principal" not in statement and "NotPrincipal" not in statement:
            raise InvalidParameterException(reason="Policy Error: PrincipalNotFound")
        actions = statement.get("Action", [])
        for action in actions if isinstance(actions, list) else [actions]:
            if not isinstance(action, str) or not _is_in_scope(action):
                raise InvalidParameterException(
                    reason="Policy statement action out of service scope!"
                )


def read_object(text: str) -> dict[str, Any] | None:
    """The JSON object that a text spells, or None."""
    try:
        parsed = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return parsed if isinstance(parsed, dict) else None


def _is_in_scope(action: str) -> bool:
    return action == "*" or action.lower().startswith("sns:")
