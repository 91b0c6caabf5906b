"""Arrays: picked from, sorted and counted."""

from __future__ import annotations

import math

from fogline.services.cloudwatch.math.arguments import (
    Arguments,
    Surroundings,
    as_array,
    exactly,
    whole_number,
)
from fogline.services.cloudwatch.math.errors import ExpressionError
from fogline.services.cloudwatch.math.reductions import REDUCTIONS, reduced
from fogline.services.cloudwatch.math.values import (
    Array,
    TimeSeries,
    Value,
)

_RANKS = ("AVG", "MIN", "MAX", "SUM")


def remove_empty(given: Arguments, around: Surroundings) -> Value:
    (value,) = exactly("REMOVE_EMPTY", given, 1)
    return Array(series for series in as_array("REMOVE_EMPTY", value) if series.numbers)


def metrics(given: Arguments, around: Surroundings) -> Value:
    if len(given) > 1 or (given and type(given[0]) is not str):
        raise ExpressionError("METRICS takes nothing, or a text that ids hold.")
    part = str(given[0]) if given else ""
    return Array(series for name, series in around.metrics() if part in name)


def metric_count(given: Arguments, around: Surroundings) -> Value:
    (value,) = exactly("METRIC_COUNT", given, 1)
    return float(len(as_array("METRIC_COUNT", value)))


def first(given: Arguments, around: Surroundings) -> Value:
    (value,) = exactly("FIRST", given, 1)
    return _nth(as_array("FIRST", value), 0)


def last(given: Arguments, around: Surroundings) -> Value:
    (value,) = exactly("LAST", given, 1)
    return _nth(as_array("LAST", value), -1)


def slice_(given: Arguments, around: Surroundings) -> Value:
    if len(given) not in (2, 3):
        raise ExpressionError("SLICE takes an array and one or two numbers.")
    array = as_array("SLICE", given[0])
    bounds = [whole_number("SLICE", each) for each in given[1:]]
    return Array(array[slice(*bounds)]) if len(bounds) == 2 else _nth(array, bounds[0])


def _nth(array: Array, place: int) -> TimeSeries:
    return array[place] if -len(array) <= place < len(array) else TimeSeries({})


def sort(given: Arguments, around: Surroundings) -> Value:
    if len(given) not in (3, 4):
        raise ExpressionError("SORT takes an array, a function, ASC or DESC, and perhaps a number.")
    array, by, order = as_array("SORT", given[0]), given[1], given[2]
    if not isinstance(by, str) or by not in _RANKS or order not in ("ASC", "DESC"):
        raise ExpressionError("SORT takes AVG, MIN, MAX or SUM, and then ASC or DESC.")

    def rank(series: TimeSeries) -> tuple[bool, float]:
        worth = reduced(REDUCTIONS[by], series, around)
        is_unknown = math.isnan(worth) or not series.numbers
        return is_unknown, 0.0 if is_unknown else worth if order == "ASC" else -worth

    ordered = sorted(array, key=rank)
    return Array(ordered[: whole_number("SORT", given[3])] if len(given) == 4 else ordered)
