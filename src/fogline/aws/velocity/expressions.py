"""What has a value: literals, operators, and references with what is asked of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from fogline.aws.velocity.errors import TemplateFailed
from fogline.aws.velocity.methods import call_method, element_of, property_of, set_element
from fogline.aws.velocity.numbers import Operation
from fogline.aws.velocity.run import Run
from fogline.aws.velocity.values import (
    JavaList,
    are_equal,
    is_true,
    key_of,
    text_of,
)


class Expression(Protocol):
    def value(self, run: Run) -> Any: ...


class Statement(Protocol):
    def write(self, run: Run) -> None: ...


@dataclass(frozen=True, slots=True)
class Literal:
    content: Any

    def value(self, run: Run) -> Any:
        return self.content


@dataclass(frozen=True, slots=True)
class Interpolated:
    """A text in double quotes: a template of its own."""

    statements: Sequence[Statement]

    def value(self, run: Run) -> str:
        outer = run.aside()
        try:
            for statement in self.statements:
                statement.write(run)
        finally:
            text = run.taken(outer)
        return text


@dataclass(frozen=True, slots=True)
class ListLiteral:
    elements: Sequence[Expression]

    def value(self, run: Run) -> JavaList:
        run.charge(1 + len(self.elements))
        return JavaList(element.value(run) for element in self.elements)


@dataclass(frozen=True, slots=True)
class MapLiteral:
    members: Sequence[tuple[Expression, Expression]]

    def value(self, run: Run) -> dict[Any, Any]:
        run.charge(1 + len(self.members))
        return {key_of(key.value(run)): value.value(run) for key, value in self.members}


@dataclass(frozen=True, slots=True)
class Range:
    """`[1..5]`, `[5..1]`: both ends are in it."""

    first: Expression
    last: Expression

    def value(self, run: Run) -> JavaList | None:
        first, last = self.first.value(run), self.last.value(run)
        if type(first) is not int or type(last) is not int:
            return None
        run.charge(abs(last - first) + 1)
        step = 1 if first <= last else -1
        return JavaList(range(first, last + step, step))


@dataclass(frozen=True, slots=True)
class Chain:
    """Operators of one rank, from left to right."""

    first: Expression
    rest: Sequence[tuple[Operation, Expression]]

    def value(self, run: Run) -> Any:
        value = self.first.value(run)
        for operation, operand in self.rest:
            run.charge(1)
            value = operation(value, operand.value(run), run)
        return value


@dataclass(frozen=True, slots=True)
class All:
    parts: Sequence[Expression]

    def value(self, run: Run) -> bool:
        run.charge(1)
        return all(is_true(part.value(run)) for part in self.parts)


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: Sequence[Expression]

    def value(self, run: Run) -> bool:
        run.charge(1)
        return any(is_true(part.value(run)) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Not:
    part: Expression

    def value(self, run: Run) -> bool:
        return not is_true(self.part.value(run))


def equals(left: Any, right: Any, run: Run) -> bool:
    return are_equal(left, right, run)


def differs(left: Any, right: Any, run: Run) -> bool:
    return not are_equal(left, right, run)


# ---- references


@dataclass(frozen=True, slots=True)
class Property:
    """`.name`"""

    name: str

    def follow(self, value: Any, run: Run) -> Any:
        return property_of(value, self.name, run)

    def set(self, owner: Any, value: Any, run: Run) -> None:
        if isinstance(owner, dict):
            owner[self.name] = value


@dataclass(frozen=True, slots=True)
class Index:
    """`[0]`, `["name"]`, `[$name]`"""

    index: Expression

    def follow(self, value: Any, run: Run) -> Any:
        return element_of(value, self.index.value(run))

    def set(self, owner: Any, value: Any, run: Run) -> None:
        set_element(owner, self.index.value(run), value)


@dataclass(frozen=True, slots=True)
class Call:
    """`.name(...)`"""

    name: str
    arguments: Sequence[Expression]

    def follow(self, value: Any, run: Run) -> Any:
        return call_method(
            value, self.name, [argument.value(run) for argument in self.arguments], run
        )

    def set(self, owner: Any, value: Any, run: Run) -> None:
        raise TemplateFailed(f"What {self.name}() returns can't be set")


Step = Property | Index | Call


@dataclass(frozen=True, slots=True)
class Reference:
    """`$name.property[0].method()`."""

    name: str
    steps: Sequence[Step]
    source: str

    def value(self, run: Run) -> Any:
        run.charge(1 + len(self.steps))
        value = run.variables.get(self.name)
        if isinstance(value, Block):
            value = value.rendered(run)
        for step in self.steps:
            if value is None:
                return None
            value = step.follow(value, run)
        return value

    def set(self, value: Any, run: Run) -> None:
        """Sets what it names; where that is nowhere, nothing."""
        run.charge(1 + len(self.steps))
        if not self.steps:
            run.variables[self.name] = value
            return
        owner = run.variables.get(self.name)
        for step in self.steps[:-1]:
            if owner is None:
                return
            owner = step.follow(owner, run)
        self.steps[-1].set(owner, value, run)


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """The body of a `#define`: it is rendered wherever it is used."""

    body: Sequence[Statement]
    levels: int

    def rendered(self, run: Run) -> str:
        run.enter(self.levels)
        outer = run.aside()
        try:
            for statement in self.body:
                statement.write(run)
        finally:
            text = run.taken(outer)
            run.leave(self.levels)
        return text


@dataclass(frozen=True, slots=True)
class Shown:
    """A reference in the text, with what stands before it and what stands for it where there is nothing."""

    before: str
    reference: Reference

    def write(self, run: Run) -> None:
        run.write(self.before + text_of(self.reference.value(run), run))
