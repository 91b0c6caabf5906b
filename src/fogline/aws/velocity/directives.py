"""What writes: text, references and directives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, ClassVar

from fogline.aws.velocity.errors import TemplateFailed
from fogline.aws.velocity.expressions import Block, Expression, Reference, Statement
from fogline.aws.velocity.limits import ITERATIONS_MAX
from fogline.aws.velocity.run import Run
from fogline.aws.velocity.values import Method, Object, is_true

_MISSING: Any = object()


class Broken(Exception):
    """`#break`: the loop, macro or template ends here."""


class Stopped(Exception):
    """`#stop`: all rendering ends here."""


def write_all(statements: Iterable[Statement], run: Run) -> None:
    for statement in statements:
        statement.write(run)


@dataclass(frozen=True, slots=True)
class Text:
    content: str

    def write(self, run: Run) -> None:
        run.write(self.content)


@dataclass(frozen=True, slots=True)
class Set:
    """`#set($place = value)`.

    Null is set like any value. Velocity's guide says that it leaves the variable as it was; in API Gateway null
    acts as the empty text (recorded: test_input_path_template_formatting), and so a loop keeps nothing of the turn
    before.
    """

    place: Reference
    expression: Expression

    def write(self, run: Run) -> None:
        self.place.set(self.expression.value(run), run)


@dataclass(frozen=True, slots=True)
class If:
    branches: Sequence[tuple[Expression, Sequence[Statement]]]
    otherwise: Sequence[Statement]

    def write(self, run: Run) -> None:
        for condition, body in self.branches:
            run.charge(1)
            if is_true(condition.value(run)):
                write_all(body, run)
                return
        write_all(self.otherwise, run)


class Loop(Object):
    """`$foreach`: where a loop stands."""

    __slots__ = ("_outer", "_size", "index", "is_stopped")

    def __init__(self, size: int, outer: Any) -> None:
        self.index = 0
        self.is_stopped = False
        self._size = size
        self._outer = outer if isinstance(outer, Loop) else None

    @property
    def has_next(self) -> bool:
        return self.index + 1 < self._size

    def find(self, name: str, run: Run) -> Any:
        index = self.index
        if name == "topmost":
            loop = self
            while loop._outer is not None:
                run.charge(1)
                loop = loop._outer
            return loop
        return {
            "index": index,
            "count": index + 1,
            "hasNext": self.has_next,
            "first": index == 0,
            "last": not self.has_next,
            "parent": self._outer,
        }.get(name)

    def _stop(self, run: Run) -> None:
        self.is_stopped = True

    methods: ClassVar[Mapping[str, Method]] = {
        "stop": lambda run, loop: loop._stop(run),
        "hasNext": lambda run, loop: loop.has_next,
        "getIndex": lambda run, loop: loop.index,
        "getCount": lambda run, loop: loop.index + 1,
        "isFirst": lambda run, loop: loop.index == 0,
        "isLast": lambda run, loop: not loop.has_next,
    }


@dataclass(frozen=True, slots=True)
class Foreach:
    """`#foreach($name in items)`: over a list, the values of a map, or nothing."""

    name: str
    items: Expression
    body: Sequence[Statement]

    def write(self, run: Run) -> None:
        items = self.items.value(run)
        if not isinstance(items, dict | list):
            return
        size = len(items)
        # The loop goes over what was there when it began: a template may change the list meanwhile.
        turns = list(islice(items.values() if isinstance(items, dict) else items, ITERATIONS_MAX))
        variables = run.variables
        run.charge(1 + len(turns))
        shadowed = [variables.get(one, _MISSING) for one in self._names]
        loop = Loop(size, variables.get("foreach"))
        try:
            self._turn(loop, turns, run)
        except Broken:
            pass
        finally:
            for name, value in zip(self._names, shadowed, strict=True):
                if value is _MISSING:
                    variables.pop(name, None)
                else:
                    variables[name] = value

    def _turn(self, loop: Loop, items: list[Any], run: Run) -> None:
        variables = run.variables
        for index, item in enumerate(items):
            loop.index = index
            variables["foreach"] = loop
            variables["velocityCount"] = index + 1
            variables["velocityHasNext"] = loop.has_next
            variables[self.name] = item
            run.charge(1)
            write_all(self.body, run)
            if loop.is_stopped:
                return

    @property
    def _names(self) -> tuple[str, ...]:
        return (self.name, "foreach", "velocityCount", "velocityHasNext")


@dataclass(frozen=True, slots=True)
class Break:
    def write(self, run: Run) -> None:
        raise Broken


@dataclass(frozen=True, slots=True)
class Stop:
    def write(self, run: Run) -> None:
        raise Stopped


@dataclass(frozen=True, slots=True)
class Define:
    """`#define($name) ... #end`: the text is made wherever `$name` stands."""

    name: str
    block: Block

    def write(self, run: Run) -> None:
        run.variables[self.name] = self.block


@dataclass(frozen=True, slots=True)
class Refused:
    """A directive that reads files: there are none (AWS answers with an error when it is reached)."""

    directive: str

    def write(self, run: Run) -> None:
        raise TemplateFailed(f"#{self.directive} has nothing that it could read here")


@dataclass(frozen=True, slots=True)
class MacroDefinition:
    name: str
    parameters: Sequence[str]
    body: Sequence[Statement]
    levels: int


@dataclass(frozen=True, slots=True)
class MacroCall:
    """`#name($a "b")`: a macro of this template, or text that only looks so."""

    name: str
    arguments: Sequence[Expression]
    source: str
    content: Block | None = None
    """What stands between `#@name(...)` and its `#end`."""

    def write(self, run: Run) -> None:
        macro = run.macros.get(self.name)
        if macro is None:
            run.write(self.source)
            if self.content is not None:
                write_all(self.content.body, run)
                run.write("#end")
            return
        given = [argument.value(run) for argument in self.arguments]
        given += [None] * (len(macro.parameters) - len(given))
        bound = dict(zip(macro.parameters, given, strict=False))
        if self.content is not None:
            bound["bodyContent"] = self.content
        shadowed = {name: run.variables.get(name, _MISSING) for name in bound}
        run.enter(macro.levels)
        run.charge(1 + len(bound))
        run.variables.update(bound)
        try:
            write_all(macro.body, run)
        except Broken:
            pass
        finally:
            run.leave(macro.levels)
            for name, value in shadowed.items():
                if value is _MISSING:
                    run.variables.pop(name, None)
                else:
                    run.variables[name] = value
