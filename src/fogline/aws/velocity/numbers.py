"""Arithmetic and order as Java's numbers have them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from fogline.aws.velocity.errors import TemplateFailed
from fogline.aws.velocity.limits import INTEGER_BITS_MAX
from fogline.aws.velocity.run import Run
from fogline.aws.velocity.values import is_number, text_of

Number = int | float
Operation = Callable[[Any, Any, Run], Any]


def _bounded(value: Number) -> Number:
    if isinstance(value, int) and value.bit_length() > INTEGER_BITS_MAX:
        raise TemplateFailed("A number grows too large")
    return value


def _on_numbers(operation: Callable[[Number, Number], Number | None]) -> Operation:
    """What does not work on numbers has no value."""

    def apply(left: Any, right: Any, run: Run) -> Number | None:
        if not is_number(left) or not is_number(right):
            return None
        try:
            value = operation(left, right)
        except OverflowError:  # an integer that no double can hold
            return math.inf
        return None if value is None else _bounded(value)

    return apply


def add(left: Any, right: Any, run: Run) -> Any:
    """The sum of numbers; texts are put together, with whatever stands beside them."""
    if isinstance(left, str) or isinstance(right, str):
        before, after = text_of(left, run), text_of(right, run)
        run.charge_text(len(before) + len(after))
        return before + after
    return _sum(left, right, run)


def _quotient(left: Number, right: Number) -> Number | None:
    if isinstance(left, float) or isinstance(right, float):
        if right == 0:
            return math.nan if left == 0 or left != left else math.copysign(math.inf, left)
        return left / right
    if right == 0:
        return None
    whole = abs(left) // abs(right)
    return whole if (left < 0) is (right < 0) else -whole


def _remainder(left: Number, right: Number) -> Number | None:
    if isinstance(left, float) or isinstance(right, float):
        return math.nan if right == 0 or math.isinf(left) else math.fmod(left, right)
    if right == 0:
        return None
    rest = abs(left) % abs(right)
    return -rest if left < 0 else rest


def _ordered(holds: Callable[[Number, Number], bool]) -> Operation:
    """Only numbers have an order; of anything else none is larger."""

    def apply(left: Any, right: Any, run: Run) -> bool:
        return is_number(left) and is_number(right) and holds(left, right)

    return apply


_sum = _on_numbers(lambda left, right: left + right)
subtract = _on_numbers(lambda left, right: left - right)
multiply = _on_numbers(lambda left, right: left * right)
divide = _on_numbers(_quotient)
modulo = _on_numbers(_remainder)
is_less = _ordered(lambda left, right: left < right)
is_at_most = _ordered(lambda left, right: left <= right)
is_greater = _ordered(lambda left, right: left > right)
is_at_least = _ordered(lambda left, right: left >= right)
