"""The tree an expression is read into. Names are resolved; values are named, and bound later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

Path: TypeAlias = tuple[str | int, ...]
"""A document path: attribute and map names as text, list positions as numbers."""


@dataclass(frozen=True, slots=True)
class PathOperand:
    path: Path


@dataclass(frozen=True, slots=True)
class ValueOperand:
    """A placeholder such as `:v`."""

    name: str


@dataclass(frozen=True, slots=True)
class Function:
    name: str
    operands: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Arithmetic:
    operator: str
    left: Operand
    right: Operand


Operand: TypeAlias = PathOperand | ValueOperand | Function | Arithmetic


@dataclass(frozen=True, slots=True)
class Comparison:
    """`=`, `<>`, `<`, `<=`, `>` or `>=`."""

    operator: str
    left: Operand
    right: Operand


@dataclass(frozen=True, slots=True)
class Between:
    operand: Operand
    low: Operand
    high: Operand


@dataclass(frozen=True, slots=True)
class In:
    operand: Operand
    choices: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Not:
    condition: Condition


@dataclass(frozen=True, slots=True)
class Every:
    """AND."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """OR."""

    conditions: tuple[Condition, ...]


Condition: TypeAlias = Comparison | Between | In | Not | Every | Any | Function


@dataclass(frozen=True, slots=True)
class Action:
    """One clause of an update. `operand` is None for REMOVE."""

    section: str
    path: Path
    operand: Operand | None


def operands_of(condition: Condition) -> Iterator[Operand]:
    """The operands of one predicate, from left to right."""
    if isinstance(condition, Comparison):
        yield condition.left
        yield condition.right
    elif isinstance(condition, Between):
        yield condition.operand
        yield condition.low
        yield condition.high
    elif isinstance(condition, In):
        yield condition.operand
        yield from condition.choices
    elif isinstance(condition, Function):
        yield from condition.operands


def predicates(condition: Condition) -> Iterator[Comparison | Between | In | Function]:
    """Every predicate of a condition, from left to right."""
    if isinstance(condition, Not):
        yield from predicates(condition.condition)
    elif isinstance(condition, Every | Any):
        for each in condition.conditions:
            yield from predicates(each)
    else:
        yield condition


def paths_in(operand: Operand) -> Iterator[Path]:
    """Every document path an operand reads."""
    if isinstance(operand, PathOperand):
        yield operand.path
    elif isinstance(operand, Function):
        for each in operand.operands:
            yield from paths_in(each)
    elif isinstance(operand, Arithmetic):
        yield from paths_in(operand.left)
        yield from paths_in(operand.right)


def paths_read(condition: Condition) -> Iterator[Path]:
    """Every document path a condition reads."""
    for predicate in predicates(condition):
        for operand in operands_of(predicate):
            yield from paths_in(operand)


def spelled(path: Path) -> str:
    """A path as AWS shows it in its messages: `[a, b, [0]]`."""
    return f"[{', '.join(f'[{part}]' if isinstance(part, int) else part for part in path)}]"
