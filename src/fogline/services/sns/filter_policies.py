"""Filter policies: what a subscription wants to hear of, in SNS's share of the pattern language.

Language and limits: https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson

from fogline.aws.nesting import is_nested_deeper
from fogline.aws.patterns import InvalidPattern, Pattern, compile_pattern
from fogline.services.sns.errors import InvalidParameterException
from fogline.services.sns.limits import Limits
from fogline.services.sns.message import Attributes, Notification

SCOPES = ("MessageAttributes", "MessageBody")

_CACHED_MAX = 4_096
_DEPTH_MAX = 100
_OR = "$or"
_INTEGER = re.compile(r"[+-]?\d{1,18}")
_OPERATORS = frozenset(
    (
        "anything-but",
        "cidr",
        "equals-ignore-case",
        "exists",
        "numeric",
        "prefix",
        "suffix",
    )
)
_INSIDE_ANYTHING_BUT = frozenset(("prefix", "suffix"))


class Content:
    """What filter policies look at in one notification, taken apart when the first of them asks."""

    __slots__ = ("_attributes", "_bodies", "_notification")

    def __init__(self, notification: Notification) -> None:
        self._notification = notification
        self._attributes: dict[str, Any] | None = None
        self._bodies: dict[str, dict[str, Any] | None] = {}

    def attributes(self) -> dict[str, Any]:
        if self._attributes is None:
            found = _values(self._notification.attributes)
            if self._notification.is_replayed:
                found["Replayed"] = "true"
            self._attributes = found
        return self._attributes

    def body(self, protocol: str) -> dict[str, Any] | None:
        """The body as subscribers of that protocol get it, if it is a JSON object."""
        text = self._notification.text_for(protocol)
        if text not in self._bodies:
            try:
                parsed = orjson.loads(text)
            except orjson.JSONDecodeError:
                parsed = None
            self._bodies[text] = parsed if isinstance(parsed, dict) else None
        return self._bodies[text]


def _values(attributes: Attributes) -> dict[str, Any]:
    """Message attributes as a pattern sees them. Binary ones are not looked at."""
    found: dict[str, Any] = {}
    for name, attribute in attributes.items():
        kind, text = attribute["DataType"], attribute.get("StringValue")
        if text is None:
            continue
        if kind == "String.Array":
            try:
                parsed = orjson.loads(text)
            except orjson.JSONDecodeError:
                parsed = text
            found[name] = parsed if isinstance(parsed, list) else text
        elif kind.startswith("Number"):
            found[name] = int(text) if _INTEGER.fullmatch(text) else float(text)
        else:
            found[name] = text
    return found


class FilterPolicy:
    """A compiled filter policy."""

    __slots__ = ("_is_of_body", "_pattern")

    def __init__(self, pattern: Pattern, scope: str) -> None:
        self._pattern = pattern
        self._is_of_body = scope == "MessageBody"

    def admits(self, content: Content, protocol: str) -> bool:
        """True when a subscriber of that protocol wants the notification."""
        if not self._is_of_body:
            return self._pattern.matches(content.attributes())
        body = content.body(protocol)
        return body is not None and self._pattern.matches(body)


@lru_cache(_CACHED_MAX)
def compile_filter(text: str, scope: str) -> FilterPolicy:
    """A policy that was checked before."""
    return FilterPolicy(compile_pattern(text), scope)


# ---- what SNS refuses


def check_filter(text: str, scope: str, limits: Limits, prefix: str) -> None:
    """Refuse a policy that SNS refuses in that scope. Raises InvalidParameterException."""
    try:
        policy = orjson.loads(text)
    except orjson.JSONDecodeError:
        policy = None
    if not isinstance(policy, dict):
        _refuse(prefix, "failed to parse JSON.")
    if len(text.encode()) > limits.filter_policy_bytes_max:
        _refuse(prefix, "Filter policy is too large")
    if is_nested_deeper(policy, _DEPTH_MAX):
        _refuse(prefix, "Filter policy is nested too deeply")
    if scope == "MessageAttributes" and _is_nested(policy):
        raise InvalidParameterException(
            reason=f"{prefix}Filter policy scope MessageAttributes does not support nested filter policy"
        )
    _check_operators(policy, prefix)
    try:
        compile_pattern(text)
    except InvalidPattern as invalid:
        _refuse(prefix, invalid.reason)
    if len(_leaves(policy, "")) > limits.filter_policy_keys_max:
        _refuse(
            prefix, f"Filter policy can not have more than {limits.filter_policy_keys_max} keys"
        )
    if _combinations(policy, 1) > limits.filter_policy_combinations_max:
        _refuse(prefix, "Filter policy is too complex")


def _refuse(prefix: str, reason: str) -> None:
    raise InvalidParameterException(reason=f"{prefix}FilterPolicy: {reason}")


def _choices(name: str, value: Any) -> list[Mapping[str, Any]]:
    """The objects of an `$or`; none for anything else."""
    if name != _OR or not isinstance(value, list):
        return []
    return [each for each in value if isinstance(each, dict)]


def _is_nested(policy: Mapping[str, Any]) -> bool:
    return any(
        isinstance(value, dict) or any(_is_nested(each) for each in _choices(name, value))
        for name, value in policy.items()
    )


def _check_operators(policy: Mapping[str, Any], prefix: str) -> None:
    """Refuse the operators of EventBridge that SNS does not know."""
    for name, value in policy.items():
        for choice in _choices(name, value):
            _check_operators(choice, prefix)
        if isinstance(value, dict):
            _check_operators(value, prefix)
        elif isinstance(value, list) and name != _OR:
            for each in value:
                if isinstance(each, dict):
                    _check_expression(each, prefix)


def _check_expression(expression: Mapping[str, Any], prefix: str) -> None:
    for operator, operand in expression.items():
        if operator not in _OPERATORS:
            _refuse(prefix, f"Unrecognized match type {operator[:200]}")
        if not isinstance(operand, dict):
            continue
        if operator in ("prefix", "suffix"):
            _refuse(prefix, f"{operator} match pattern must be a string")
        for inner in operand:
            if operator == "anything-but" and inner not in _INSIDE_ANYTHING_BUT:
                _refuse(prefix, f"Unsupported anything-but pattern: {inner[:200]}")


def _leaves(policy: Mapping[str, Any], path: str) -> set[str]:
    """The paths at which values are asked for."""
    found: set[str] = set()
    for name, value in policy.items():
        choices = _choices(name, value)
        for choice in choices:
            found |= _leaves(choice, path)
        below = f"{path}.{name}"
        if isinstance(value, dict):
            found |= _leaves(value, below)
        elif not choices:
            found.add(below)
    return found


def _combinations(policy: Mapping[str, Any], depth: int) -> int:
    """How many combinations SNS counts: values times depth, multiplied over keys, added over choices."""
    product = 1
    for name, value in policy.items():
        choices = _choices(name, value)
        if choices:
            product *= sum(_combinations(choice, depth) for choice in choices)
        elif isinstance(value, dict):
            product *= _combinations(value, depth + 1)
        elif isinstance(value, list):
            product *= len(value) * depth
    return product
