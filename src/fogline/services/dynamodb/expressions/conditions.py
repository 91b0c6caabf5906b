"""Conditions as closures: each takes an item and the bound values, and says true or false."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from fogline.services.dynamodb.comparison import (
    begins_with,
    contains,
    equal,
    less,
    less_or_equal,
    size,
)
from fogline.services.dynamodb.expressions import nodes
from fogline.services.dynamodb.expressions.operand_types import Values
from fogline.services.dynamodb.expressions.paths import reader
from fogline.services.dynamodb.values import Value

Test: TypeAlias = Callable[[Mapping[str, Value], Values], bool]
Fetch: TypeAlias = Callable[[Mapping[str, Value], Values], Value | None]


def test_of(condition: nodes.Condition) -> Test:
    """The closure that decides a condition."""
    if isinstance(condition, nodes.Comparison):
        return _comparison(condition)
    if isinstance(condition, nodes.Function):
        return _function(condition)
    if isinstance(condition, nodes.Every):
        return _every(tuple(map(test_of, condition.conditions)))
    if isinstance(condition, nodes.Any):
        return _any(tuple(map(test_of, condition.conditions)))
    if isinstance(condition, nodes.Not):
        inner = test_of(condition.condition)
        return lambda item, values: not inner(item, values)
    if isinstance(condition, nodes.Between):
        return _between(condition)
    return _in(condition)


def _every(tests: tuple[Test, ...]) -> Test:
    if len(tests) == 2:
        first, second = tests
        return lambda item, values: first(item, values) and second(item, values)

    return lambda item, values: all(each(item, values) for each in tests)


def _any(tests: tuple[Test, ...]) -> Test:
    return lambda item, values: any(each(item, values) for each in tests)


def fetch_of(operand: nodes.Operand) -> Fetch:
    """The closure that finds an operand's value, or None where the item has none."""
    if isinstance(operand, nodes.ValueOperand):
        name = operand.name
        return lambda item, values: values[name]
    if isinstance(operand, nodes.PathOperand):
        if len(operand.path) == 1:
            attribute = str(operand.path[0])
            return lambda item, values: item.get(attribute)
        read = reader(operand.path)
        return lambda item, values: read(item)
    assert isinstance(operand, nodes.Function), "conditions have no arithmetic"
    assert operand.name == "size", "the parser lets no other function stand as an operand"
    inner = fetch_of(operand.operands[0])

    def measured(item: Mapping[str, Value], values: Values) -> Value | None:
        value = inner(item, values)
        return None if value is None else size(value)

    return measured


def _comparison(comparison: nodes.Comparison) -> Test:
    left, right = fetch_of(comparison.left), fetch_of(comparison.right)
    if comparison.operator == "<>":
        # What is absent differs from whatever is there.
        def differs(item: Mapping[str, Value], values: Values) -> bool:
            mine, theirs = left(item, values), right(item, values)
            return mine is None or theirs is None or not equal(mine, theirs)

        return differs
    if comparison.operator in (">", ">="):
        left, right = right, left
    return _both(left, right, _COMPARE[comparison.operator])


_COMPARE: Mapping[str, Callable[[Value, Value], bool]] = {
    "=": equal,
    "<": less,
    "<=": less_or_equal,
    ">": less,
    ">=": less_or_equal,
}


def _both(left: Fetch, right: Fetch, compare: Callable[[Value, Value], bool]) -> Test:
    def test(item: Mapping[str, Value], values: Values) -> bool:
        mine = left(item, values)
        if mine is None:
            return False
        theirs = right(item, values)
        return theirs is not None and compare(mine, theirs)

    return test


def _between(between: nodes.Between) -> Test:
    operand, low, high = map(fetch_of, (between.operand, between.low, between.high))
    above = _both(low, operand, less_or_equal)
    below = _both(operand, high, less_or_equal)
    return lambda item, values: above(item, values) and below(item, values)


def _in(membership: nodes.In) -> Test:
    operand = fetch_of(membership.operand)
    choices = tuple(map(fetch_of, membership.choices))

    def test(item: Mapping[str, Value], values: Values) -> bool:
        mine = operand(item, values)
        if mine is None:
            return False
        for choice in choices:
            theirs = choice(item, values)
            if theirs is not None and equal(mine, theirs):
                return True
        return False

    return test


def _function(function: nodes.Function) -> Test:
    first = fetch_of(function.operands[0])
    if function.name == "attribute_exists":
        return lambda item, values: first(item, values) is not None
    if function.name == "attribute_not_exists":
        return lambda item, values: first(item, values) is None
    second = fetch_of(function.operands[1])
    return _both(first, second, _FUNCTIONS[function.name])


def _is_of_type(value: Value, wanted: Value) -> bool:
    return wanted.get("S") in value


_FUNCTIONS: Mapping[str, Callable[[Value, Value], bool]] = {
    "attribute_type": _is_of_type,
    "begins_with": begins_with,
    "contains": contains,
}
