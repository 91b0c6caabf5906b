"""What many patterns ask of one field, arranged so that a value finds those it may satisfy without asking each."""

from __future__ import annotations

import ipaddress
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any, Generic, TypeVar

from fogline.aws.patterns.operators import (
    Cidr,
    Condition,
    EqualsIgnoreCase,
    NumericRange,
    Operator,
    Prefix,
    PrefixIgnoreCase,
    Suffix,
    SuffixIgnoreCase,
    Wildcard,
    key_of,
)

Entry = TypeVar("Entry", bound=Hashable)

_INFINITE = float("inf")

Place = tuple[str, Hashable]
"""Where an entry lies: which of the shelves, and under what."""

ANY = "any"
"""The shelf of what nearly every value satisfies."""

_VALUE, _FOLDED, _RANGE, _CIDR = "value", "folded", "range", "cidr"
_PREFIX, _SUFFIX, _FOLDED_PREFIX, _FOLDED_SUFFIX = (
    "prefix",
    "suffix",
    "folded prefix",
    "folded suffix",
)
_AFFIXES: dict[str, Callable[[str, int], str]] = {
    _PREFIX: lambda text, length: text[:length],
    _SUFFIX: lambda text, length: text[len(text) - length :],
    _FOLDED_PREFIX: lambda text, length: text.lower()[:length],
    _FOLDED_SUFFIX: lambda text, length: text.lower()[len(text) - length :],
}
_PLACES: dict[type, Callable[[Any], Place]] = {
    Prefix: lambda operator: (_PREFIX, operator.text),
    Suffix: lambda operator: (_SUFFIX, operator.text),
    PrefixIgnoreCase: lambda operator: (_FOLDED_PREFIX, operator.text),
    SuffixIgnoreCase: lambda operator: (_FOLDED_SUFFIX, operator.text),
    EqualsIgnoreCase: lambda operator: (_FOLDED, operator.text),
    NumericRange: lambda operator: (_RANGE, operator),
    Cidr: lambda operator: (_CIDR, operator.network),
}


def places_of(condition: Condition) -> list[Place]:
    """Where a condition on one field has to be found: under each value and each operator that it admits."""
    places: list[Place] = [(_VALUE, value) for value in condition.values]
    return places + [_place_of(operator) for operator in condition.operators]


def _place_of(operator: Operator) -> Place:
    if isinstance(operator, Wildcard):
        first, last = operator.parts[0], operator.parts[-1]
        if len(operator.parts) == 1:
            return _VALUE, first
        if not first and not last:
            return ANY, None
        return (_PREFIX, first) if len(first) >= len(last) else (_SUFFIX, last)
    place = _PLACES.get(type(operator))
    # `anything-but` and `exists` admit nearly every value: any value finds them.
    return place(operator) if place is not None else (ANY, None)


