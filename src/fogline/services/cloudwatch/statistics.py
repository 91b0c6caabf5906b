"""Statistics: from their names to what they say about a set of numbers."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from functools import lru_cache

from fogline.services.cloudwatch.statistic_sets import StatisticSet

Statistic = Callable[[StatisticSet], float | None]
"""None where the set does not know: it was put in as a set, or has numbers below zero."""


def _average(numbers: StatisticSet) -> float:
    """A set may say that a great sum is of next to no samples: no answer can show what comes of that."""
    most = sys.float_info.max
    return max(-most, min(most, numbers.sum / numbers.count))


PLAIN: Mapping[str, Statistic] = {
    "SampleCount": lambda numbers: numbers.count,
    "Average": _average,
    "Sum": lambda numbers: numbers.sum,
    "Minimum": lambda numbers: numbers.minimum,
    "Maximum": lambda numbers: numbers.maximum,
}
"""What can be told of every set, without its spread."""

_NUMBER = r"\d{1,16}(?:\.\d{1,10})?"
_SHORT = re.compile(rf"(p|tm|wm|tc|ts)({_NUMBER})", re.IGNORECASE | re.ASCII)
_LONG = re.compile(rf"(tm|wm|tc|ts|pr)\(({_NUMBER}%?)?:({_NUMBER}%?)?\)", re.IGNORECASE | re.ASCII)
_CACHED_MAX = 512

Pairs = list[tuple[float, float]]
"""Values in rising order, and how often each came."""


@lru_cache(maxsize=_CACHED_MAX)
def find_statistic(name: str) -> Statistic | None:
    """The statistic of that name, in any of the ways AWS spells them; None when there is none."""
    if name in PLAIN:
        return PLAIN[name]
    if name.upper() == "IQM":
        return _over_spread(lambda pairs, count: _mean(_between(pairs, count, "25%", "75%")))
    short = _SHORT.fullmatch(name)
    if short is not None:
        kind, percent = short[1].lower(), float(short[2])
        if percent > 100:
            return None
        if kind == "p":
            return _over_spread(lambda pairs, count: _percentile(pairs, count, percent))
        return _ranged(kind, None, f"{percent}%")
    long = _LONG.fullmatch(name)
    if long is None or not (long[2] or long[3]):
        return None
    return _ranged(long[1].lower(), long[2], long[3])


def _ranged(kind: str, low: str | None, high: str | None) -> Statistic | None:
    """A statistic over what lies between two bounds, either all percentages or all values."""
    bounds = [each for each in (low, high) if each]
    are_percentages = {each.endswith("%") for each in bounds}
    numbers = [float(each.rstrip("%")) for each in bounds]
    if len(are_percentages) > 1 or numbers != sorted(numbers):
        return None
    if True in are_percentages and (numbers[-1] > 100 or kind == "pr"):
        return None
    if kind == "wm":
        return _over_spread(lambda pairs, count: _winsorized(pairs, count, low, high))

    def ranged(pairs: Pairs, count: float) -> float | None:
        inner = _between(pairs, count, low, high)
        if kind == "tm":
            return _mean(inner)
        if kind == "ts":
            return sum(value * times for value, times in inner)
        inside = sum(times for _, times in inner)
        return 100.0 * inside / count if kind == "pr" else inside

    return _over_spread(ranged)


def _over_spread(told: Callable[[Pairs, float], float | None]) -> Statistic:
    def statistic(numbers: StatisticSet) -> float | None:
        if numbers.values is None or numbers.minimum < 0:
            return None
        return told(sorted(numbers.values.items()), numbers.count)

    return statistic


def _percentile(pairs: Pairs, count: float, percent: float) -> float:
    """The least value that so many percent of all are not above."""
    rank, passed = count * percent / 100.0, 0.0
    for value, times in pairs:
        passed += times
        # A hair's breadth for what binary fractions make of percentages.
        if passed >= rank * (1.0 - 1e-12):
            return value
    return pairs[-1][0]


def _between(pairs: Pairs, count: float, low: str | None, high: str | None) -> Pairs:
    """What lies above the lower bound and not above the higher one."""
    if (low or high or "").endswith("%"):
        lowest = count * float(low.rstrip("%")) / 100.0 if low else 0.0
        highest = count * float(high.rstrip("%")) / 100.0 if high else count
        return _ranks_between(pairs, lowest, highest)
    return [
        (value, times)
        for value, times in pairs
        if (not low or value > float(low)) and (not high or value <= float(high))
    ]


def _ranks_between(pairs: Pairs, lowest: float, highest: float) -> Pairs:
    inner: Pairs = []
    passed = 0.0
    for value, times in pairs:
        inside = min(passed + times, highest) - max(passed, lowest)
        passed += times
        if inside > 0:
            inner.append((value, inside))
    return inner


def _mean(pairs: Pairs) -> float | None:
    count = sum(times for _, times in pairs)
    return sum(value * times for value, times in pairs) / count if count else None


def _winsorized(pairs: Pairs, count: float, low: str | None, high: str | None) -> float | None:
    """The mean, with what lies beyond the bounds taken as if it stood on them."""
    inner = _between(pairs, count, low, high)
    if not inner:
        return None
    if (low or high or "").endswith("%"):
        least, most = inner[0][0], inner[-1][0]
    else:
        least = float(low) if low else pairs[0][0]
        most = float(high) if high else pairs[-1][0]
    return _mean([(min(max(value, least), most), times) for value, times in pairs])
