"""Carrying out expressions: one step after another, on a stack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.services.cloudwatch.math.arguments import Surroundings
from fogline.services.cloudwatch.math.errors import ExpressionError
from fogline.services.cloudwatch.math.functions import find_function
from fogline.services.cloudwatch.math.grammar import Expression, Step
from fogline.services.cloudwatch.math.values import Array, TimeSeries, Value, Word, binary


def evaluate(expression: Expression, known: Mapping[str, Value], around: Surroundings) -> Value:
    """What the expression comes to, given the queries it names. Raises ExpressionError."""
    stack: list[Value] = []
    for step in expression.steps:
        if step.takes:
            given = stack[-step.takes :]
            del stack[-step.takes :]
        else:
            given = []
        result = _result(step, given, known, around)
        if isinstance(result, Array):
            # However little is in its series: arrays of arrays grow fast.
            around.budget.spend(len(result))
        stack.append(result)
    (value,) = stack
    return value


def _result(
    step: Step, given: list[Value], known: Mapping[str, Value], around: Surroundings
) -> Value:
    around.budget.spend(0)
    kind, value = step.kind, step.value
    if kind == "series":
        return known[value]
    if kind == "binary":
        return binary(value, given[0], given[1], around.budget)
    if kind == "negate":
        return binary("-", 0.0, given[0], around.budget)
    if kind == "call":
        return find_function(value)(given, around)
    if kind == "array":
        return _array(given, around)
    return Word(value) if kind == "word" else _constant(value)


def _constant(value: Any) -> Value:
    assert isinstance(value, float | str)
    return value


def _array(given: list[Value], around: Surroundings) -> Array:
    array = Array()
    for each in given:
        # Spent before it is made.
        around.budget.spend(len(each) if isinstance(each, Array) else 1)
        if isinstance(each, TimeSeries):
            array.append(each)
        elif isinstance(each, Array):
            array.extend(each)
        else:
            raise ExpressionError("An array holds time series only.")
    return array
