"""The grammar of metric math: from text to steps for a stack, so that no depth of nesting is left to carry out."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from fogline.services.cloudwatch.math.errors import ExpressionError

DEPTH_MAX = 40
_CACHED_MAX = 256

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<text>\"[^\"]*\"|'[^']*')"
    r"|(?P<sign>==|!=|<>|<=|>=|&&|\|\||[-+*/^<>(),\[\]]))"
)

_BINARY: Mapping[str, tuple[int, str]] = {
    "||": (1, "OR"), "OR": (1, "OR"),
    "&&": (2, "AND"), "AND": (2, "AND"),
    "==": (3, "=="), "!=": (3, "!="), "<>": (3, "!="),
    "<": (4, "<"), ">": (4, ">"), "<=": (4, "<="), ">=": (4, ">="),
    "+": (5, "+"), "-": (5, "-"),
    "*": (6, "*"), "/": (6, "/"),
    "^": (8, "^"),
}  # fmt: skip
"""How tightly each operator binds, and what it is called in a step."""

_NEGATION = 7

StepKind = Literal["number", "text", "word", "series", "negate", "binary", "array", "call"]


class Step(NamedTuple):
    """One step: push what it is, or take `takes` values from the stack and push what comes of them."""

    kind: StepKind
    value: Any
    takes: int = 0


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that was read."""

    steps: tuple[Step, ...]
    names: frozenset[str]
    """The ids of other queries in it."""
    is_of_metrics: bool
    """True when it asks for METRICS()."""


@lru_cache(maxsize=_CACHED_MAX)
def read_expression(text: str) -> Expression:
    """Raises ExpressionError."""
    parser = _Parser(_tokens(text))
    parser.read(0, 0)
    if parser.kind != "end":
        raise ExpressionError(f"Unexpected '{parser.text[:50]}'.")
    steps = tuple(parser.steps)
    return Expression(
        steps,
        frozenset(step.value for step in steps if step.kind == "series"),
        any(step.kind == "call" and step.value == "METRICS" for step in steps),
    )


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens = []
    position = 0
    text = text.rstrip()
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise ExpressionError(f"Unexpected '{text[position:].strip()[:50]}'.")
        kind = str(found.lastgroup)
        tokens.append((kind, found[kind]))
        position = found.end()
    return [*tokens, ("end", "")]


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._next = 0
        self.steps: list[Step] = []
        self.kind, self.text = "", ""
        self._advance()

    def _advance(self) -> None:
        self.kind, self.text = self._tokens[self._next]
        self._next += 1

    def _take(self, sign: str) -> bool:
        if self.kind == "sign" and self.text == sign:
            self._advance()
            return True
        return False

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            found = f"'{self.text[:50]}'" if self.kind != "end" else "the end"
            raise ExpressionError(f"Expected '{sign}' but found {found}.")

    def read(self, tightness: int, depth: int) -> None:
        """Read operands and operators that bind at least so tightly."""
        if depth > DEPTH_MAX:
            raise ExpressionError("It nests too deeply.")
        self._operand(depth)
        while self.kind in ("sign", "name"):
            operator = _BINARY.get(self.text)
            if operator is None or operator[0] < tightness:
                return
            self._advance()
            # Powers go from right to left, all else from left to right.
            self.read(operator[0] + (operator[1] != "^"), depth + 1)
            self.steps.append(Step("binary", operator[1], 2))

    def _operand(self, depth: int) -> None:
        kind, text = self.kind, self.text
        if kind == "number":
            self._advance()
            number = float(text)
            if math.isinf(number):
                raise ExpressionError(f"The number '{text[:50]}' is too great.")
            self.steps.append(Step("number", number))
        elif kind == "text":
            self._advance()
            self.steps.append(Step("text", text[1:-1]))
        elif kind == "name":
            self._advance()
            self._named(text, depth)
        elif self._take("-"):
            self.read(_NEGATION, depth + 1)
            self.steps.append(Step("negate", "-", 1))
        elif self._take("+"):
            self.read(_NEGATION, depth + 1)
        elif self._take("("):
            self.read(0, depth + 1)
            self._expect(")")
        elif self._take("["):
            self.steps.append(Step("array", "", self._list("]", depth)))
        else:
            raise ExpressionError(
                f"Unexpected '{text[:50]}'." if kind != "end" else "It ends too early."
            )

    def _named(self, name: str, depth: int) -> None:
        if self._take("("):
            count = self._list(")", depth)
            self.steps.append(Step("call", name, count))
        elif name[0].islower():
            self.steps.append(Step("series", name))
        else:
            self.steps.append(Step("word", name))

    def _list(self, end: str, depth: int) -> int:
        """Read what stands between commas up to the end; how many there were."""
        if self._take(end):
            return 0
        count = 1
        self.read(0, depth + 1)
        while self._take(","):
            self.read(0, depth + 1)
            count += 1
        self._expect(end)
        return count
