"""The older parameters (`Expected`, `AttributeUpdates`, `KeyConditions`, ...), turned into the
trees that expressions are read into, with their values under placeholders of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fogline.services.dynamodb.errors import ValidationException, invalid_parameters
from fogline.services.dynamodb.expressions import nodes
from fogline.services.dynamodb.expressions.compiled import (
    Condition,
    Projection,
    Update,
    condition_from,
    update_from,
)
from fogline.services.dynamodb.expressions.key_conditions import KeyTest
from fogline.services.dynamodb.expressions.projections import projection_of
from fogline.services.dynamodb.values import Value, admit

_COMPARATORS = {"EQ": "=", "NE": "<>", "LT": "<", "LE": "<=", "GT": ">", "GE": ">="}
_COUNTS = {"NULL": 0, "NOT_NULL": 0, "BETWEEN": 2}
_SCALARS = frozenset("SNB")
_TYPES = {
    "LT": _SCALARS,
    "LE": _SCALARS,
    "GT": _SCALARS,
    "GE": _SCALARS,
    "BETWEEN": _SCALARS,
    "BEGINS_WITH": frozenset("SB"),
    "CONTAINS": frozenset(("S", "N", "B", "BOOL", "NULL")),
    "NOT_CONTAINS": frozenset(("S", "N", "B", "BOOL", "NULL")),
    "IN": _SCALARS,
}
_IN_KEYS = frozenset(("EQ", "LE", "LT", "GE", "GT", "BEGINS_WITH", "BETWEEN"))


class _Values:
    """Gives values placeholders."""

    def __init__(self) -> None:
        self.bound: dict[str, Value] = {}

    def operand(self, value: Value) -> nodes.ValueOperand:
        admit(value)
        name = f":{len(self.bound)}"
        self.bound[name] = value
        return nodes.ValueOperand(name)


def condition_of(
    request: Mapping[str, Any], parameter: str
) -> tuple[Condition, Mapping[str, Value]] | None:
    """The condition of `Expected`, `QueryFilter` or `ScanFilter`, with its values; None if absent."""
    given = request.get(parameter)
    operator = request.get("ConditionalOperator")
    if not given:
        if operator:
            raise ValidationException(
                "ConditionalOperator cannot be used without Filter or Expected"
            )
        return None
    if operator and len(given) < 2:
        raise ValidationException(
            "ConditionalOperator can only be used when Filter or Expected has two or more elements"
        )
    values = _Values()
    conditions = tuple(
        _expected(name, each, values) if parameter == "Expected" else _filter(name, each, values)
        for name, each in given.items()
    )
    tree: nodes.Condition = nodes.Any(conditions) if operator == "OR" else nodes.Every(conditions)
    return condition_from(tree, kind=parameter), values.bound


def _expected(name: str, given: Mapping[str, Any], values: _Values) -> nodes.Condition:
    path = nodes.PathOperand((name,))
    exists = given.get("Exists")
    if "ComparisonOperator" in given:
        if exists is not None:
            raise invalid_parameters(
                f"Exists and ComparisonOperator cannot be used together for Attribute: {name}"
            )
        if "Value" in given and "AttributeValueList" in given:
            raise invalid_parameters(
                f"Value and AttributeValueList cannot be used together for Attribute: {name}"
            )
        listed = [given["Value"]] if "Value" in given else given.get("AttributeValueList")
        return _compared(path, given["ComparisonOperator"], listed, values, name)
    if "AttributeValueList" in given:
        raise invalid_parameters(
            f"AttributeValueList can only be used with a ComparisonOperator for Attribute: {name}"
        )
    if exists is False:
        if "Value" in given:
            raise invalid_parameters(
                f"Value cannot be used when Exists is false for Attribute: {name}"
            )
        return nodes.Function("attribute_not_exists", (path,))
    if "Value" not in given:
        state = "null" if exists is None else "true"
        raise invalid_parameters(
            f"Value must be provided when Exists is {state} for Attribute: {name}"
        )
    return nodes.Comparison("=", path, values.operand(given["Value"]))


def _filter(name: str, given: Mapping[str, Any], values: _Values) -> nodes.Condition:
    return _compared(
        nodes.PathOperand((name,)),
        given["ComparisonOperator"],
        given.get("AttributeValueList"),
        values,
        name,
    )


def _compared(
    path: nodes.PathOperand,
    operator: str,
    given: list[Value] | None,
    values: _Values,
    name: str,
) -> nodes.Condition:
    if given is None and _COUNTS.get(operator) != 0:
        raise invalid_parameters(
            f"Value or AttributeValueList must be used with ComparisonOperator: {operator} "
            f"for Attribute: {name}"
        )
    operands = _operands(operator, given or [], values)
    if operator in _COMPARATORS:
        return nodes.Comparison(_COMPARATORS[operator], path, operands[0])
    if operator == "NULL":
        return nodes.Function("attribute_not_exists", (path,))
    if operator == "NOT_NULL":
        return nodes.Function("attribute_exists", (path,))
    if operator == "BETWEEN":
        return nodes.Between(path, operands[0], operands[1])
    if operator == "IN":
        return nodes.In(path, tuple(operands))
    if operator == "BEGINS_WITH":
        return nodes.Function("begins_with", (path, operands[0]))
    contains = nodes.Function("contains", (path, operands[0]))
    if operator == "CONTAINS":
        return contains
    return nodes.Every((nodes.Function("attribute_exists", (path,)), nodes.Not(contains)))


def _operands(operator: str, given: list[Value], values: _Values) -> list[nodes.ValueOperand]:
    operands = [values.operand(each) for each in given]
    wanted = _COUNTS.get(operator, 1)
    if len(operands) != wanted and not (operator == "IN" and operands):
        raise invalid_parameters(
            f"Invalid number of argument(s) for the {operator} ComparisonOperator"
        )
    allowed = _TYPES.get(operator)
    for value in given:
        [kind] = value
        if allowed is not None and kind not in allowed:
            raise invalid_parameters(
                f"ComparisonOperator {operator} is not valid for {kind} AttributeValue type"
            )
    return operands


def key_tests_of(given: Mapping[str, Any]) -> tuple[tuple[KeyTest, ...], Mapping[str, Value]]:
    """The tests of `KeyConditions`, with their values."""
    if not 1 <= len(given) <= 2:
        raise ValidationException("Conditions can be of length 1 or 2 only")
    values = _Values()
    tests = []
    for name, each in given.items():
        operator = each["ComparisonOperator"]
        operands = _operands(operator, each.get("AttributeValueList") or [], values)
        if operator not in _IN_KEYS:
            raise ValidationException(
                "Attempted conditional constraint is not an indexable operation"
            )
        symbol = _COMPARATORS.get(operator, operator)
        tests.append(
            KeyTest(
                name,
                "begins_with" if operator == "BEGINS_WITH" else symbol,
                tuple(operand.name for operand in operands),
            )
        )
    return tuple(tests), values.bound


def update_of(given: Mapping[str, Any]) -> tuple[Update, Mapping[str, Value]]:
    """The update of `AttributeUpdates`, with its values."""
    values = _Values()
    actions = tuple(_action(name, each, values) for name, each in given.items())
    return update_from(actions, kind="AttributeUpdates"), values.bound


def _action(name: str, given: Mapping[str, Any], values: _Values) -> nodes.Action:
    action = given.get("Action", "PUT")
    value = given.get("Value")
    if value is None:
        if action != "DELETE":
            raise invalid_parameters(
                "Only DELETE action is allowed when no attribute value is specified"
            )
        return nodes.Action("REMOVE", (name,), None)
    operand = values.operand(value)
    [kind] = value
    if action == "PUT":
        return nodes.Action("SET", (name,), operand)
    if action == "DELETE":
        if kind not in ("SS", "NS", "BS"):
            raise invalid_parameters(
                f"DELETE action with value is not supported for the type {kind}"
            )
        return nodes.Action("DELETE", (name,), operand)
    if kind not in ("N", "SS", "NS", "BS"):
        raise invalid_parameters(f"ADD action is not supported for the type {kind}")
    return nodes.Action("ADD", (name,), operand)


def projection_from(names: Iterable[str]) -> Projection:
    """The projection of `AttributesToGet`."""
    seen: dict[str, None] = {}
    for name in names:
        if name in seen:
            raise invalid_parameters(f"Duplicate value in attribute name: {name}")
        seen[name] = None
    paths = tuple((name,) for name in seen)
    return Projection(kind="AttributesToGet", paths=paths, project=projection_of(paths))
