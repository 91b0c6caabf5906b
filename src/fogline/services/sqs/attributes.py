"""Queue attributes: which there are, what values they take, and what a queue without any says of itself.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from fogline.aws.arn import find_arn
from fogline.services.sqs.errors import (
    InvalidAttributeName,
    InvalidAttributeValue,
    InvalidParameterValueException,
)
from fogline.services.sqs.limits import Limits

DEFAULTS: Mapping[str, str] = {
    "VisibilityTimeout": "30",
    "MaximumMessageSize": "1048576",
    "MessageRetentionPeriod": "345600",
    "DelaySeconds": "0",
    "ReceiveMessageWaitTimeSeconds": "0",
    "SqsManagedSseEnabled": "true",
}

FIFO_DEFAULTS: Mapping[str, str] = {
    "FifoQueue": "true",
    "ContentBasedDeduplication": "false",
    "DeduplicationScope": "queue",
    "FifoThroughputLimit": "perQueue",
}

_COUNTED = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed")  # fmt: skip
_COMPUTED = frozenset((*_COUNTED, "CreatedTimestamp", "LastModifiedTimestamp", "QueueArn"))
_ONLY_FIFO = frozenset(FIFO_DEFAULTS)
_CHOICES: Mapping[str, tuple[str, str]] = {
    "DeduplicationScope": ("queue", "messageGroup"),
    "FifoThroughputLimit": ("perQueue", "perMessageGroupId"),
}
_JSON = frozenset(("Policy", "RedrivePolicy", "RedriveAllowPolicy"))
_KEPT = frozenset((*DEFAULTS, *_JSON, "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds"))
_READABLE = _KEPT | _COMPUTED | _ONLY_FIFO | {"All"}


def _ranges(limits: Limits) -> dict[str, tuple[int, int]]:
    return {
        "VisibilityTimeout": (0, limits.visibility_seconds_max),
        "MaximumMessageSize": (limits.message_bytes_min, limits.message_bytes_max),
        "MessageRetentionPeriod": (limits.retention_seconds_min, limits.retention_seconds_max),
        "DelaySeconds": (0, limits.delay_seconds_max),
        "ReceiveMessageWaitTimeSeconds": (0, limits.wait_seconds_max),
        "KmsDataKeyReusePeriodSeconds": (60, 86_400),
    }


def checked(given: Mapping[str, str], limits: Limits, *, is_fifo: bool) -> dict[str, str | None]:
    """The attributes of a request in the form they are kept in; None removes one.

    Raises InvalidAttributeName, InvalidAttributeValue, InvalidParameterValueException.
    """
    ranges = _ranges(limits)
    kept: dict[str, str | None] = {}
    for name, value in given.items():
        if name in _ONLY_FIFO:
            if not is_fifo:
                _refuse_fifo(name)
            kept[name] = _of_fifo(name, value)
            continue
        if name not in _KEPT:
            raise InvalidAttributeName(name=name)
        if name in ranges:
            kept[name] = _whole_number(name, value, *ranges[name])
        elif name == "SqsManagedSseEnabled":
            kept[name] = _boolean(name, value)
        elif name == "RedrivePolicy":
            kept[name] = _redrive_policy(value, limits) if value else None
        elif name == "RedriveAllowPolicy":
            kept[name] = _redrive_allow_policy(value) if value else None
        elif name == "Policy":
            kept[name] = _policy(value) if value else None
        else:
            kept[name] = value or None
    if kept.get("KmsMasterKeyId"):
        kept["SqsManagedSseEnabled"] = "false"
    return kept


def _refuse_fifo(name: str) -> None:
    if name in ("DeduplicationScope", "FifoThroughputLimit"):
        raise InvalidAttributeName(
            f"You can specify the {name} only when FifoQueue is set to true."
        )
    raise InvalidAttributeName(name=name)


def _boolean(name: str, value: str) -> str:
    if value.lower() not in ("true", "false"):
        raise InvalidAttributeValue(name=name)
    return value.lower()


def _of_fifo(name: str, value: str) -> str:
    if name in _CHOICES:
        if value not in _CHOICES[name]:
            raise InvalidAttributeValue(name=name)
        return value
    if name == "FifoQueue" and _boolean(name, value) == "false":
        raise InvalidAttributeValue(
            "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported."
        )
    return _boolean(name, value)


def check_together(attributes: Mapping[str, str | None]) -> None:
    """Refuse what each attribute allows and all of them together do not. Raises InvalidAttributeValue."""
    if (
        attributes.get("FifoThroughputLimit") == "perMessageGroupId"
        and attributes.get("DeduplicationScope") != "messageGroup"
    ):
        raise InvalidAttributeValue(
            "Invalid value for the parameter FifoThroughputLimit. Reason: The perMessageGroupId value is allowed "
            "only when the value for DeduplicationScope is messageGroup."
        )


def _whole_number(name: str, value: str, low: int, high: int) -> str:
    if (
        not value.isascii()
        or not value.isdigit()
        or len(value) > 9
        or not low <= int(value) <= high
    ):
        raise InvalidAttributeValue(name=name)
    return str(int(value))


def _document(name: str, value: str) -> dict[str, Any]:
    try:
        document = orjson.loads(value)
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict):
        raise InvalidParameterValueException(
            value=value[:500], name=name, reason=f"{name} is not a valid JSON map"
        )
    return document


def _redrive_policy(value: str, limits: Limits) -> str:
    document = _document("RedrivePolicy", value)

    def refuse(reason: str) -> InvalidParameterValueException:
        return InvalidParameterValueException(
            value=value[:500], name="RedrivePolicy", reason=reason
        )

    for key in ("deadLetterTargetArn", "maxReceiveCount"):
        if key not in document:
            raise refuse(f"Redrive policy does not contain mandatory attribute: {key}")
    arn = find_arn(str(document["deadLetterTargetArn"]))
    if arn is None or arn.service != "sqs" or not arn.account:
        raise refuse("Invalid value for deadLetterTargetArn")
    count = document["maxReceiveCount"]
    text = count if isinstance(count, str) else str(count)
    if isinstance(count, bool) or not text.isascii() or not text.isdigit():
        raise refuse("Invalid value for maxReceiveCount")
    if not 1 <= int(text) <= limits.receive_count_max:
        raise refuse(
            f"Invalid value for maxReceiveCount: {text}, valid values are from 1 to "
            f"{limits.receive_count_max} both inclusive"
        )
    return value


def _redrive_allow_policy(value: str) -> str:
    document = _document("RedriveAllowPolicy", value)
    permission = document.get("redrivePermission")
    sources = document.get("sourceQueueArns")
    is_by_queue = permission == "byQueue"
    if permission not in ("allowAll", "denyAll", "byQueue") or is_by_queue != bool(sources):
        raise InvalidParameterValueException(
            value=value[:500],
            name="RedriveAllowPolicy",
            reason="Amazon SQS can't create the redrive allow policy, as it's in an unsupported format",
        )
    if is_by_queue and (not isinstance(sources, list) or len(sources) > 10):
        raise InvalidParameterValueException(
            value=value[:500],
            name="RedriveAllowPolicy",
            reason="Number of source queue ARNs can't be more than 10",
        )
    return value


def _policy(value: str) -> str:
    try:
        if not isinstance(orjson.loads(value), dict):
            raise ValueError
    except ValueError:
        raise InvalidAttributeValue(name="Policy") from None
    return value


def wanted(names: Iterable[str]) -> set[str] | None:
    """The names a reader asked for; None for all. Raises InvalidAttributeName."""
    asked = set(names)
    for name in asked:
        if name not in _READABLE:
            raise InvalidAttributeName(name=name)
    return None if "All" in asked else asked
