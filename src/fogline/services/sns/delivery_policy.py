"""Delivery policies: how often, how fast and as what a notification is posted to an HTTP endpoint.

Forms and numbers: https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

DEFAULT_CONTENT_TYPE = "text/plain; charset=UTF-8"

_RETRY_DEFAULTS: dict[str, Any] = {
    "minDelayTarget": 20,
    "maxDelayTarget": 20,
    "numRetries": 3,
    "numMaxDelayRetries": 0,
    "numNoDelayRetries": 0,
    "numMinDelayRetries": 0,
    "backoffFunction": "linear",
}
_REQUIRED = ("numRetries", "minDelayTarget", "maxDelayTarget")
_RETRIES_MAX = 100
_DELAY_SECONDS_MAX = 3_600
_TOTAL_SECONDS_MAX = 3_600
_FUNCTIONS = ("arithmetic", "exponential", "geometric", "linear")
_CONTENT_TYPES = frozenset((
    "application/atom+xml", "application/json", "application/octet-stream", "application/soap+xml",
    "application/x-www-form-urlencoded", "application/xhtml+xml", "application/xml", "text/css", "text/csv",
    "text/html", "text/plain", "text/xml",
))  # fmt: skip
_OF_TOPIC = {
    "defaultHealthyRetryPolicy": "healthyRetryPolicy",
    "defaultThrottlePolicy": "throttlePolicy",
    "defaultRequestPolicy": "requestPolicy",
}
_OF_SUBSCRIPTION = ("healthyRetryPolicy", "throttlePolicy", "requestPolicy", "sicklyRetryPolicy")
_POLICIES_CACHED_MAX = 1_024


class InvalidDeliveryPolicy(ValueError):
    """A policy that AWS refuses; the text says why, as AWS does after `DeliveryPolicy: `."""


@dataclass(frozen=True, slots=True)
class DeliveryPolicy:
    """What holds for one subscription.

    `delays` are the seconds before each retry, the first at the front; after the last of them a delivery has failed
    for good. `receives_per_second` is None where nothing is throttled.
    """

    delays: tuple[float, ...]
    receives_per_second: int | None
    content_type: str


def effective_policy(topic_policy: str | None, subscription_policy: str | None) -> DeliveryPolicy:
    """What holds for a subscription with those (valid) `DeliveryPolicy` attributes."""
    return _policy(topic_policy or "", subscription_policy or "")


@lru_cache(maxsize=_POLICIES_CACHED_MAX)
def _policy(topic_policy: str, subscription_policy: str) -> DeliveryPolicy:
    document = effective_document(topic_policy, subscription_policy)
    return DeliveryPolicy(
        delays_of(document["healthyRetryPolicy"]),
        document.get("throttlePolicy", {}).get("maxReceivesPerSecond"),
        document["requestPolicy"]["headerContentType"],
    )


def effective_document(
    topic_policy: str | None, subscription_policy: str | None
) -> dict[str, dict[str, Any]]:
    """`EffectiveDeliveryPolicy` of an HTTP subscription: its own parts, else its topic's, else AWS's defaults.

    A topic may keep its subscriptions from having their own.
    """
    of_topic = orjson.loads(topic_policy).get("http", {}) if topic_policy else {}
    own = orjson.loads(subscription_policy) if subscription_policy else {}
    if of_topic.get("disableSubscriptionOverrides"):
        own = {}
    document: dict[str, dict[str, Any]] = {
        "healthyRetryPolicy": _RETRY_DEFAULTS,
        "requestPolicy": {"headerContentType": DEFAULT_CONTENT_TYPE},
    }
    for name, part in _OF_TOPIC.items():
        given = own.get(part) or of_topic.get(name)
        if given:
            document[part] = {**document.get(part, {}), **_present(given)}
    return document


def effective_topic_document(topic_policy: str | None) -> dict[str, Any]:
    """`EffectiveDeliveryPolicy` of a topic."""
    given = orjson.loads(topic_policy).get("http", {}) if topic_policy else {}
    document = effective_document(topic_policy, None)
    parts = {name: document[part] for name, part in _OF_TOPIC.items() if part in document}
    return {
        "http": {
            "defaultHealthyRetryPolicy": parts.pop("defaultHealthyRetryPolicy"),
            "disableSubscriptionOverrides": bool(given.get("disableSubscriptionOverrides", False)),
            **parts,
        }
    }


def _present(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


# ---- the four phases


def delays_of(retry: Mapping[str, Any]) -> tuple[float, ...]:
    """The seconds before each retry: at once, pre-backoff, backoff, post-backoff; an hour altogether at most."""
    retry = {**_RETRY_DEFAULTS, **_present(retry)}
    shortest, longest = retry["minDelayTarget"], retry["maxDelayTarget"]
    before = retry["numNoDelayRetries"] + retry["numMinDelayRetries"]
    growing = max(0, retry["numRetries"] - before - retry["numMaxDelayRetries"])
    delays = [
        *[0.0] * retry["numNoDelayRetries"],
        *[float(shortest)] * retry["numMinDelayRetries"],
        *(_backoff(retry["backoffFunction"], shortest, longest, growing)),
        *[float(longest)] * retry["numMaxDelayRetries"],
    ]
    within: list[float] = []
    total = 0.0
    for delay in delays[: retry["numRetries"]]:
        total += delay
        if total > _TOTAL_SECONDS_MAX:
            break
        within.append(delay)
    return tuple(within)


def _backoff(function: str, shortest: float, longest: float, count: int) -> list[float]:
    """The delays from the shortest to the longest.

    AWS publishes no formulas, only a picture of the four: linear rises evenly, arithmetic by steps that grow evenly,
    geometric by a constant factor, exponential by steps that double.
    """
    if count == 1:
        return [float(shortest)]
    last = count - 1
    if function == "geometric":
        ratio = longest / shortest
        return [shortest * ratio ** (step / last) for step in range(count)]
    shares: dict[str, Callable[[int], float]] = {
        "linear": lambda step: step / last,
        "arithmetic": lambda step: step * (step + 1) / (last * (last + 1)),
        "exponential": lambda step: (2.0**step - 1) / (2.0**last - 1),
    }
    share = shares[function]
    return [shortest + (longest - shortest) * share(step) for step in range(count)]


# ---- what AWS refuses


def check_topic_policy(text: str) -> None:
    """Raises InvalidDeliveryPolicy for what may not be a topic's `DeliveryPolicy`."""
    document = _object(text)
    for name in document:
        if name != "http":
            raise InvalidDeliveryPolicy(f"Unexpected JSON member: {name}")
    http = document.get("http", {})
    if not isinstance(http, dict):
        raise InvalidDeliveryPolicy("http must be a JSON object")
    for name, value in http.items():
        if name == "disableSubscriptionOverrides":
            if not isinstance(value, bool):
                raise InvalidDeliveryPolicy(
                    "http.disableSubscriptionOverrides must be true or false"
                )
        elif name in _OF_TOPIC:
            _check_part(_OF_TOPIC[name], f"http.{name}", value)
        elif name not in ("defaultSicklyRetryPolicy",):
            raise InvalidDeliveryPolicy(f"Unexpected JSON member: http.{name}")


