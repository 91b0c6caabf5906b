"""Attributes of subscriptions: which there are, what they may be, and what a subscription shows of them.

Rules: https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from fogline.aws.arn import find_arn
from fogline.services.sns.delivery_policy import (
    InvalidDeliveryPolicy,
    check_subscription_policy,
    effective_document,
)
from fogline.services.sns.errors import InvalidParameterException
from fogline.services.sns.filter_policies import SCOPES, check_filter
from fogline.services.sns.limits import Limits
from fogline.services.sns.policies import read_object
from fogline.services.sns.replaying import check_replay_policy
from fogline.services.sns.subscription import Subscription
from fogline.services.sns.topic import Topic

ON_SUBSCRIBE = "Attributes Reason: "

_SETTABLE = frozenset(
    (
        "DeliveryPolicy",
        "FilterPolicy",
        "FilterPolicyScope",
        "RawMessageDelivery",
        "RedrivePolicy",
        "ReplayPolicy",
        "SubscriptionRoleArn",
    )
)
_DEFAULTS = {"RawMessageDelivery": "false", "FilterPolicyScope": SCOPES[0]}
_RAW_PROTOCOLS = frozenset(("sqs", "http", "https", "firehose"))
_HTTP = frozenset(("http", "https"))
_REMOVED = frozenset(("", "{}"))


def merged(
    topic: Topic,
    protocol: str,
    endpoint: str,
    had: Mapping[str, str],
    given: Mapping[str, str],
    limits: Limits,
    prefix: str,
) -> dict[str, str]:
    """What a subscription has once it is given attributes. Raises InvalidParameterException."""
    now_has = dict(had)
    for name, value in given.items():
        if name not in _SETTABLE:
            raise InvalidParameterException(
                reason=f"{prefix}Unknown attribute {name[:200]}" if prefix else "AttributeName"
            )
        kept = _checked(topic, protocol, endpoint, name, value, prefix)
        if kept.strip() in _REMOVED:
            now_has.pop(name, None)
        else:
            now_has[name] = kept
    policy = now_has.get("FilterPolicy")
    if policy and ("FilterPolicy" in given or "FilterPolicyScope" in given):
        check_filter(policy, now_has.get("FilterPolicyScope", SCOPES[0]), limits, prefix)
    return now_has


def _checked(topic: Topic, protocol: str, endpoint: str, name: str, value: str, prefix: str) -> str:
    """One attribute as it is kept."""
    if name == "RawMessageDelivery":
        return _raw(protocol, value, prefix)
    if name == "FilterPolicyScope":
        if value not in SCOPES:
            raise InvalidParameterException(
                reason=f"{prefix}FilterPolicyScope: Invalid value [{value[:200]}]. Please use either "
                "MessageBody or MessageAttributes"
            )
    elif name == "ReplayPolicy":
        check_replay_policy(topic, value, prefix)
    elif value.strip() in _REMOVED:
        return ""
    elif name == "RedrivePolicy":
        _check_redrive(topic, endpoint, value, prefix)
    elif name == "SubscriptionRoleArn":
        arn = find_arn(value)
        if arn is None or arn.service != "iam":
            raise InvalidParameterException(reason=f"{prefix}SubscriptionRoleArn: Invalid role ARN")
    elif name == "DeliveryPolicy":
        try:
            check_subscription_policy(value)
        except InvalidDeliveryPolicy as invalid:
            raise InvalidParameterException(reason=f"{prefix}DeliveryPolicy: {invalid}") from None
    return value


def _raw(protocol: str, value: str, prefix: str) -> str:
    lowered = value.lower()
    if lowered not in ("true", "false"):
        raise InvalidParameterException(
            reason=f"{prefix}RawMessageDelivery: Invalid value [{value[:200]}]. Must be true or false."
        )
    if lowered == "true" and protocol not in _RAW_PROTOCOLS:
        raise InvalidParameterException(
            reason=f"{prefix}Delivery protocol [{protocol}] does not support raw message delivery."
        )
    return lowered


def _check_redrive(topic: Topic, endpoint: str, value: str, prefix: str) -> None:
    policy = read_object(value)
    if policy is None:
        raise InvalidParameterException(reason=f"{prefix}RedrivePolicy: failed to parse JSON.")
    for name in policy:
        if name != "deadLetterTargetArn":
            raise InvalidParameterException(
                reason=f"{prefix}RedrivePolicy: invalid JSON. Attribute {name[:200]} is unknown."
            )
    target = policy.get("deadLetterTargetArn")
    arn = find_arn(target) if isinstance(target, str) else None
    if arn is None or arn.service != "sqs":
        raise InvalidParameterException(
            reason=f"{prefix}RedrivePolicy: deadLetterTargetArn is an invalid arn"
        )
    is_fifo_queue = arn.resource.endswith(".fifo")
    if topic.is_fifo and endpoint.endswith(".fifo") and not is_fifo_queue:
        raise InvalidParameterException(
            reason=f"{prefix}RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic."
        )
    if is_fifo_queue and not topic.is_fifo:
        raise InvalidParameterException(
            reason=f"{prefix}RedrivePolicy: must use a standard queue as DLQ for a standard topic."
        )


def are_same(had: Mapping[str, str], given: Mapping[str, str]) -> bool:
    """True when a subscription that is made again is given nothing but what it has."""
    for name, value in given.items():
        default = _DEFAULTS.get(name, "")
        own = had.get(name, default)
        wanted = value.lower() if name == "RawMessageDelivery" else value
        if wanted.strip() in _REMOVED:
            wanted = default
        if own != wanted and (read_object(own) or own) != (read_object(wanted) or wanted):
            return False
    return True


def shown(topic: Topic, subscription: Subscription) -> dict[str, str]:
    """The attributes that GetSubscriptionAttributes answers."""
    document = subscription.document
    found: dict[str, str] = {
        "ConfirmationWasAuthenticated": "true" if document["is_authenticated"] else "false",
        "Endpoint": subscription.endpoint,
        "Owner": subscription.owner,
        "PendingConfirmation": "true" if subscription.is_pending else "false",
        "Protocol": subscription.protocol,
        "RawMessageDelivery": "false",
        "SubscriptionArn": subscription.arn,
        "SubscriptionPrincipal": document["principal"],
        "TopicArn": subscription.topic_arn,
        **subscription.attributes,
    }
    if "FilterPolicy" in found:
        found.setdefault("FilterPolicyScope", SCOPES[0])
    else:
        found.pop("FilterPolicyScope", None)
    if subscription.protocol in _HTTP:
        found["EffectiveDeliveryPolicy"] = _effective(topic, found.get("DeliveryPolicy"))
    replay = document.get("replay")
    if replay is not None:
        found["ReplayStatus"] = replay["status"]
    return found


def _effective(topic: Topic, own: str | None) -> str:
    document: dict[str, Any] = {
        "healthyRetryPolicy": None,
        "sicklyRetryPolicy": None,
        "throttlePolicy": None,
        "requestPolicy": None,
        **effective_document(topic.attributes.get("DeliveryPolicy"), own),
        "guaranteed": False,
    }
    return orjson.dumps(document).decode()
