"""JSON with expressions in it: every string that is `{% ... %}` as a whole is evaluated, all else stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from fogline.aws.jsonata.expression import Expression, compile_expression

Evaluate = Callable[[Expression, str], Any]
"""Gives the value of an expression found at a place such as `Output/items/0`."""


def is_expression(value: Any) -> bool:
    """True for a text that begins with `{%` and ends with `%}`, blanks outside not allowed."""
    return (
        type(value) is str and value.startswith("{%") and value.endswith("%}") and len(value) >= 4
    )


def expression_text(value: str) -> str:
    """What stands between the brackets, as AWS repeats it in error causes: without blanks around it."""
    return value[2:-2].strip()


class Template:
    """A JSON value whose expressions are compiled; to make one raises InvalidExpression."""

    __slots__ = ("_fill",)

    def __init__(self, value: Any) -> None:
        self._fill = _compiled(value, "")

    @property
    def is_constant(self) -> bool:
        return isinstance(self._fill, _Constant)

    def evaluate(self, evaluate: Evaluate, place: str) -> Any:
        """The value with its expressions' results; `place` is the name of the field."""
        fill = self._fill
        return fill.value if isinstance(fill, _Constant) else fill(evaluate, place)


class _Constant:
    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


_Fill = Callable[[Evaluate, str], Any]


def _compiled(value: Any, suffix: str) -> _Constant | _Fill:
    if is_expression(value):
        expression = compile_expression(expression_text(value))
        return lambda evaluate, place: evaluate(expression, place + suffix)
    if type(value) is dict:
        members = {name: _compiled(item, f"{suffix}/{name}") for name, item in value.items()}
        if all(isinstance(member, _Constant) for member in members.values()):
            return _Constant(value)
        return lambda evaluate, place: {
            name: member.value if isinstance(member, _Constant) else member(evaluate, place)
            for name, member in members.items()
        }
    if type(value) is list:
        items = [_compiled(item, f"{suffix}/{place}") for place, item in enumerate(value)]
        if all(isinstance(item, _Constant) for item in items):
            return _Constant(value)
        return lambda evaluate, place: [
            item.value if isinstance(item, _Constant) else item(evaluate, place) for item in items
        ]
    return _Constant(value)


def expressions_in(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Each expression's place and text, whether it is valid or not."""
    if is_expression(value):
        yield place, expression_text(value)
    elif type(value) is dict:
        for name, item in value.items():
            yield from expressions_in(item, f"{place}/{name}")
    elif type(value) is list:
        for index, item in enumerate(value):
            yield from expressions_in(item, f"{place}/{index}")
