"""What a pattern can ask of one value: each operator admits it or does not."""

from __future__ import annotations

import ipaddress
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Protocol

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Operator(Protocol):
    """One test of a value that is no object and no array."""

    def admits(self, value: Any) -> bool: ...


class _Truth:
    """True or false as a key of its own: to Python, True equals 1."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


TRUE = _Truth("true")
FALSE = _Truth("false")


def key_of(value: Any) -> Hashable:
    """A key under which equal JSON values are one: 1, 1.0 and 1e0, but not 1 and true."""
    if value is True:
        return TRUE
    if value is False:
        return FALSE
    return value  # type: ignore[no-any-return]  # leaves of JSON are hashable


@dataclass(frozen=True, slots=True)
class Present:
    """`{"exists": true}`"""

    def admits(self, value: Any) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Prefix:
    text: str

    def admits(self, value: Any) -> bool:
        return isinstance(value, str) and value.startswith(self.text)


@dataclass(frozen=True, slots=True)
class Suffix:
    text: str

    def admits(self, value: Any) -> bool:
        return isinstance(value, str) and value.endswith(self.text)


@dataclass(frozen=True, slots=True)
class EqualsIgnoreCase:
    """`text` is in lower case already, as in the two after it."""

    text: str

    def admits(self, value: Any) -> bool:
        return isinstance(value, str) and value.lower() == self.text


@dataclass(frozen=True, slots=True)
class PrefixIgnoreCase:
    text: str

    def admits(self, value: Any) -> bool:
        return isinstance(value, str) and value.lower().startswith(self.text)


@dataclass(frozen=True, slots=True)
class SuffixIgnoreCase:
    text: str

    def admits(self, value: Any) -> bool:
        return isinstance(value, str) and value.lower().endswith(self.text)


@dataclass(frozen=True, slots=True)
class Wildcard:
    """`parts` are the texts between the asterisks: `a*b` has two, a text without asterisk one."""

    parts: tuple[str, ...]

    def admits(self, value: Any) -> bool:
        if not isinstance(value, str):
            return False
        parts = self.parts
        if len(parts) == 1:
            return value == parts[0]
        first, last = parts[0], parts[-1]
        end = len(value) - len(last)
        at = len(first)
        if end < at or not value.startswith(first) or not value.endswith(last):
            return False
        # The earliest place of each part leaves most room for the rest: nothing is tried twice.
        for part in parts[1:-1]:
            found = value.find(part, at, end)
            if found < 0:
                return False
            at = found + len(part)
        return True


@dataclass(frozen=True, slots=True)
class NumericRange:
    """Numbers between two bounds; None leaves that side open."""

    bottom: int | float | None
    top: int | float | None
    has_bottom: bool
    has_top: bool

    def admits(self, value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return False
        if self.bottom is not None and (
            value < self.bottom or (value == self.bottom and not self.has_bottom)
        ):
            return False
        return self.top is None or value < self.top or (value == self.top and self.has_top)


@dataclass(frozen=True, slots=True)
class Cidr:
    network: Network

    def admits(self, value: Any) -> bool:
        if not isinstance(value, str):
            return False
        try:
            return ipaddress.ip_address(value) in self.network
        except ValueError:
            return False


@dataclass(frozen=True, slots=True)
class AnythingButValues:
    """Any value, null included, except these."""

    keys: frozenset[Hashable]

    def admits(self, value: Any) -> bool:
        return key_of(value) not in self.keys


@dataclass(frozen=True, slots=True)
class AnythingBut:
    """Any value that none of the operators admits."""

    operators: tuple[Operator, ...]

    def admits(self, value: Any) -> bool:
        return not any(operator.admits(value) for operator in self.operators)


@dataclass(frozen=True, slots=True)
class Condition:
    """All that a pattern allows in one field: these values, or what any of these operators admits.

    Values and operators are kept apart so that a matcher of many patterns can look values up.
    """

    values: frozenset[Hashable]
    operators: tuple[Operator, ...]
    allows_absence: bool

    def admits(self, value: Any) -> bool:
        if key_of(value) in self.values:
            return True
        return any(operator.admits(value) for operator in self.operators)
