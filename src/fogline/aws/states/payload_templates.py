"""Payload templates: JSON in which a member `"x.$"` takes its value from an expression.

`Parameters`, `ItemSelector`, `ResultSelector` and the `Assign` of JSONPath are such templates.
https://states-language.net/spec.html#payload-template
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fogline.aws.jsonpath import PathFailed
from fogline.aws.states.expressions import Expression, compile_expression
from fogline.aws.states.failures import DATA_LIMIT_EXCEEDED, InvalidExpression, StateFailed
from fogline.aws.states.scope import Scope

DEPTH_MAX = 100
_EXPRESSIONS_UNWEIGHED_MAX = 8
"""So few copies of an input can't grow large."""

_Part = Callable[[Scope], Any]


@dataclass(frozen=True, slots=True)
class PayloadTemplate:
    """A compiled template. Safe to use from any thread."""

    expressions: tuple[Expression, ...]
    """All that it holds, in its order."""
    _fill: _Part

    @property
    def variables(self) -> set[str]:
        """The names of the variables that it reads."""
        return {name for expression in self.expressions for name in expression.variables}

    def apply(self, scope: Scope) -> Any:
        """The payload that it makes; what has no expression in it is shared with the template. Raises StateFailed."""
        payload = self._fill(scope)
        if len(self.expressions) > _EXPRESSIONS_UNWEIGHED_MAX:
            try:
                scope.work.weigh(payload)
            except PathFailed:
                raise StateFailed(
                    DATA_LIMIT_EXCEEDED,
                    "The payload that the template makes exceeds the maximum number of bytes "
                    "service limit.",
                ) from None
        return payload


def compile_template(template: Any) -> PayloadTemplate:
    """Compile a template. Raises InvalidExpression, with the path of the field in front."""
    expressions: list[Expression] = []
    fill = _part(template, "", expressions, 0)
    return PayloadTemplate(tuple(expressions), fill)


def _part(template: Any, location: str, expressions: list[Expression], depth: int) -> _Part:
    if depth > DEPTH_MAX:
        raise InvalidExpression(f"{location}: it is nested more than {DEPTH_MAX} deep")
    known = len(expressions)
    if isinstance(template, Mapping):
        members = {
            key.removesuffix(".$"): _member(key, value, f"{location}/{key}", expressions, depth)
            for key, value in template.items()
        }
        if len(expressions) > known:
            return lambda scope: {key: fill(scope) for key, fill in members.items()}
    elif isinstance(template, list):
        elements = [
            _part(value, f"{location}/{at}", expressions, depth + 1)
            for at, value in enumerate(template)
        ]
        if len(expressions) > known:
            return lambda scope: [fill(scope) for fill in elements]
    return lambda scope: template


def _member(
    key: str, value: Any, location: str, expressions: list[Expression], depth: int
) -> _Part:
    if not key.endswith(".$"):
        return _part(value, location, expressions, depth + 1)
    if not isinstance(value, str):
        raise InvalidExpression(f"{location}: an expression is a string")
    try:
        expression = compile_expression(value)
    except InvalidExpression as invalid:
        raise InvalidExpression(f"{location}: {invalid}") from None
    expressions.append(expression)
    return lambda scope: expression.evaluate(scope, key)
