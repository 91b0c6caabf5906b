"""Expressions ready to run, kept by their text and the names bound to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from fogline.services.dynamodb.errors import ValidationException
from fogline.services.dynamodb.expressions import nodes
from fogline.services.dynamodb.expressions.conditions import Test, test_of
from fogline.services.dynamodb.expressions.key_conditions import KeyTest, key_tests
from fogline.services.dynamodb.expressions.operand_types import (
    Check,
    Values,
    checks_of_condition,
    checks_of_update,
)
from fogline.services.dynamodb.expressions.parser import Parser
from fogline.services.dynamodb.expressions.paths import refuse_touching
from fogline.services.dynamodb.expressions.projections import Project, projection_of
from fogline.services.dynamodb.expressions.updates import Apply, update_of

T = TypeVar("T")

CACHED_MAX = 1_024
"""Expressions of each kind that are kept."""
CACHED_CHARACTERS_MAX = 4_096
"""Names longer than this together are not worth the memory of keeping them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """What every kind has: which placeholders it uses, and what it asks of the values."""

    kind: str
    names_used: frozenset[str] = frozenset()
    values_used: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()

    def check(self, values: Values) -> None:
        """Refuse values that are missing or of a type the expression cannot use."""
        for name in self.values_used:
            if name not in values:
                raise ValidationException(
                    f"Invalid {self.kind}: An expression attribute value used in expression is not "
                    f"defined; attribute value: {name}"
                )
        for check in self.checks:
            check(values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition(Expression):
    tree: nodes.Condition
    test: Test


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyCondition(Expression):
    tests: tuple[KeyTest, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Update(Expression):
    paths: tuple[nodes.Path, ...]
    is_nested: bool
    """True when a path leads into a map or list, so that the item may come to nest deeper."""
    apply: Apply
    touched: Project
    """The part of an item that the update's paths name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection(Expression):
    paths: tuple[nodes.Path, ...]
    project: Project


E = TypeVar("E", bound=Expression)
Names = tuple[tuple[str, str], ...]


def _cached(
    compile_text: Callable[[str, str, Names], T],
) -> Callable[[str, str, Mapping[str, str]], T]:
    keep = lru_cache(maxsize=CACHED_MAX)(compile_text)

    def find(kind: str, text: str, names: Mapping[str, str]) -> T:
        bound = tuple(names.items())
        if len(text) + sum(map(len, names.values())) > CACHED_CHARACTERS_MAX:
            return compile_text(kind, text, bound)
        return keep(kind, text, bound)

    return find


def _used(parser: Parser) -> dict[str, Any]:
    return {
        "kind": parser.kind,
        "names_used": frozenset(parser.names_used),
        "values_used": tuple(parser.values_used),
    }


@_cached
def condition(kind: str, text: str, names: Names) -> Condition:
    """A condition or a filter; `kind` is the parameter that holds it."""
    parser = Parser(kind, text, dict(names))
    return condition_from(parser.read_condition(), **_used(parser))


def condition_from(tree: nodes.Condition, *, kind: str, **used: Any) -> Condition:
    """A condition from a tree that was made otherwise than from text."""
    checks = checks_of_condition(kind, tree)
    return Condition(kind=kind, tree=tree, test=test_of(tree), checks=checks, **used)


@_cached
def key_condition(kind: str, text: str, names: Names) -> KeyCondition:
    """A KeyConditionExpression."""
    parser = Parser(kind, text, dict(names))
    tree = parser.read_condition()
    return KeyCondition(
        tests=key_tests(tree), checks=checks_of_condition(kind, tree), **_used(parser)
    )


@_cached
def update(kind: str, text: str, names: Names) -> Update:
    """An UpdateExpression."""
    parser = Parser(kind, text, dict(names))
    return update_from(parser.read_update(), **_used(parser))


def update_from(actions: tuple[nodes.Action, ...], *, kind: str, **used: Any) -> Update:
    """An update from clauses that were made otherwise than from text."""
    paths = tuple(action.path for action in actions)
    refuse_touching(kind, paths)
    return Update(
        kind=kind,
        paths=paths,
        is_nested=any(len(path) > 1 for path in paths),
        apply=update_of(actions),
        touched=projection_of(paths),
        checks=checks_of_update(kind, actions),
        **used,
    )


@_cached
def projection(kind: str, text: str, names: Names) -> Projection:
    """A ProjectionExpression."""
    parser = Parser(kind, text, dict(names))
    paths = parser.read_projection()
    refuse_touching(kind, paths)
    return Projection(paths=paths, project=projection_of(paths), **_used(parser))