class PathIndex(Generic[Entry]):
    """Entries of one field, by place."""

    def __init__(self) -> None:
        self._shelves: dict[str, dict[Hashable, dict[Entry, None]]] = {}
        self._values: dict[Hashable, dict[Entry, None]] = self._shelf(_VALUE)
        # How many things of each length (of a text, of a network's mask) lie on a shelf.
        self._lengths: dict[str, dict[int, int]] = {kind: {} for kind in (*_AFFIXES, _CIDR)}
        self._stabbing: _Stabbing | None = None
        # The borders of all ranges, each in order.
        self._bottoms: list[float] = []
        self._tops: list[float] = []
        self._is_plain = True
        """True while nothing but values is asked for."""

    def _shelf(self, kind: str) -> dict[Hashable, dict[Entry, None]]:
        return self._shelves.setdefault(kind, {})

    def __bool__(self) -> bool:
        return any(self._shelves.values())

    def crowd(self, places: Iterable[Place]) -> int:
        """How many entries a value that leads to one of `places` finds beside a new one, at the worst."""
        worst = 0
        for kind, under in places:
            shelf = self._shelf(kind)
            worst = max(
                worst, self._overlap(under) if kind == _RANGE else len(shelf.get(under, ()))
            )
        return worst

    def _overlap(self, given: Any) -> int:
        """How many ranges share numbers with the given one, at the most."""
        bottom, top = _borders(given)
        above = len(self._bottoms) - bisect_right(self._bottoms, top)
        return len(self._bottoms) - above - bisect_left(self._tops, bottom)

    def add(self, places: Iterable[Place], entry: Entry) -> None:
        for kind, under in places:
            shelf = self._shelf(kind)
            if under not in shelf:
                self._count_length(kind, under, 1)
                if kind == _RANGE:
                    bottom, top = _borders(under)
                    insort(self._bottoms, bottom)
                    insort(self._tops, top)
            shelf.setdefault(under, {})[entry] = None
            self._changed(kind)

    def remove(self, places: Iterable[Place], entry: Entry) -> None:
        for kind, under in places:
            shelf = self._shelf(kind)
            lying = shelf.get(under)
            if lying is None or lying.pop(entry, self) is self or lying:
                continue
            del shelf[under]
            if kind == _RANGE:
                bottom, top = _borders(under)
                del self._bottoms[bisect_left(self._bottoms, bottom)]
                del self._tops[bisect_left(self._tops, top)]
            self._count_length(kind, under, -1)
            self._changed(kind)

    def _count_length(self, kind: str, under: Any, by: int) -> None:
        lengths = self._lengths.get(kind)
        if lengths is None:
            return
        length = len(under) if kind in _AFFIXES else under.prefixlen
        lengths[length] = lengths.get(length, 0) + by
        if not lengths[length]:
            del lengths[length]

    def _changed(self, kind: str) -> None:
        if kind == _RANGE:
            self._stabbing = None
        self._is_plain = not any(shelf for kind, shelf in self._shelves.items() if kind != _VALUE)

    def candidates(self, value: Any) -> Iterable[Entry]:
        """The entries that `value` may satisfy: all that it does, and few others. An entry may come twice."""
        exact = self._values.get(key_of(value), ())
        return exact if self._is_plain else self._all_candidates(value, exact)

    def _all_candidates(self, value: Any, exact: Iterable[Entry]) -> Iterator[Entry]:
        yield from exact
        shelves = self._shelves
        yield from shelves.get(ANY, {}).get(None, ())
        if isinstance(value, str):
            for kind, cut in _AFFIXES.items():
                for length in self._lengths[kind]:
                    if length <= len(value):
                        yield from shelves[kind].get(cut(value, length), ())
            if _FOLDED in shelves:
                yield from shelves[_FOLDED].get(value.lower(), ())
            if shelves.get(_CIDR):
                yield from self._around(value)
        elif (
            shelves.get(_RANGE) and not isinstance(value, bool) and isinstance(value, (int, float))
        ):
            if self._stabbing is None:
                self._stabbing = _Stabbing(shelves[_RANGE])
            for operator in self._stabbing.holding(value):
                yield from shelves[_RANGE][operator]

    def _around(self, text: str) -> Iterator[Entry]:
        """Networks that hold the address: one question per length of mask, not per network."""
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return
        shelf = self._shelves[_CIDR]
        for bits in self._lengths[_CIDR]:
            if bits > address.max_prefixlen:
                continue
            yield from shelf.get(ipaddress.ip_network((int(address), bits), strict=False), ())


def _borders(each: Any) -> tuple[float, float]:
    bottom = -_INFINITE if each.bottom is None else each.bottom
    return bottom, _INFINITE if each.top is None else each.top


class _Stabbing:
    """Numeric ranges, so arranged that those around a number are found without looking at the others."""

    def __init__(self, ranges: Iterable[Any]) -> None:
        self._ranges = sorted(ranges, key=lambda each: _borders(each)[0])
        self._bottoms = [_borders(each)[0] for each in self._ranges]
        size = 1
        while size < len(self._ranges):
            size *= 2
        self._size = size
        # A tree over the ranges in the order of their bottoms: each node knows the highest top below it.
        self._highest: list[Any] = [-_INFINITE] * (2 * size)
        for place, each in enumerate(self._ranges):
            self._highest[size + place] = _borders(each)[1]
        for node in range(size - 1, 0, -1):
            self._highest[node] = max(self._highest[2 * node], self._highest[2 * node + 1])

    def holding(self, number: int | float) -> Iterator[NumericRange]:
        """Ranges that hold the number, their borders included."""
        end = bisect_right(self._bottoms, number)
        waiting = [(1, 0, self._size)]
        while waiting:
            node, low, high = waiting.pop()
            if low >= end or self._highest[node] < number:
                continue
            if high - low == 1:
                yield self._ranges[low]
                continue
            middle = (low + high) // 2
            waiting.append((2 * node + 1, middle, high))
            waiting.append((2 * node, low, middle))
