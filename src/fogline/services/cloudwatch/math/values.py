"""The values of metric math: numbers, series in time, and arrays of those."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from fogline.services.cloudwatch.math.errors import ExpressionError

Numbers = dict[int, float]
"""By the instant at which the period begins, in rising order. Where there is nothing, there is no key."""


@dataclass(frozen=True, slots=True)
class TimeSeries:
    """Numbers in time, what they are called, and the period they have, in seconds."""

    numbers: Numbers
    label: str = ""
    period: int = 60


class Array(list[TimeSeries]):
    """Several series."""


class Word(str):
    """A word with a meaning of its own, such as REPEAT or DESC."""

    __slots__ = ()


Value = float | TimeSeries | Array | Word | str

Operation = Callable[[float, float], float]


class Budget:
    """How many numbers the expressions of one request may still look at."""

    def __init__(self, work_max: int) -> None:
        self._left = work_max

    def spend(self, work: int) -> None:
        self._left -= work + 1
        if self._left < 0:
            raise ExpressionError("It takes too much work. Decrease the time range.")


def _divided(one: float, other: float) -> float:
    return one / other if other else math.nan


OPERATIONS: dict[str, Operation] = {
    "+": lambda one, other: one + other,
    "-": lambda one, other: one - other,
    "*": lambda one, other: one * other,
    "/": _divided,
    "^": math.pow,
    "==": lambda one, other: float(one == other),
    "!=": lambda one, other: float(one != other),
    "<": lambda one, other: float(one < other),
    ">": lambda one, other: float(one > other),
    "<=": lambda one, other: float(one <= other),
    ">=": lambda one, other: float(one >= other),
    "AND": lambda one, other: float(bool(one) and bool(other)),
    "OR": lambda one, other: float(bool(one) or bool(other)),
}


def computed(operation: Callable[..., float], *operands: float) -> float | None:
    """What comes of it, or None where it has no finite result: such points are left out."""
    try:
        result = operation(*operands)
    except (ValueError, OverflowError, ZeroDivisionError):
        return None
    return result if math.isfinite(result) else None


def finite(pairs: Iterable[tuple[int, float | None]]) -> Numbers:
    return {at: value for at, value in pairs if value is not None}


def each(value: Value, change: Callable[[TimeSeries], TimeSeries]) -> TimeSeries | Array:
    """The change made to a series, or to every one of an array."""
    if isinstance(value, TimeSeries):
        return change(value)
    if isinstance(value, Array):
        return Array(change(one) for one in value)
    raise ExpressionError("A time series is needed, and something else was given.")


def binary(symbol: str, one: Value, other: Value, budget: Budget) -> Value:
    """An operator between numbers, series and arrays; points that only one side has are left out."""
    operation = OPERATIONS[symbol]
    if isinstance(one, Array) and isinstance(other, Array):
        if len(one) != len(other):
            raise ExpressionError(f"The arrays on both sides of '{symbol}' differ in length.")
        return Array(
            _series(operation, left, right, budget) for left, right in zip(one, other, strict=True)
        )
    for side in (one, other):
        if not isinstance(side, float | TimeSeries | Array):
            raise ExpressionError(f"'{symbol}' stands between numbers and time series only.")
    if isinstance(one, Array):
        return Array(_series(operation, left, other, budget) for left in one)
    if isinstance(other, Array):
        return Array(_series(operation, one, right, budget) for right in other)
    if isinstance(one, float) and isinstance(other, float):
        result = computed(operation, one, other)
        return math.nan if result is None else result
    return _series(operation, one, other, budget)


def _series(operation: Operation, one: Value, other: Value, budget: Budget) -> TimeSeries:
    if isinstance(one, TimeSeries) and isinstance(other, TimeSeries):
        budget.spend(len(one.numbers))
        right = other.numbers
        pairs = (
            (at, computed(operation, value, right[at]))
            for at, value in one.numbers.items()
            if at in right
        )
        return TimeSeries(finite(pairs), one.label, one.period)
    if isinstance(one, TimeSeries) and isinstance(other, float):
        budget.spend(len(one.numbers))
        known = one.numbers.items()
        return TimeSeries(
            finite((at, computed(operation, value, other)) for at, value in known),
            one.label,
            one.period,
        )
    assert isinstance(one, float)
    assert isinstance(other, TimeSeries)
    budget.spend(len(other.numbers))
    known = other.numbers.items()
    return TimeSeries(
        finite((at, computed(operation, one, value)) for at, value in known),
        other.label,
        other.period,
    )
