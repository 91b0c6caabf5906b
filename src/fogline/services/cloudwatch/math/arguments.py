"""Arguments: what functions are given, and what they may ask of the request that they belong to."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from fogline.services.cloudwatch.math.errors import ExpressionError
from fogline.services.cloudwatch.math.values import Array, Budget, TimeSeries, Value


class Surroundings(Protocol):
    """What functions may ask about the request that they belong to."""

    budget: Budget

    def instants(self, period: int) -> Sequence[int]:
        """When each period of so many seconds begins. Raises ExpressionError where they are too many."""

    def metrics(self) -> Sequence[tuple[str, TimeSeries]]:
        """The metrics of the request, by their ids."""


Arguments = Sequence[Value]
Function = Callable[[Arguments, Surroundings], Value]


def exactly(name: str, given: Arguments, count: int) -> Arguments:
    if len(given) != count:
        raise ExpressionError(f"{name} takes {count} arguments, and got {len(given)}.")
    return given


def one_series(name: str, value: Value) -> TimeSeries:
    if not isinstance(value, TimeSeries):
        raise ExpressionError(f"{name} takes a time series.")
    return value


def as_array(name: str, value: Value) -> Array:
    if isinstance(value, TimeSeries):
        return Array([value])
    if not isinstance(value, Array):
        raise ExpressionError(f"{name} takes an array of time series.")
    return value


def number_of(name: str, value: Value) -> float:
    if not isinstance(value, float):
        raise ExpressionError(f"{name} takes a number there.")
    return value


def whole_number(name: str, value: Value) -> int:
    number = number_of(name, value)
    if not -1_000_000 < number < 1_000_000:
        raise ExpressionError(f"{name} takes a whole number there.")
    return int(number)


def like(series: TimeSeries, numbers: Mapping[int, float | None]) -> TimeSeries:
    pairs = ((at, each) for at, each in numbers.items() if each is not None)
    return TimeSeries(
        {at: float(each) for at, each in pairs if math.isfinite(each)}, series.label, series.period
    )
