"""Choice rules of the JSONPath mode: compiled once, then true or false for each input.

https://states-language.net/spec.html#choice-state,
https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from fogline.aws.jsonpath import InvalidPath, Path, PathFailed, compile_path
from fogline.aws.states.expressions import variables_of
from fogline.aws.states.failures import DATA_LIMIT_EXCEEDED, RUNTIME, InvalidExpression, StateFailed
from fogline.aws.states.scope import Scope
from fogline.aws.states.text_patterns import TextPattern
from fogline.aws.states.timestamps import find_nanoseconds

DEPTH_MAX = 50
_BESIDE = frozenset({"Next", "Comment", "Assign", "Output", "Variable"})
_MISSING: Any = object()


class ChoiceRule(Protocol):
    def holds(self, scope: Scope) -> bool:
        """True if the rule chooses its `Next`. Raises StateFailed where a path names nothing."""

    @property
    def variables(self) -> set[str]:
        """The names of the variables that it reads."""


@dataclass(frozen=True, slots=True)
class _All:
    rules: Sequence[ChoiceRule]

    def holds(self, scope: Scope) -> bool:
        return all(rule.holds(scope) for rule in self.rules)

    @property
    def variables(self) -> set[str]:
        return {name for rule in self.rules for name in rule.variables}


@dataclass(frozen=True, slots=True)
class _AtLeastOne:
    rules: Sequence[ChoiceRule]

    def holds(self, scope: Scope) -> bool:
        return any(rule.holds(scope) for rule in self.rules)

    @property
    def variables(self) -> set[str]:
        return {name for rule in self.rules for name in rule.variables}


@dataclass(frozen=True, slots=True)
class _Not:
    rule: ChoiceRule

    def holds(self, scope: Scope) -> bool:
        return not self.rule.holds(scope)

    @property
    def variables(self) -> set[str]:
        return self.rule.variables


@dataclass(frozen=True, slots=True)
class _Presence:
    variable: Path
    expected: bool

    def holds(self, scope: Scope) -> bool:
        return (_find(scope, self.variable) is not _MISSING) is self.expected

    @property
    def variables(self) -> set[str]:
        return variables_of([self.variable])


@dataclass(frozen=True, slots=True)
class _Test:
    """`IsNull`, `IsString` and their like."""

    variable: Path
    is_so: Callable[[Any], bool]
    expected: bool

    def holds(self, scope: Scope) -> bool:
        return self.is_so(_require(scope, self.variable)) is self.expected

    @property
    def variables(self) -> set[str]:
        return variables_of([self.variable])


@dataclass(frozen=True, slots=True)
class _Comparison:
    """A comparison; values that are not of its kind don't compare (recorded: test_boolean_equals)."""

    variable: Path
    read: Callable[[Any], Any]
    compare: Callable[[Any, Any], bool]
    other: Any
    """What to compare with, as `read` gives it, or the path to it."""

    def holds(self, scope: Scope) -> bool:
        left = self.read(_require(scope, self.variable))
        other = self.other
        right = self.read(_require(scope, other)) if isinstance(other, Path) else other
        return left is not None and right is not None and self.compare(left, right)

    @property
    def variables(self) -> set[str]:
        other = [self.other] if isinstance(self.other, Path) else []
        return variables_of([self.variable, *other])


def _find(scope: Scope, path: Path) -> Any:
    try:
        return scope.value(path)
    except (PathFailed, StateFailed) as failed:
        if scope.work.is_used_up:
            raise StateFailed(
                DATA_LIMIT_EXCEEDED, f"Invalid path '{path.text}' : {failed}"
            ) from None
        return _MISSING


def _require(scope: Scope, path: Path) -> Any:
    try:
        return scope.value(path)
    except PathFailed:
        raise StateFailed(
            RUNTIME,
            f"Invalid path '{path.text}': The choice state's condition path references an "
            "invalid value.",
        ) from None


# ---- kinds of values: what is not of the kind is read as None


def _as_text(value: Any) -> Any:
    if not isinstance(value, str):
        return None
    # Java orders by UTF-16 units; so does Python where there are no others.
    return (
        value if value.isascii() else value.encode("utf-16-be", "surrogatepass").decode("latin-1")
    )


