"""Checks that depend on the values bound to an expression, in the words AWS refuses them with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from fogline.services.dynamodb.comparison import rank
from fogline.services.dynamodb.errors import ValidationException
from fogline.services.dynamodb.expressions import nodes
from fogline.services.dynamodb.values import TYPE_NAMES, Value, shown

Values: TypeAlias = Mapping[str, Value]
Check: TypeAlias = Callable[[Values], None]

_ORDERED = frozenset(("S", "N", "B"))
_SIZED = frozenset(("S", "B", "SS", "NS", "BS", "L", "M"))
_ALL_TYPES = "{B,NULL,SS,BOOL,L,BS,N,NS,S,M}"
_ALLOWED_IN_SECTION = {
    "ADD": frozenset(("N", "SS", "NS", "BS")),
    "DELETE": frozenset(("SS", "NS", "BS")),
}


def checks_of_condition(kind: str, condition: nodes.Condition) -> tuple[Check, ...]:
    """The checks a condition asks of its values, in the order of its text."""
    checks: list[Check] = []
    for predicate in nodes.predicates(condition):
        for operand in nodes.operands_of(predicate):
            if isinstance(operand, nodes.Function):
                checks += _checks_of_function(kind, operand)
        if isinstance(predicate, nodes.Comparison) and predicate.operator not in ("=", "<>"):
            for operand in (predicate.left, predicate.right):
                checks += _typed(kind, operand, predicate.operator, _ORDERED)
        elif isinstance(predicate, nodes.Between):
            for operand in nodes.operands_of(predicate):
                checks += _typed(kind, operand, "BETWEEN", _ORDERED)
            checks += _bounded(kind, predicate)
        elif isinstance(predicate, nodes.Function):
            checks += _checks_of_function(kind, predicate)
    return tuple(checks)


def checks_of_update(kind: str, actions: tuple[nodes.Action, ...]) -> tuple[Check, ...]:
    """The checks an update asks of its values, in the order of its text."""
    checks: list[Check] = []
    for action in actions:
        if action.operand is None:
            continue
        if action.section == "SET":
            checks += _checks_of_operand(kind, action.operand)
        else:
            assert isinstance(action.operand, nodes.ValueOperand), "the grammar says so"
            checks.append(_in_section(kind, action.section, action.operand.name))
    return tuple(checks)


def _checks_of_operand(kind: str, operand: nodes.Operand) -> list[Check]:
    if isinstance(operand, nodes.Arithmetic):
        checks = _checks_of_operand(kind, operand.left) + _checks_of_operand(kind, operand.right)
        for each in (operand.left, operand.right):
            checks += _typed(kind, each, operand.operator, frozenset("N"))
        return checks
    if isinstance(operand, nodes.Function):
        return _checks_of_function(kind, operand)
    return []


def _checks_of_function(kind: str, function: nodes.Function) -> list[Check]:
    checks: list[Check] = []
    for operand in function.operands:
        checks += _checks_of_operand(kind, operand)
    name, operands = function.name, function.operands
    if name == "begins_with":
        for operand in operands:
            checks += _typed(kind, operand, name, frozenset("SB"))
    elif name == "size":
        checks += _typed(kind, operands[0], name, _SIZED)
    elif name == "list_append":
        for operand in operands:
            checks += _typed(kind, operand, name, frozenset("L"))
    elif name == "attribute_type":
        checks += _typed(kind, operands[1], name, frozenset("S"))
        if isinstance(operands[1], nodes.ValueOperand):
            checks.append(_type_name(kind, operands[1].name))
    return checks


def _typed(
    kind: str, operand: nodes.Operand, operator: str, allowed: frozenset[str]
) -> list[Check]:
    if not isinstance(operand, nodes.ValueOperand):
        return []
    name = operand.name

    def check(values: Values) -> None:
        found = next(iter(values[name]))
        if found not in allowed:
            raise ValidationException(
                f"Invalid {kind}: Incorrect operand type for operator or function; "
                f"operator or function: {operator}, operand type: {found}"
            )

    return [check]


def _type_name(kind: str, name: str) -> Check:
    def check(values: Values) -> None:
        wanted = values[name]["S"]
        if wanted not in TYPE_NAMES:
            raise ValidationException(
                f"Invalid {kind}: Invalid attribute type name found; type: {wanted}, "
                f"valid types: {_ALL_TYPES}"
            )

    return check


def _bounded(kind: str, between: nodes.Between) -> list[Check]:
    if not (
        isinstance(between.low, nodes.ValueOperand) and isinstance(between.high, nodes.ValueOperand)
    ):
        return []
    low_name, high_name = between.low.name, between.high.name

    def check(values: Values) -> None:
        low, high = values[low_name], values[high_name]
        pair = rank(low, high)
        if pair is not None and pair[0] <= pair[1]:
            return
        rule = (
            "same data type for lower and upper bounds"
            if pair is None
            else "upper bound to be greater than or equal to lower bound"
        )
        raise ValidationException(
            f"Invalid {kind}: The BETWEEN operator requires {rule}; lower bound operand: "
            f"{shown(low)}, upper bound operand: {shown(high)}"
        )

    return [check]


def _in_section(kind: str, section: str, name: str) -> Check:
    allowed = _ALLOWED_IN_SECTION[section]

    def check(values: Values) -> None:
        found = next(iter(values[name]))
        if found not in allowed:
            raise ValidationException(
                f"Invalid {kind}: Incorrect operand type for operator or function; operator: "
                f"{section}, operand type: {TYPE_NAMES[found]}, "
                f"typeSet: ALLOWED_FOR_{section}_OPERANDS"
            )

    return check
