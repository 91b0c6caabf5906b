"""The functions of metric math."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol

from fogline.services.cloudwatch.math.errors import ExpressionError
from fogline.services.cloudwatch.math.values import (
    Array,
    Budget,
    Numbers,
    TimeSeries,
    Value,
    Word,
    computed,
    each,
)
from fogline.world.clock import SECOND


class Surroundings(Protocol):
    """What functions may ask about the request that they belong to."""

    budget: Budget

    def instants(self, period: int) -> Sequence[int]:
        """When each period of so many seconds begins. Raises ExpressionError where they are too many."""

    def metrics(self) -> Sequence[tuple[str, TimeSeries]]:
        """The metrics of the request, by their ids."""


Arguments = Sequence[Value]
Function = Callable[[Arguments, Surroundings], Value]

ABSENT = frozenset(
    (
        "ANOMALY_DETECTION_BAND", "DB_PERF_INSIGHTS", "INSIGHT_RULE_METRIC", "LAMBDA", "SEARCH",
        "SERVICE_QUOTA",
    )
)  # fmt: skip
"""What AWS has and Fogline has not."""


def find_function(name: str) -> Function:
    """Raises ExpressionError for what is no function, or none of ours."""
    if name in ABSENT:
        raise ExpressionError(f"Fogline does not implement the function {name} yet.")
    if name not in FUNCTIONS:
        raise ExpressionError(f"There is no function {name[:50]}.")
    return FUNCTIONS[name]


# ---- over series, or over all series of an array at each instant

_Reduction = Callable[[Sequence[float]], float]


def _mean(numbers: Sequence[float]) -> float:
    return math.fsum(numbers) / len(numbers)


def _deviation(numbers: Sequence[float]) -> float:
    mean = _mean(numbers)
    return math.sqrt(math.fsum((number - mean) ** 2 for number in numbers) / len(numbers))


_REDUCTIONS: Mapping[str, _Reduction] = {
    "SUM": math.fsum,
    "AVG": _mean,
    "MIN": min,
    "MAX": max,
    "STDDEV": _deviation,
    "DATAPOINT_COUNT": len,
}


def _reducing(name: str) -> Function:
    reduction = _REDUCTIONS[name]

    def reduce(given: Arguments, around: Surroundings) -> Value:
        (value,) = _exactly(name, given, 1)
        if isinstance(value, Array):
            return _across(reduction, value, around)
        return _reduced(reduction, _series(name, value), around)

    return reduce


def _reduced(reduction: _Reduction, series: TimeSeries, around: Surroundings) -> float:
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


# ---- one number at a time

_CHANGES: Mapping[str, Callable[[float], float]] = {
    "ABS": abs,
    "CEIL": math.ceil,
    "FLOOR": math.floor,
    "LOG": math.log,
    "LOG10": math.log10,
}


def _changing(name: str) -> Function:
    change = _CHANGES[name]

    def changed(given: Arguments, around: Surroundings) -> Value:
        (value,) = _exactly(name, given, 1)
        if isinstance(value, float):
            result = computed(change, value)
            return math.nan if result is None else float(result)

        def change_all(series: TimeSeries) -> TimeSeries:
            around.budget.spend(len(series.numbers))
            known = series.numbers.items()
            return _like(series, {at: computed(change, number) for at, number in known})

        return each(value, change_all)

    return changed


# ---- from one point to the next


def _diff(before: tuple[int, float], after: tuple[int, float]) -> float:
    return after[1] - before[1]


def _diff_time(before: tuple[int, float], after: tuple[int, float]) -> float:
    return (after[0] - before[0]) / SECOND


def _rate(before: tuple[int, float], after: tuple[int, float]) -> float:
    return _diff(before, after) / _diff_time(before, after)


_STEPS = {"DIFF": _diff, "DIFF_TIME": _diff_time, "RATE": _rate}


def _stepping(name: str) -> Function:
    step = _STEPS[name]

    def stepped(given: Arguments, around: Surroundings) -> Value:
        (value,) = _exactly(name, given, 1)

        def step_all(series: TimeSeries) -> TimeSeries:
            around.budget.spend(len(series.numbers))
            pairs = itertools.pairwise(series.numbers.items())
            return _like(series, {after[0]: step(before, after) for before, after in pairs})

        return each(value, step_all)

    return stepped


def _running_sum(given: Arguments, around: Surroundings) -> Value:
    (value,) = _exactly("RUNNING_SUM", given, 1)

    def run(series: TimeSeries) -> TimeSeries:
        around.budget.spend(len(series.numbers))
        sums = itertools.accumulate(series.numbers.values())
        return _like(series, dict(zip(series.numbers, sums, strict=True)))

    return each(value, run)


# ---- where there is nothing


def _fill(given: Arguments, around: Surroundings) -> Value:
    value, filler = _exactly("FILL", given, 2)
    if isinstance(filler, Word) and filler not in ("REPEAT", "LINEAR"):
        raise ExpressionError("FILL takes a number, a time series, REPEAT or LINEAR.")

    def fill(series: TimeSeries) -> TimeSeries:
        instants = around.instants(series.period)
        around.budget.spend(len(instants))
        numbers = series.numbers
        if filler == "LINEAR":
            return _like(series, _interpolated(numbers, instants))
        filled: dict[int, float | None] = {}
        last: float | None = None
        for at in instants:
            last = numbers.get(at, last)
            if at in numbers or filler == "REPEAT":
                filled[at] = last
            elif isinstance(filler, TimeSeries):
                filled[at] = filler.numbers.get(at)
            else:
                filled[at] = _number("FILL", filler)
        return _like(series, filled)

    return each(value, fill)


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


def _remove_empty(given: Arguments, around: Surroundings) -> Value:
    (value,) = _exactly("REMOVE_EMPTY", given, 1)
    return Array(series for series in _array("REMOVE_EMPTY", value) if series.numbers)


# ---- choices


def _if(given: Arguments, around: Surroundings) -> Value:
    condition, yes, no = _exactly("IF", given, 3)
    if isinstance(condition, float):
        return yes if _holds(condition) else no

    def choose(series: TimeSeries) -> TimeSeries:
        around.budget.spend(len(series.numbers))
        known = series.numbers.items()
        return _like(series, {at: _chosen(yes if _holds(each) else no, at) for at, each in known})

    return each(condition, choose)


def _holds(number: float) -> bool:
    return bool(number) and not math.isnan(number)


def _chosen(value: Value, at: int) -> float | None:
    if isinstance(value, TimeSeries):
        return value.numbers.get(at)
    return _number("IF", value)


# ---- arrays


def _metrics(given: Arguments, around: Surroundings) -> Value:
    if len(given) > 1 or (given and type(given[0]) is not str):
        raise ExpressionError("METRICS takes nothing, or a text that ids hold.")
    part = str(given[0]) if given else ""
    return Array(series for name, series in around.metrics() if part in name)


def _metric_count(given: Arguments, around: Surroundings) -> Value:
    (value,) = _exactly("METRIC_COUNT", given, 1)
    return float(len(_array("METRIC_COUNT", value)))


def _first(given: Arguments, around: Surroundings) -> Value:
    (value,) = _exactly("FIRST", given, 1)
    return _nth(_array("FIRST", value), 0)


def _last(given: Arguments, around: Surroundings) -> Value:
    (value,) = _exactly("LAST", given, 1)
    return _nth(_array("LAST", value), -1)


def _slice(given: Arguments, around: Surroundings) -> Value:
    if len(given) not in (2, 3):
        raise ExpressionError("SLICE takes an array and one or two numbers.")
    array = _array("SLICE", given[0])
    bounds = [_whole("SLICE", each) for each in given[1:]]
    return Array(array[slice(*bounds)]) if len(bounds) == 2 else _nth(array, bounds[0])


def _nth(array: Array, place: int) -> TimeSeries:
    return array[place] if -len(array) <= place < len(array) else TimeSeries({})


def _sort(given: Arguments, around: Surroundings) -> Value:
    if len(given) not in (3, 4):
        raise ExpressionError("SORT takes an array, a function, ASC or DESC, and perhaps a number.")
    array, by, order = _array("SORT", given[0]), str(given[1]), str(given[2])
    if by not in ("AVG", "MIN", "MAX", "SUM") or order not in ("ASC", "DESC"):
        raise ExpressionError("SORT takes AVG, MIN, MAX or SUM, and then ASC or DESC.")

    def rank(series: TimeSeries) -> tuple[bool, float]:
        worth = _reduced(_REDUCTIONS[by], series, around)
        is_unknown = math.isnan(worth) or not series.numbers
        return is_unknown, 0.0 if is_unknown else worth if order == "ASC" else -worth

    ordered = sorted(array, key=rank)
    return Array(ordered[: _whole("SORT", given[3])] if len(given) == 4 else ordered)


# ---- time

_TIMES: Mapping[str, Callable[[datetime], float]] = {
    "MINUTE": lambda at: at.minute,
    "HOUR": lambda at: at.hour,
    "DAY": lambda at: at.isoweekday(),
    "DATE": lambda at: at.day,
    "MONTH": lambda at: at.month,
    "YEAR": lambda at: at.year,
    "EPOCH": lambda at: at.timestamp(),
}


def _timing(name: str) -> Function:
    told = _TIMES[name]

    def timed(given: Arguments, around: Surroundings) -> Value:
        (value,) = _exactly(name, given, 1)
        series = _series(name, value)
        instants = around.instants(series.period)
        around.budget.spend(len(instants))
        return _like(
            series, {at: float(told(datetime.fromtimestamp(at / SECOND, UTC))) for at in instants}
        )

    return timed


def _time_series(given: Arguments, around: Surroundings) -> Value:
    (value,) = _exactly("TIME_SERIES", given, 1)
    number = _number("TIME_SERIES", value)
    known = around.metrics()
    period = known[0][1].period if known else 60
    instants = around.instants(period)
    around.budget.spend(len(instants))
    numbers = {} if math.isnan(number) else dict.fromkeys(instants, number)
    return TimeSeries(numbers, "", period)


def _period(given: Arguments, around: Surroundings) -> Value:
    (value,) = _exactly("PERIOD", given, 1)
    return float(_series("PERIOD", value).period)


# ---- what was given


def _exactly(name: str, given: Arguments, count: int) -> Arguments:
    if len(given) != count:
        raise ExpressionError(f"{name} takes {count} arguments, and got {len(given)}.")
    return given


def _series(name: str, value: Value) -> TimeSeries:
    if not isinstance(value, TimeSeries):
        raise ExpressionError(f"{name} takes a time series.")
    return value


def _array(name: str, value: Value) -> Array:
    if isinstance(value, TimeSeries):
        return Array([value])
    if not isinstance(value, Array):
        raise ExpressionError(f"{name} takes an array of time series.")
    return value


def _number(name: str, value: Value) -> float:
    if not isinstance(value, float):
        raise ExpressionError(f"{name} takes a number there.")
    return value


def _whole(name: str, value: Value) -> int:
    number = _number(name, value)
    if not -1_000_000 < number < 1_000_000:
        raise ExpressionError(f"{name} takes a whole number there.")
    return int(number)


def _like(series: TimeSeries, numbers: Mapping[int, float | None]) -> TimeSeries:
    pairs = ((at, each) for at, each in numbers.items() if each is not None)
    return TimeSeries(
        {at: float(each) for at, each in pairs if math.isfinite(each)}, series.label, series.period
    )


FUNCTIONS: Mapping[str, Function] = {
    **{name: _reducing(name) for name in _REDUCTIONS},
    **{name: _changing(name) for name in _CHANGES},
    **{name: _stepping(name) for name in _STEPS},
    **{name: _timing(name) for name in _TIMES},
    "FILL": _fill,
    "FIRST": _first,
    "IF": _if,
    "LAST": _last,
    "METRICS": _metrics,
    "METRIC_COUNT": _metric_count,
    "PERIOD": _period,
    "REMOVE_EMPTY": _remove_empty,
    "RUNNING_SUM": _running_sum,
    "SLICE": _slice,
    "SORT": _sort,
    "TIME_SERIES": _time_series,
}
