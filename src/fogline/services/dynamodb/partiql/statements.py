"""What a statement asks, once it is read. Literals and parameters are bound to placeholders."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from fogline.services.dynamodb.expressions import nodes
from fogline.services.dynamodb.values import Item, Value


@dataclass(slots=True)
class Select:
    table: str
    index: str
    paths: tuple[nodes.Path, ...]
    """Empty for `*`."""
    where: nodes.Condition | None
    is_forward: bool | None = None
    values: dict[str, Value] = field(default_factory=dict)


@dataclass(slots=True)
class Insert:
    table: str
    item: Item


@dataclass(slots=True)
class Change:
    """UPDATE, or DELETE where it has no actions. `returning` is AWS's word for ReturnValues."""

    table: str
    actions: tuple[nodes.Action, ...]
    where: nodes.Condition
    returning: str = "NONE"
    values: dict[str, Value] = field(default_factory=dict)

    @property
    def is_delete(self) -> bool:
        return not self.actions


@dataclass(slots=True)
class Exists:
    """EXISTS(SELECT ...), in transactions."""

    select: Select


Statement: TypeAlias = Select | Insert | Change | Exists


def conjuncts(condition: nodes.Condition | None) -> list[nodes.Condition]:
    """The conditions that must all hold."""
    if condition is None:
        return []
    if isinstance(condition, nodes.Every):
        return [each for part in condition.conditions for each in conjuncts(part)]
    return [condition]


def equalities(condition: nodes.Condition | None) -> dict[str, str]:
    """Attributes that must equal a value, with the placeholders of those values."""
    found: dict[str, str] = {}
    for each in conjuncts(condition):
        if isinstance(each, nodes.Comparison) and each.operator == "=":
            left, right = each.left, each.right
            if isinstance(right, nodes.PathOperand):
                left, right = right, left
            if (
                isinstance(left, nodes.PathOperand)
                and len(left.path) == 1
                and isinstance(right, nodes.ValueOperand)
            ):
                found[str(left.path[0])] = right.name
    return found