def _as_plain_text(value: Any) -> Any:
    return value if isinstance(value, str) else None


def _as_number(value: Any) -> Any:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _as_boolean(value: Any) -> Any:
    return value if isinstance(value, bool) else None


def _as_timestamp(value: Any) -> Any:
    return find_nanoseconds(value) if isinstance(value, str) else None


_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "LessThanEquals": operator.le,
    "GreaterThan": operator.gt,
    "GreaterThanEquals": operator.ge,
}
_COMPARISONS: dict[str, tuple[Callable[[Any], Any], Callable[[Any, Any], bool]]] = {
    "BooleanEquals": (_as_boolean, operator.eq),
    **{f"Numeric{name}": (_as_number, order) for name, order in _ORDERS.items()},
    **{f"Timestamp{name}": (_as_timestamp, order) for name, order in _ORDERS.items()},
    "StringEquals": (_as_plain_text, operator.eq),
    **{f"String{name}": (_as_text, order) for name, order in _ORDERS.items() if name != "Equals"},
}
_TESTS: dict[str, Callable[[Any], bool]] = {
    "IsNull": lambda value: value is None,
    "IsNumeric": lambda value: _as_number(value) is not None,
    "IsString": lambda value: isinstance(value, str),
    "IsBoolean": lambda value: isinstance(value, bool),
    "IsTimestamp": lambda value: _as_timestamp(value) is not None,
}
OPERATORS = frozenset(
    {
        "And",
        "Or",
        "Not",
        "IsPresent",
        "StringMatches",
        *_TESTS,
        *_COMPARISONS,
        *(f"{name}Path" for name in _COMPARISONS),
    }
)


# ---- compiling


def compile_choice_rule(rule: Mapping[str, Any], depth: int = 0) -> ChoiceRule:
    """Compile a rule of `Choices`, or one within `And`, `Or`, `Not`. Raises InvalidExpression."""
    if not isinstance(rule, Mapping):
        raise InvalidExpression("a choice rule is an object")
    if depth > DEPTH_MAX:
        raise InvalidExpression(f"choice rules are nested more than {DEPTH_MAX} deep")
    names = [name for name in rule if name not in _BESIDE]
    if len(names) != 1 or names[0] not in OPERATORS:
        raise InvalidExpression("a choice rule has exactly one comparison operator")
    name, operand = names[0], rule[names[0]]
    if name == "Not":
        return _Not(compile_choice_rule(operand, depth + 1))
    if name in ("And", "Or"):
        if not isinstance(operand, list) or not operand:
            raise InvalidExpression(f"{name} needs a list of choice rules")
        rules = tuple(compile_choice_rule(one, depth + 1) for one in operand)
        return _All(rules) if name == "And" else _AtLeastOne(rules)
    return _compile_test(name, operand, _path(rule.get("Variable"), "Variable"))


def _compile_test(name: str, operand: Any, variable: Path) -> ChoiceRule:
    if name == "IsPresent" or name in _TESTS:
        if not isinstance(operand, bool):
            raise InvalidExpression(f"{name} is true or false")
        if name == "IsPresent":
            return _Presence(variable, operand)
        return _Test(variable, _TESTS[name], operand)
    if name == "StringMatches":
        if not isinstance(operand, str):
            raise InvalidExpression(f"{name} is a string")
        pattern = TextPattern(operand)
        return _Comparison(variable, _as_plain_text, lambda text, _: pattern.matches(text), operand)
    if name.endswith("Path"):
        read, compare = _COMPARISONS[name.removesuffix("Path")]
        return _Comparison(variable, read, compare, _path(operand, name))
    read, compare = _COMPARISONS[name]
    other = read(operand)
    if other is None:
        raise InvalidExpression(f"{name} can't compare with such a value")
    return _Comparison(variable, read, compare, other)


def _path(text: Any, field: str) -> Path:
    if not isinstance(text, str):
        raise InvalidExpression(f"{field} is a path")
    try:
        return compile_path(text)
    except InvalidPath as invalid:
        raise InvalidExpression(f"{field}: {invalid}") from None
