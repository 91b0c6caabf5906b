"""Attributes of topics: which there are, what they may be, and what a topic shows of them.

Rules: https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from fogline.aws.arn import find_arn
from fogline.services.sns.archive import beginning_of, check_archive_policy
from fogline.services.sns.delivery_policy import (
    InvalidDeliveryPolicy,
    check_topic_policy,
    effective_topic_document,
)
from fogline.services.sns.errors import InvalidParameterException
from fogline.services.sns.limits import Limits
from fogline.services.sns.policies import check_policy, default_policy
from fogline.services.sns.subscription import Subscription
from fogline.services.sns.topic import Topic

_ON_CREATE = "Attributes Reason: "

_FEEDBACK_PROTOCOLS = ("HTTP", "Firehose", "Lambda", "Application", "SQS")
FEEDBACK_ROLES = frozenset(
    f"{protocol}{outcome}FeedbackRoleArn"
    for protocol in _FEEDBACK_PROTOCOLS
    for outcome in ("Success", "Failure")
)
FEEDBACK_RATES = frozenset(
    f"{protocol}SuccessFeedbackSampleRate" for protocol in _FEEDBACK_PROTOCOLS
)
_OF_FIFO = frozenset(("ContentBasedDeduplication", "FifoThroughputScope", "ArchivePolicy"))
SETTABLE = (
    frozenset(
        (
            "DeliveryPolicy",
            "DisplayName",
            "KmsMasterKeyId",
            "Policy",
            "SignatureVersion",
            "TracingConfig",
        )
    )
    | FEEDBACK_ROLES
    | FEEDBACK_RATES
    | _OF_FIFO
)
_CHOICES = {
    "ContentBasedDeduplication": ("true", "false"),
    "FifoThroughputScope": ("Topic", "MessageGroup"),
    "SignatureVersion": ("1", "2"),
    "TracingConfig": ("Active", "PassThrough"),
}


def given_attributes(given: Mapping[str, str], is_fifo: bool, limits: Limits) -> dict[str, str]:
    """What CreateTopic was given, checked. Raises InvalidParameterException."""
    kept: dict[str, str] = {}
    for name, value in given.items():
        if name == "FifoTopic":
            continue
        if name not in SETTABLE:
            raise InvalidParameterException(reason=f"{_ON_CREATE}Unknown attribute {name[:200]}")
        kept[name] = checked(name, value, is_fifo, limits, _ON_CREATE)
    return kept


def checked(name: str, value: str, is_fifo: bool, limits: Limits, prefix: str = "") -> str:
    """One attribute's value as it is kept. Raises InvalidParameterException."""
    if name in _OF_FIFO and not is_fifo:
        raise InvalidParameterException(
            reason=f"{prefix}{name}: Attribute can only be set for FIFO topics"
        )
    choices = _CHOICES.get(name)
    if choices is not None:
        if value.lower() in choices:
            return value.lower()
        if value not in choices:
            raise InvalidParameterException(
                reason=f"{prefix}{name}: Invalid value [{value[:200]}]. Must be {' or '.join(choices)}."
            )
    elif name in FEEDBACK_RATES:
        if value and not (value.isascii() and value.isdigit() and int(value[:9]) <= 100):
            raise InvalidParameterException(
                reason=f"{prefix}{name}: Invalid value [{value[:200]}]. Must be between 0 and 100."
            )
    elif name in FEEDBACK_ROLES:
        arn = find_arn(value)
        if value and (arn is None or arn.service != "iam"):
            raise InvalidParameterException(reason=f"{prefix}{name}: Invalid role ARN")
    elif name == "DisplayName":
        _check_display_name(value, limits, prefix)
    elif not value:
        return value
    elif name == "Policy":
        check_policy(value, limits)
    elif name == "DeliveryPolicy":
        _check_delivery_policy(value, prefix)
    elif name == "ArchivePolicy":
        check_archive_policy(value, limits, prefix)
    return value


def _check_delivery_policy(value: str, prefix: str) -> None:
    try:
        check_topic_policy(value)
    except InvalidDeliveryPolicy as invalid:
        raise InvalidParameterException(reason=f"{prefix}DeliveryPolicy: {invalid}") from None


def _check_display_name(value: str, limits: Limits, prefix: str) -> None:
    if len(value) > limits.display_name_characters_max or not value.isprintable():
        raise InvalidParameterException(reason=f"{prefix}DisplayName")


def shown(topic: Topic, audience: tuple[Subscription, ...], now: int) -> dict[str, str]:
    """The attributes that GetTopicAttributes answers."""
    pending = sum(each.is_pending and not each.is_lapsed(now) for each in audience)
    confirmed = sum(not each.is_pending for each in audience)
    stored = {name: value for name, value in topic.attributes.items() if value}
    found: dict[str, str] = {
        "DisplayName": "",
        "EffectiveDeliveryPolicy": _spelled(effective_topic_document(stored.get("DeliveryPolicy"))),
        "Owner": topic.account,
        "Policy": default_policy(topic.arn, topic.account),
        "SubscriptionsConfirmed": str(confirmed),
        "SubscriptionsDeleted": "0",
        "SubscriptionsPending": str(pending),
        "TopicArn": topic.arn,
        **stored,
    }
    if topic.is_fifo:
        found["FifoTopic"] = "true"
        found.setdefault("ContentBasedDeduplication", "false")
        beginning = beginning_of(topic, now)
        if beginning is not None:
            found["BeginningArchiveTime"] = beginning
    return found


def _spelled(value: Any) -> str:
    return orjson.dumps(value).decode()