def check_subscription_policy(text: str) -> None:
    """Raises InvalidDeliveryPolicy for what may not be a subscription's `DeliveryPolicy`."""
    for name, value in _object(text).items():
        if name not in _OF_SUBSCRIPTION and name != "guaranteed":
            raise InvalidDeliveryPolicy(f"Unexpected JSON member: {name}")
        _check_part(name, name, value)


def _object(text: str) -> dict[str, Any]:
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict):
        raise InvalidDeliveryPolicy("failed to parse JSON.")
    return document


def _check_part(kind: str, path: str, value: object) -> None:
    # What AWS forgot about (`sicklyRetryPolicy`, `guaranteed`) it sends as null, and clients send it back.
    if value is None or kind in ("sicklyRetryPolicy", "guaranteed"):
        return
    if not isinstance(value, dict):
        raise InvalidDeliveryPolicy(f"{path} must be a JSON object")
    value = _present(value)
    if kind == "healthyRetryPolicy":
        _check_retry(path, value)
    elif kind == "throttlePolicy":
        rate = value.get("maxReceivesPerSecond")
        if rate is not None:
            _check_number(f"{path}.maxReceivesPerSecond", rate, 1, None)
    else:
        _check_content_type(path, value.get("headerContentType"))


def _check_retry(path: str, value: Mapping[str, Any]) -> None:
    for name in _REQUIRED:
        if name not in value:
            raise InvalidDeliveryPolicy(f"{path}.{name} must be specified")
    for name in value:
        if name not in _RETRY_DEFAULTS:
            raise InvalidDeliveryPolicy(f"Unexpected JSON member: {path}.{name}")
    _check_number(f"{path}.numRetries", value["numRetries"], 0, _RETRIES_MAX)
    _check_number(f"{path}.minDelayTarget", value["minDelayTarget"], 1, _DELAY_SECONDS_MAX)
    _check_number(f"{path}.maxDelayTarget", value["maxDelayTarget"], 1, _DELAY_SECONDS_MAX)
    if value["minDelayTarget"] > value["maxDelayTarget"]:
        raise InvalidDeliveryPolicy(
            f"{path}.maxDelayTarget must be greater than or equal to {path}.minDelayTarget"
        )
    phases = ("numNoDelayRetries", "numMinDelayRetries", "numMaxDelayRetries")
    for name in phases:
        _check_number(f"{path}.{name}", value.get(name, 0), 0, _RETRIES_MAX)
    if sum(value.get(name, 0) for name in phases) > value["numRetries"]:
        raise InvalidDeliveryPolicy(
            f"{path}.numRetries must be greater than or equal to the sum of numMinDelayRetries, "
            "numNoDelayRetries and numMaxDelayRetries"
        )
    if value.get("backoffFunction", "linear") not in _FUNCTIONS:
        raise InvalidDeliveryPolicy(
            f"{path}.backoffFunction must be one of: {', '.join(_FUNCTIONS)}"
        )


def _check_number(path: str, value: object, least: int, most: int | None) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidDeliveryPolicy(f"{path} must be an integer")
    if value < least:
        raise InvalidDeliveryPolicy(f"{path} must be greater than or equal to {least}")
    if most is not None and value > most:
        raise InvalidDeliveryPolicy(f"{path} must be less than or equal to {most}")


def _check_content_type(path: str, value: object) -> None:
    if value is None:
        return
    kind = value.partition(";")[0].strip().lower() if isinstance(value, str) else ""
    if kind not in _CONTENT_TYPES or not str(value).isprintable() or not str(value).isascii():
        raise InvalidDeliveryPolicy(f"{path}.headerContentType is not a supported content type")
