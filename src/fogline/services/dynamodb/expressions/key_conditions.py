"""Key conditions: a partition, and within it a range of sort keys.

A condition is read once into one test per attribute; a schema then tells which is which.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fogline.services.dynamodb.errors import ValidationException, invalid_parameters
from fogline.services.dynamodb.expressions import nodes
from fogline.services.dynamodb.expressions.operand_types import Values
from fogline.services.dynamodb.keys import KeySchema, ordered, partition_of, refuse_empty
from fogline.services.dynamodb.values import Value

_FLIPPED = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class KeyTest:
    """One test of one key attribute; `operands` are the names of its values."""

    attribute: str
    operator: str
    operands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeyRange:
    """One partition, and the sort keys from `low` up to, but without, `high` (None: to the end)."""

    partition: bytes
    low: bytes = b""
    high: bytes | None = None


def key_tests(condition: nodes.Condition) -> tuple[KeyTest, ...]:
    """The tests of a key condition, or a refusal where it is none."""
    tests: dict[str, KeyTest] = {}
    for predicate in _conjuncts(condition):
        test = _test(predicate)
        if test.attribute in tests:
            raise ValidationException(
                "KeyConditionExpressions must only contain one condition per key"
            )
        tests[test.attribute] = test
    if len(tests) > 2:
        raise ValidationException("Conditions can be of length 1 or 2 only")
    return tuple(tests.values())


def _conjuncts(condition: nodes.Condition) -> Iterator[nodes.Condition]:
    if isinstance(condition, nodes.Every):
        for each in condition.conditions:
            yield from _conjuncts(each)
    else:
        yield condition


def _test(predicate: nodes.Condition) -> KeyTest:
    if isinstance(predicate, nodes.Comparison) and predicate.operator != "<>":
        left, right, operator = predicate.left, predicate.right, predicate.operator
        if isinstance(left, nodes.ValueOperand) and isinstance(right, nodes.PathOperand):
            left, right, operator = right, left, _FLIPPED[operator]
        return KeyTest(_attribute(operator, left, right), operator, _names(right))
    if isinstance(predicate, nodes.Between):
        bounds = (predicate.low, predicate.high)
        return KeyTest(
            _attribute("BETWEEN", predicate.operand, *bounds), "BETWEEN", _names(*bounds)
        )
    if isinstance(predicate, nodes.Function) and predicate.name == "begins_with":
        first, second = predicate.operands
        return KeyTest(_attribute("begins_with", first, second), "begins_with", _names(second))
    raise ValidationException(
        f"Invalid operator used in KeyConditionExpression: {_operator(predicate)}"
    )


def _operator(condition: nodes.Condition) -> str:
    if isinstance(condition, nodes.Comparison):
        return condition.operator
    if isinstance(condition, nodes.Function):
        return condition.name
    return {nodes.Any: "OR", nodes.Not: "NOT", nodes.In: "IN"}[type(condition)]


def _attribute(operator: str, first: nodes.Operand, *others: nodes.Operand) -> str:
    operands = (first, *others)
    if any(isinstance(each, nodes.Function) for each in operands):
        raise ValidationException("KeyConditionExpressions cannot contain nested operations")
    paths = [each.path for each in operands if isinstance(each, nodes.PathOperand)]
    if not paths:
        raise ValidationException(
            "Invalid condition in KeyConditionExpression: No key attribute specified"
        )
    if len(paths) > 1:
        raise ValidationException(
            "Invalid condition in KeyConditionExpression: "
            "Multiple attribute names used in one condition"
        )
    if not isinstance(first, nodes.PathOperand):
        raise ValidationException(
            f"Invalid condition in KeyConditionExpression: {operator} operator must have the key "
            "attribute as its first operand"
        )
    if len(paths[0]) > 1:
        raise ValidationException(
            "KeyConditionExpressions cannot have conditions on nested attributes"
        )
    return str(paths[0][0])


def _names(*operands: nodes.Operand) -> tuple[str, ...]:
    return tuple(each.name for each in operands if isinstance(each, nodes.ValueOperand))


def key_range(tests: tuple[KeyTest, ...], schema: KeySchema, values: Values) -> KeyRange:
    """What a key condition selects from a table or an index with that schema."""
    by_attribute = {test.attribute: test for test in tests}
    partition_test = by_attribute.pop(schema.partition, None)
    if partition_test is None:
        raise _missed(schema.partition)
    if partition_test.operator != "=":
        raise ValidationException("Query key condition not supported")
    for attribute in by_attribute:
        if attribute != schema.sort:
            raise (
                _missed(schema.sort)
                if schema.sort
                else ValidationException("Query key condition not supported")
            )
    value = values[partition_test.operands[0]]
    _refuse_other_type(value, schema.partition_type)
    refuse_empty(schema.partition, value)
    partition = partition_of(value)
    sort_test = by_attribute.get(schema.sort or "")
    if sort_test is None:
        return KeyRange(partition)
    bounds = [values[name] for name in sort_test.operands]
    for bound in bounds:
        _refuse_other_type(bound, schema.sort_type)
        refuse_empty(sort_test.attribute, bound)
    return KeyRange(partition, *_interval(sort_test.operator, [ordered(each) for each in bounds]))


def _missed(attribute: str) -> ValidationException:
    return ValidationException(f"Query condition missed key schema element: {attribute}")


def _refuse_other_type(value: Value, kind: str) -> None:
    if kind not in value:
        raise invalid_parameters("Condition parameter type does not match schema type")


def _interval(operator: str, bounds: list[bytes]) -> tuple[bytes, bytes | None]:
    """The interval as bytes. The next key after `k` is `k` and a zero byte: nothing fits between."""
    first = bounds[0]
    if operator == "=":
        return first, first + b"\0"
    if operator == "<":
        return b"", first
    if operator == "<=":
        return b"", first + b"\0"
    if operator == ">":
        return first + b"\0", None
    if operator == ">=":
        return first, None
    if operator == "BETWEEN":
        return first, bounds[1] + b"\0"
    return first, after_prefix(first)


def after_prefix(prefix: bytes) -> bytes | None:
    """The least bytes greater than everything that begins with `prefix`; None if there are none."""
    kept = prefix.rstrip(b"\xff")
    return kept[:-1] + bytes([kept[-1] + 1]) if kept else None


def refuse_key_attributes(kind: str, condition: nodes.Condition, schema: KeySchema) -> None:
    """A filter of a query may not speak of the key: its condition does."""
    told = "Filter Expression" if kind == "FilterExpression" else kind
    for path in nodes.paths_read(condition):
        if path[0] in schema.names:
            raise ValidationException(
                f"{told} can only contain non-primary key attributes: "
                f"Primary key attribute: {path[0]}"
            )
