"""Updates as closures: each takes the old item and the bound values, and gives the new item.

The old item is never changed. Every operand is read from the old item, whatever the order of the
clauses; positions in lists count as they were before, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cmp_to_key
from typing import TypeAlias

from fogline.services.dynamodb import numbers
from fogline.services.dynamodb.errors import ValidationException
from fogline.services.dynamodb.expressions import nodes
from fogline.services.dynamodb.expressions.nodes import Path
from fogline.services.dynamodb.expressions.operand_types import Values
from fogline.services.dynamodb.expressions.paths import child, reader
from fogline.services.dynamodb.values import Item, Value

Apply: TypeAlias = Callable[[Item, Values], Item]
Compute: TypeAlias = Callable[[Mapping[str, Value], Values], Value]

_SETS = ("SS", "NS", "BS")


def update_of(actions: tuple[nodes.Action, ...]) -> Apply:
    """The closure that performs all clauses at once."""
    writes = [(each.path, _computed(each)) for each in actions if each.section in ("SET", "ADD")]
    # Elements appended past a list's end take their places in the order of their positions.
    writes.sort(key=lambda write: write[0][-1] if isinstance(write[0][-1], int) else -1)
    subtractions = [
        (each.path, reader(each.path), each.operand.name)
        for each in actions
        if each.section == "DELETE" and isinstance(each.operand, nodes.ValueOperand)
    ]
    # The last element first, so that positions still count when their turn comes.
    removals = sorted(
        (each.path for each in actions if each.section == "REMOVE"), key=cmp_to_key(_backwards)
    )

    def apply(old: Item, values: Values) -> Item:
        new = dict(old)
        for path, value in [(path, compute(old, values)) for path, compute in writes]:
            _put(new, path, value)
        for path, read, name in subtractions:
            _subtract(new, path, read(old), values[name])
        for path in removals:
            _remove(new, path)
        return new

    return apply


def _backwards(left: Path, right: Path) -> int:
    for mine, theirs in zip(left, right, strict=False):
        if mine != theirs:
            if isinstance(mine, int) and isinstance(theirs, int):
                return theirs - mine
            return -1 if str(mine) < str(theirs) else 1
    return 0


# ---- operands


def _computed(action: nodes.Action) -> Compute:
    assert action.operand is not None, "only REMOVE has none"
    operand = _compute(action.operand)
    if action.section == "SET":
        return operand
    read = reader(action.path)

    def added(old: Mapping[str, Value], values: Values) -> Value:
        amount = operand(old, values)
        present = read(old)
        return amount if present is None else _sum(present, amount)

    return added


def _sum(present: Value, amount: Value) -> Value:
    [(kind, content)] = amount.items()
    if kind not in present:
        raise _wrong_type()
    if kind == "N":
        return {"N": numbers.plus(present["N"], content)}
    there = set(present[kind])
    return {kind: present[kind] + [each for each in content if each not in there]}


def _wrong_type() -> ValidationException:
    return ValidationException("An operand in the update expression has an incorrect data type")


def _compute(operand: nodes.Operand) -> Compute:
    if isinstance(operand, nodes.ValueOperand):
        name = operand.name
        return lambda old, values: values[name]
    if isinstance(operand, nodes.PathOperand):
        read = reader(operand.path)

        def found(old: Mapping[str, Value], values: Values) -> Value:
            value = read(old)
            if value is None:
                raise ValidationException(
                    "The provided expression refers to an attribute that does not exist in the item"
                )
            return value

        return found
    if isinstance(operand, nodes.Arithmetic):
        return _arithmetic(operand)
    first, second = operand.operands
    if operand.name == "if_not_exists":
        assert isinstance(first, nodes.PathOperand), "the parser says so"
        look, otherwise = reader(first.path), _compute(second)

        def kept(old: Mapping[str, Value], values: Values) -> Value:
            value = look(old)
            return otherwise(old, values) if value is None else value

        return kept
    head, tail = _compute(first), _compute(second)

    def joined(old: Mapping[str, Value], values: Values) -> Value:
        one, two = head(old, values), tail(old, values)
        if "L" not in one or "L" not in two:
            raise _wrong_type()
        return {"L": one["L"] + two["L"]}

    return joined


def _arithmetic(operand: nodes.Arithmetic) -> Compute:
    left, right = _compute(operand.left), _compute(operand.right)
    combine = numbers.plus if operand.operator == "+" else numbers.minus

    def computed(old: Mapping[str, Value], values: Values) -> Value:
        one, two = left(old, values), right(old, values)
        if "N" not in one or "N" not in two:
            raise _wrong_type()
        return {"N": combine(one["N"], two["N"])}

    return computed


# ---- places in the new item. Containers on the way are copied: the old item shares them.


def _put(item: Item, path: Path, value: Value) -> None:
    if len(path) == 1:
        item[str(path[0])] = value
        return
    parent = _parent(item, path)
    last = path[-1]
    if isinstance(last, int) and "L" in parent:
        elements = parent["L"]
        if last < len(elements):
            elements[last] = value
        else:
            elements.append(value)
    elif isinstance(last, str) and "M" in parent:
        parent["M"][last] = value
    else:
        raise _no_such_place()


def _subtract(item: Item, path: Path, present: Value | None, amount: Value) -> None:
    if present is None:
        if len(path) > 1:
            _parent(item, path)
        return
    [(kind, content)] = amount.items()
    if kind not in present or kind not in _SETS:
        raise _wrong_type()
    taken = set(content)
    rest = [each for each in present[kind] if each not in taken]
    if rest:
        _put(item, path, {kind: rest})
    else:
        _remove(item, path)


def _remove(item: Item, path: Path) -> None:
    if len(path) == 1:
        item.pop(str(path[0]), None)
        return
    parent = _parent(item, path)
    last = path[-1]
    if isinstance(last, int) and "L" in parent:
        if last < len(parent["L"]):
            del parent["L"][last]
    elif isinstance(last, str) and "M" in parent:
        parent["M"].pop(last, None)
    else:
        raise _no_such_place()


def _parent(item: Item, path: Path) -> Value:
    """The container that holds the last part of `path`, made new along with all above it."""
    first = str(path[0])
    if first not in item:
        raise _no_such_place()
    value = item[first] = _copied(item[first])
    for part in path[1:-1]:
        below = child(value, part)
        if below is None:
            raise _no_such_place()
        fresh = _copied(below)
        if isinstance(part, int):
            value["L"][part] = fresh
        else:
            value["M"][part] = fresh
        value = fresh
    return value


def _copied(value: Value) -> Value:
    if "M" in value:
        return {"M": dict(value["M"])}
    if "L" in value:
        return {"L": list(value["L"])}
    raise _no_such_place()


def _no_such_place() -> ValidationException:
    return ValidationException(
        "The document path provided in the update expression is invalid for update"
    )
