"""Protocols: what may be subscribed to a topic, and which of it has to be confirmed first."""

from __future__ import annotations

import re

from fogline.aws.arn import find_arn
from fogline.services.sns.errors import InvalidParameterException
from fogline.services.sns.phones import is_phone_number
from fogline.services.sns.topic import Topic

_NAMES = frozenset(
    (
        "application",
        "email",
        "email-json",
        "firehose",
        "http",
        "https",
        "lambda",
        "sms",
        "sqs",
    )
)
_CONFIRMED_BY_RECEIVER = frozenset(("http", "https", "email", "email-json"))
_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,255}")
_ENDPOINT_CHARACTERS_MAX = 2_048


def check_endpoint(topic: Topic, protocol: str, endpoint: str) -> None:
    """Refuse what cannot be subscribed to the topic. Raises InvalidParameterException."""
    if protocol not in _NAMES:
        raise InvalidParameterException(
            reason=f"Amazon SNS does not support this protocol string: {protocol[:200]}"
        )
    if topic.is_fifo and protocol != "sqs":
        raise InvalidParameterException(reason=f"Invalid protocol type: {protocol}")
    if not endpoint or len(endpoint) > _ENDPOINT_CHARACTERS_MAX:
        raise InvalidParameterException(reason="Endpoint")
    if protocol in ("http", "https"):
        if not endpoint.lower().startswith(f"{protocol}://") or not endpoint.isprintable():
            raise InvalidParameterException(reason="Endpoint must match the specified protocol")
    elif protocol in ("email", "email-json"):
        if _EMAIL.fullmatch(endpoint) is None:
            raise InvalidParameterException(reason="Email address")
    elif protocol == "sms":
        if not is_phone_number(endpoint):
            raise InvalidParameterException(f"Invalid SMS endpoint: {endpoint}")
    elif protocol == "sqs":
        _check_queue(topic, endpoint)
    else:
        _check_arn(protocol, endpoint)


def _check_queue(topic: Topic, endpoint: str) -> None:
    arn = find_arn(endpoint)
    if arn is None or arn.service != "sqs" or not arn.region or not arn.account:
        raise InvalidParameterException(reason="SQS endpoint ARN")
    if arn.resource.endswith(".fifo") and not topic.is_fifo:
        raise InvalidParameterException(
            reason="Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics"
        )


def _check_arn(protocol: str, endpoint: str) -> None:
    arn = find_arn(endpoint)
    if protocol == "lambda" and (arn is None or arn.service != "lambda"):
        raise InvalidParameterException(reason="Lambda endpoint ARN")
    if protocol == "firehose" and (arn is None or arn.service != "firehose"):
        raise InvalidParameterException(reason="Firehose endpoint ARN")
    if protocol == "application" and (
        arn is None or arn.service != "sns" or not arn.resource.startswith("endpoint/")
    ):
        raise InvalidParameterException(reason="Application endpoint arn invalid")


def must_be_confirmed(protocol: str, endpoint: str, account: str) -> bool:
    """True for what may belong to somebody who did not ask for it."""
    if protocol in _CONFIRMED_BY_RECEIVER:
        return True
    arn = find_arn(endpoint) if protocol == "sqs" else None
    return arn is not None and arn.account != account
