"""Conditions: under which circumstances a statement applies.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from fogline.aws.policy.likeness import is_like, is_like_arn
from fogline.aws.policy.requests import Keys

_VALUES_MAX = 1_000
_VARIABLE = re.compile(r"\$\{([^{},]{1,128})(?:,\s*'([^{}']*)')?\}")
_SPECIAL = {"*": "*", "?": "?", "$": "$"}

Test = Callable[[str, str], bool]
"""Whether what the policy has (first) fits what the request has."""


class Condition(NamedTuple):
    """One key under one operator."""

    key: str
    values: tuple[str, ...]
    test: Test | None
    """None for `Null`, which asks only whether the key is there."""
    is_negated: bool
    if_exists: bool
    of_set: str
    """`ForAllValues`, `ForAnyValue`, or ""."""


class UnknownOperator(ValueError):
    pass


def is_operator(text: str) -> bool:
    """True if the text names an operator, in letters of whichever case, as IAM takes them."""
    of_set, found, name = text.lower().rpartition(":")
    if found and of_set not in ("forallvalues", "foranyvalue"):
        return False
    return name == "null" or name.removesuffix("ifexists") in _FOLDED


def read_conditions(value: Any) -> tuple[Condition, ...]:
    """The conditions, all of which must hold. Raises ValueError for what are none."""
    if not isinstance(value, Mapping):
        raise ValueError("Condition is no object")
    return tuple(
        _read(operator, key, given)
        for operator, keys in value.items()
        for key, given in _pairs(keys)
    )


def _pairs(keys: Any) -> Any:
    if not isinstance(keys, Mapping):
        raise ValueError("an operator of a Condition has no keys")
    return keys.items()


def _read(operator: str, key: str, given: Any) -> Condition:
    of_set, found, name = operator.rpartition(":")
    if found and of_set not in ("ForAllValues", "ForAnyValue"):
        raise UnknownOperator(f"unknown operator {operator[:64]}")
    if_exists = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    values = given if isinstance(given, list) else [given]
    texts = tuple(_text(each) for each in values[:_VALUES_MAX])
    if name == "Null":
        return Condition(key.lower(), texts, None, False, if_exists, of_set)
    is_negated = "Not" in name
    test = _TESTS.get(name.replace("Not", "", 1))
    if test is None or (is_negated and name not in _NEGATED):
        raise UnknownOperator(f"unknown operator {operator[:64]}")
    return Condition(key.lower(), texts, test, is_negated, if_exists, of_set)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str | int | float):
        raise ValueError("a value of a Condition is no text")
    return str(value)


def holds(condition: Condition, keys: Keys) -> bool:
    """True if the circumstances are as the condition wants them."""
    found = keys.get(condition.key)
    if condition.test is None:
        return any((value.lower() == "true") == (found is None) for value in condition.values)
    if found is None or (not isinstance(found, str) and not found):
        if condition.of_set:
            return condition.of_set == "ForAllValues"
        return condition.if_exists or condition.is_negated
    present = [found] if isinstance(found, str) else found
    wanted = [filled(value, keys) for value in condition.values]
    fits = [
        any(condition.test(value, each) for value in wanted) != condition.is_negated
        for each in present
    ]
    if condition.of_set:
        return all(fits) if condition.of_set == "ForAllValues" else any(fits)
    return all(fits) if condition.is_negated else any(fits)


def filled(text: str, keys: Keys) -> str:
    """A text with its variables (`${aws:username}`); one that is not known stands for itself."""
    if "${" not in text:
        return text

    def value_of(match: re.Match[str]) -> str:
        name = match[1]
        if name in _SPECIAL:
            return _SPECIAL[name]
        found = keys.get(name.lower())
        if isinstance(found, str):
            return found
        return match[2] if match[2] is not None else match[0]

    return _VARIABLE.sub(value_of, text)


def _is_same_folded(wanted: str, given: str) -> bool:
    return wanted.lower() == given.lower()


def _numeric(compare: Callable[[float, float], bool]) -> Test:
    def test(wanted: str, given: str) -> bool:
        try:
            return compare(float(given), float(wanted))
        except ValueError:
            return False

    return test


def _dated(compare: Callable[[float, float], bool]) -> Test:
    def test(wanted: str, given: str) -> bool:
        left, right = _instant(given), _instant(wanted)
        return left is not None and right is not None and compare(left, right)

    return test


@lru_cache(1_024)
def _instant(text: str) -> float | None:
    """Seconds since 1970, of a date of ISO 8601 or of such seconds."""
    try:
        return float(text)
    except ValueError:
        pass
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo is not None else at.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _is_in_network(wanted: str, given: str) -> bool:
    network = _network(wanted)
    try:
        return network is not None and ipaddress.ip_address(given) in network
    except ValueError:
        return False


@lru_cache(1_024)
def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "Equals": lambda given, wanted: given == wanted,
    "LessThan": lambda given, wanted: given < wanted,
    "LessThanEquals": lambda given, wanted: given <= wanted,
    "GreaterThan": lambda given, wanted: given > wanted,
    "GreaterThanEquals": lambda given, wanted: given >= wanted,
}
_TESTS: dict[str, Test] = {
    "StringEquals": str.__eq__,
    "StringEqualsIgnoreCase": _is_same_folded,
    "StringLike": is_like,
    "Bool": _is_same_folded,
    "BinaryEquals": str.__eq__,
    "IpAddress": _is_in_network,
    "ArnEquals": is_like_arn,
    "ArnLike": is_like_arn,
    **{f"Numeric{name}": _numeric(compare) for name, compare in _COMPARISONS.items()},
    **{f"Date{name}": _dated(compare) for name, compare in _COMPARISONS.items()},
}
_NEGATED = frozenset(
    (
        "StringNotEquals", "StringNotEqualsIgnoreCase", "StringNotLike", "NumericNotEquals",
        "DateNotEquals", "NotIpAddress", "ArnNotEquals", "ArnNotLike",
    )
)  # fmt: skip
_FOLDED = frozenset(name.lower() for name in (*_TESTS, *_NEGATED))
