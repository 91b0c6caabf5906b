"""Operators between two values."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from fogline.aws.jsonata.errors import EvaluationFailed
from fogline.aws.jsonata.values import (
    MISSING,
    Frame,
    Node,
    Sequence,
    is_equal,
    is_number,
    is_true,
    number,
    text_of,
)

_RANGE_MAX = 10_000_000
"""JSONata's own limit, with an error of its own; the steps end sooner."""


def _arithmetic(operator: str, left: Node, right: Node) -> Node:
    work = _ARITHMETIC[operator]

    def arithmetic(item: Any, frame: Frame) -> Any:
        a = left(item, frame)
        b = right(item, frame)
        if a is not MISSING and not is_number(a):
            raise EvaluationFailed("T2001", token=operator, value=a)
        if b is not MISSING and not is_number(b):
            raise EvaluationFailed("T2002", token=operator, value=b)
        if a is MISSING or b is MISSING:
            return MISSING
        try:
            return number(work(a, b))
        except (ArithmeticError, ValueError):
            raise EvaluationFailed("D1001", value="Infinity") from None

    return arithmetic


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "%": math.fmod,
}


def _equality(operator: str, left: Node, right: Node) -> Node:
    wanted = operator == "="

    def equality(item: Any, frame: Frame) -> Any:
        a = left(item, frame)
        b = right(item, frame)
        if a is MISSING or b is MISSING:
            return False
        return is_equal(a, b, frame.run) is wanted

    return equality


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: bool(a < b),
    "<=": lambda a, b: bool(a <= b),
    ">": lambda a, b: bool(a > b),
    ">=": lambda a, b: bool(a >= b),
}


def _comparison(operator: str, left: Node, right: Node) -> Node:
    compare = _COMPARISONS[operator]

    def comparison(item: Any, frame: Frame) -> Any:
        a = left(item, frame)
        b = right(item, frame)
        for value in (a, b):
            if value is not MISSING and not is_number(value) and type(value) is not str:
                raise EvaluationFailed("T2010", token=operator)
        if a is MISSING or b is MISSING:
            return MISSING
        if (type(a) is str) is not (type(b) is str):
            raise EvaluationFailed("T2009", token=operator, value=a, value2=b)
        return compare(a, b)

    return comparison


def _and(operator: str, left: Node, right: Node) -> Node:
    return lambda item, frame: (
        is_true(left(item, frame), frame.run) and is_true(right(item, frame), frame.run)
    )


def _or(operator: str, left: Node, right: Node) -> Node:
    return lambda item, frame: (
        is_true(left(item, frame), frame.run) or is_true(right(item, frame), frame.run)
    )


def _concatenation(operator: str, left: Node, right: Node) -> Node:
    def concatenation(item: Any, frame: Frame) -> Any:
        a = left(item, frame)
        b = right(item, frame)
        run = frame.run
        first = a if type(a) is str else "" if a is MISSING else text_of(a, run)
        second = b if type(b) is str else "" if b is MISSING else text_of(b, run)
        run.charge_text(len(first) + len(second))
        return first + second

    return concatenation


def _inclusion(operator: str, left: Node, right: Node) -> Node:
    def inclusion(item: Any, frame: Frame) -> Any:
        a = left(item, frame)
        b = right(item, frame)
        if a is MISSING or b is MISSING:
            return False
        candidates = b if isinstance(b, list) else [b]
        frame.run.charge(len(candidates))
        if isinstance(a, (list, dict)):
            return any(each is a for each in candidates)
        return any(is_equal(a, each, frame.run) for each in candidates)

    return inclusion


def _range(operator: str, left: Node, right: Node) -> Node:
    def span(item: Any, frame: Frame) -> Any:
        first = left(item, frame)
        last = right(item, frame)
        if first is not MISSING and type(first) is not int:
            raise EvaluationFailed("T2003", value=first)
        if last is not MISSING and type(last) is not int:
            raise EvaluationFailed("T2004", value=last)
        if first is MISSING or last is MISSING or first > last:
            return MISSING
        size = last - first + 1
        if size > _RANGE_MAX:
            raise EvaluationFailed("D2014", value=size)
        frame.run.charge(size)
        return Sequence(range(first, last + 1))

    return span


OPERATORS: dict[str, Callable[[str, Node, Node], Node]] = {
    **dict.fromkeys("+-*/%", _arithmetic),
    **dict.fromkeys(("=", "!="), _equality),
    **dict.fromkeys(("<", "<=", ">", ">="), _comparison),
    "and": _and,
    "or": _or,
    "&": _concatenation,
    "in": _inclusion,
    "..": _range,
}
