"""Reductions: one number of a series, or one series of an array."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from fogline.services.cloudwatch.math.arguments import (
    Arguments,
    Function,
    Surroundings,
    exactly,
    one_series,
)
from fogline.services.cloudwatch.math.values import (
    Array,
    TimeSeries,
    Value,
    computed,
)

_Reduction = Callable[[Sequence[float]], float]


def _mean(numbers: Sequence[float]) -> float:
    return math.fsum(numbers) / len(numbers)


def _deviation(numbers: Sequence[float]) -> float:
    mean = _mean(numbers)
    return math.sqrt(math.fsum((number - mean) ** 2 for number in numbers) / len(numbers))


REDUCTIONS: Mapping[str, _Reduction] = {
    "SUM": math.fsum,
    "AVG": _mean,
    "MIN": min,
    "MAX": max,
    "STDDEV": _deviation,
    "DATAPOINT_COUNT": len,
}


def reducing(name: str) -> Function:
    reduction = REDUCTIONS[name]

    def reduce(given: Arguments, around: Surroundings) -> Value:
        (value,) = exactly(name, given, 1)
        if isinstance(value, Array):
            return _across(reduction, value, around)
        return reduced(reduction, one_series(name, value), around)

    return reduce


def reduced(reduction: _Reduction, series: TimeSeries, around: Surroundings) -> float:
    around.budget.spend(len(series.numbers))
    numbers = list(series.numbers.values())
    if not numbers:
        return 0.0 if reduction in (math.fsum, len) else math.nan
    result = computed(reduction, numbers)  # type: ignore[arg-type]  # numbers all the same
    return math.nan if result is None else float(result)


def _across(reduction: _Reduction, array: Array, around: Surroundings) -> TimeSeries:
    gathered: dict[int, list[float]] = {}
    for series in array:
        around.budget.spend(len(series.numbers))
        for at, number in series.numbers.items():
            gathered.setdefault(at, []).append(number)
    pairs = ((at, computed(reduction, gathered[at])) for at in sorted(gathered))  # type: ignore[arg-type]
    period = array[0].period if array else 60
    return TimeSeries({at: float(value) for at, value in pairs if value is not None}, "", period)
