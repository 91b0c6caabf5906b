"""Changes: from one series to another, point by point."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence

from fogline.services.cloudwatch.math.arguments import (
    Arguments,
    Function,
    Surroundings,
    exactly,
    like,
    number_of,
)
from fogline.services.cloudwatch.math.errors import ExpressionError
from fogline.services.cloudwatch.math.values import (
    Numbers,
    TimeSeries,
    Value,
    Word,
    computed,
    each,
)
from fogline.world.clock import SECOND

CHANGES: Mapping[str, Callable[[float], float]] = {
    "ABS": abs,
    "CEIL": math.ceil,
    "FLOOR": math.floor,
    "LOG": math.log,
    "LOG10": math.log10,
}


def changing(name: str) -> Function:
    change = CHANGES[name]

    def changed(given: Arguments, around: Surroundings) -> Value:
        (value,) = exactly(name, given, 1)
        if isinstance(value, float):
            result = computed(change, value)
            return math.nan if result is None else float(result)

        def change_all(series: TimeSeries) -> TimeSeries:
            around.budget.spend(len(series.numbers))
            known = series.numbers.items()
            return like(series, {at: computed(change, number) for at, number in known})

        return each(value, change_all)

    return changed


def _diff(before: tuple[int, float], after: tuple[int, float]) -> float:
    return after[1] - before[1]


def _diff_time(before: tuple[int, float], after: tuple[int, float]) -> float:
    return (after[0] - before[0]) / SECOND


def _rate(before: tuple[int, float], after: tuple[int, float]) -> float:
    return _diff(before, after) / _diff_time(before, after)


STEPS = {"DIFF": _diff, "DIFF_TIME": _diff_time, "RATE": _rate}


def stepping(name: str) -> Function:
    step = STEPS[name]

    def stepped(given: Arguments, around: Surroundings) -> Value:
        (value,) = exactly(name, given, 1)

        def step_all(series: TimeSeries) -> TimeSeries:
            around.budget.spend(len(series.numbers))
            pairs = itertools.pairwise(series.numbers.items())
            return like(series, {after[0]: step(before, after) for before, after in pairs})

        return each(value, step_all)

    return stepped


def running_sum(given: Arguments, around: Surroundings) -> Value:
    (value,) = exactly("RUNNING_SUM", given, 1)

    def run(series: TimeSeries) -> TimeSeries:
        around.budget.spend(len(series.numbers))
        sums = itertools.accumulate(series.numbers.values())
        return like(series, dict(zip(series.numbers, sums, strict=True)))

    return each(value, run)


def fill(given: Arguments, around: Surroundings) -> Value:
    value, filler = exactly("FILL", given, 2)
    if isinstance(filler, Word) and filler not in ("REPEAT", "LINEAR"):
        raise ExpressionError("FILL takes a number, a time series, REPEAT or LINEAR.")

    def fill_all(series: TimeSeries) -> TimeSeries:
        instants = around.instants(series.period)
        around.budget.spend(len(instants))
        numbers = series.numbers
        if filler == "LINEAR":
            return like(series, _interpolated(numbers, instants))
        filled: dict[int, float | None] = {}
        last: float | None = None
        for at in instants:
            last = numbers.get(at, last)
            if at in numbers or filler == "REPEAT":
                filled[at] = last
            elif isinstance(filler, TimeSeries):
                filled[at] = filler.numbers.get(at)
            else:
                filled[at] = number_of("FILL", filler)
        return like(series, filled)

    return each(value, fill_all)


def _interpolated(numbers: Numbers, instants: Sequence[int]) -> dict[int, float | None]:
    known = list(numbers)
    filled: dict[int, float | None] = {}
    for at in instants:
        place = bisect_right(known, at)
        if at in numbers:
            filled[at] = numbers[at]
        elif 0 < place < len(known):
            before, after = known[place - 1], known[place]
            share = (at - before) / (after - before)
            filled[at] = numbers[before] * (1 - share) + numbers[after] * share
    return filled


def if_(given: Arguments, around: Surroundings) -> Value:
    condition, yes, no = exactly("IF", given, 3)
    if isinstance(condition, float):
        return yes if _holds(condition) else no

    def choose(series: TimeSeries) -> TimeSeries:
        around.budget.spend(len(series.numbers))
        known = series.numbers.items()
        return like(series, {at: _chosen(yes if _holds(each) else no, at) for at, each in known})

    return each(condition, choose)


def _holds(number: float) -> bool:
    return bool(number) and not math.isnan(number)


def _chosen(value: Value, at: int) -> float | None:
    if isinstance(value, TimeSeries):
        return value.numbers.get(at)
    return number_of("IF", value)
