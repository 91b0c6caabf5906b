"""The grammar of what has a value: literals, operators and references."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from fogline.aws.velocity import numbers
from fogline.aws.velocity.expressions import (
    All,
    AnyOf,
    Call,
    Chain,
    Expression,
    Index,
    Interpolated,
    ListLiteral,
    Literal,
    MapLiteral,
    Not,
    Property,
    Range,
    Reference,
    Statement,
    Step,
    differs,
    equals,
)
from fogline.aws.velocity.limits import NESTING_MAX
from fogline.aws.velocity.source import Source, whole_characters

_REFERENCE = re.compile(r"\$(!?)(\{?)([A-Za-z_][A-Za-z0-9_-]*)")
_NAME = re.compile(r"\.([A-Za-z][A-Za-z0-9_-]*)")
_DECIMAL = re.compile(
    r"-?(?:[0-9]+\.(?!\.)[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?|-?[0-9]+[eE][+-]?[0-9]{1,3}"
)
_INTEGER = re.compile(r"-?[0-9]{1,300}")
_DOUBLE_QUOTED = re.compile(r'"[^"]*(?:""[^"]*)*"')
_SINGLE_QUOTED = re.compile(r"'[^']*(?:''[^']*)*'")
_SHORTEST_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_UNICODE = re.compile(r"\\u([0-9a-fA-F]{4})")
_WORD = re.compile(r"(true|false)(?![A-Za-z0-9_])")
_NOT = re.compile(r"[ \t\r\n]*(?:!(?!=)|not(?![A-Za-z0-9_]))")
_OPERATOR = re.compile(
    r"[ \t\r\n]*(\|\||&&|==|!=|<=|>=|[<>+\-*/%]|(?:or|and|eq|ne|lt|le|gt|ge)(?![A-Za-z0-9_]))"
)
_WORDS = {
    "or": "||", "and": "&&", "eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=",
}  # fmt: skip
# Each rank binds more strongly than the one before.
_RANKS: tuple[dict[str, numbers.Operation], ...] = (
    {"||": equals},
    {"&&": equals},
    {"==": equals, "!=": differs},
    {
        "<": numbers.is_less,
        ">": numbers.is_greater,
        "<=": numbers.is_at_most,
        ">=": numbers.is_at_least,
    },
    {"+": numbers.add, "-": numbers.subtract},
    {"*": numbers.multiply, "/": numbers.divide, "%": numbers.modulo},
)

ReadTemplate = Callable[[str, tuple[int, int], int], Sequence[Statement]]
"""Reads a text in double quotes as a template: its text, where it begins, and how deep it is nested."""


class ExpressionReader(Source):
    """Reads expressions; `depth` is how deeply nested is what is being read."""

    def __init__(
        self, text: str, read_template: ReadTemplate, line: int = 1, column: int = 1, depth: int = 0
    ) -> None:
        super().__init__(text, line, column)
        self._read_template = read_template
        self.depth = depth
        self.depth_reached = depth

    def deeper(self) -> None:
        self.depth += 1
        self.depth_reached = max(self.depth_reached, self.depth)
        if self.depth > NESTING_MAX:
            self.fail(f"More than {NESTING_MAX} levels of nesting")

    def expression(self, rank: int = 0) -> Expression:
        """Operators of this rank and of those that bind more strongly."""
        self.deeper()
        # The ranks are no levels: an operand is read once, and its operators are folded by rank.
        operands = [self._operand()]
        operators: list[str] = []
        while found := self.match(_OPERATOR):
            operators.append(_WORDS.get(found[1], found[1]))
            operands.append(self._operand())
        self.skip()
        self.depth -= 1
        return _folded(operands, operators)

    def _operand(self) -> Expression:
        is_negated = is_not = False
        while self.match(_NOT):
            is_negated, is_not = not is_negated, True
        self.skip()
        if self.stands_at("("):
            self.at += 1
            operand = self.expression()
            self.need(")", "an expression")
        else:
            operand = self.simple()
        if not is_not:
            return operand
        return Not(operand) if is_negated else Not(Not(operand))

    def simple(self) -> Expression:
        """A literal or a reference: all that an argument can be."""
        operand = self.find_simple()
        if operand is None:
            what = "the end" if self.at >= len(self.text) else repr(self.text[self.at])
            self.fail(f"{what} has no meaning in an expression")
        return operand

    def find_simple(self) -> Expression | None:
        """The same, or None with nothing passed where there is none."""
        self.skip()
        letter = self.text[self.at : self.at + 1]
        if letter == "$":
            return self.find_reference()
        if letter in ("'", '"') and letter:
            return self._quoted(letter)
        if letter == "[":
            return self._list()
        if letter == "{":
            return self._map()
        if found := self.match(_WORD):
            return Literal(found[1] == "true")
        if found := self.match(_DECIMAL):
            return Literal(float(found[0]))
        if found := self.match(_INTEGER):
            return Literal(int(found[0]))
        return None

    # ---- literals

    def _quoted(self, quote: str) -> Expression:
        start = self.at
        pattern = _DOUBLE_QUOTED if quote == '"' else _SINGLE_QUOTED
        found = self.match(pattern) or self.match(_SHORTEST_QUOTED)
        if found is None:
            self.fail(f"A text in {quote} has no end")
        content = found[0][1:-1].replace(quote * 2, quote)
        if quote == "'":
            return Literal(content)
        content = whole_characters(_UNICODE.sub(lambda code: chr(int(code[1], 16)), content))
        if "$" not in content and "#" not in content:
            return Literal(content)
        self.deeper()
        line, column = self.position(start)
        statements = self._read_template(content, (line, column + 1), self.depth)
        self.depth -= 1
        return Interpolated(statements)

    def _list(self) -> Expression:
        self.deeper()
        self.at += 1
        elements: list[Expression] = []
        self.skip()
        if not self.take("]"):
            elements.append(self.simple())
            self.skip()
            if self.take(".."):
                last = self.simple()
                self.need("]", "a range")
                self.depth -= 1
                return Range(elements[0], last)
            self._rest_of(elements, "]")
        self.depth -= 1
        return ListLiteral(tuple(elements))

    def _map(self) -> Expression:
        self.deeper()
        self.at += 1
        members: list[tuple[Expression, Expression]] = []
        self.skip()
        if not self.take("}"):
            while True:
                key = self.simple()
                self.need(":", "a map")
                members.append((key, self.simple()))
                self.skip()
                if not self.take(","):
                    break
            self.need("}", "a map")
        self.depth -= 1
        return MapLiteral(tuple(members))

    def _rest_of(self, elements: list[Expression], end: str) -> None:
        self.skip()
        while self.take(","):
            elements.append(self.simple())
            self.skip()
        self.need(end, "a list")

    # ---- references

    def find_reference(self) -> Reference | None:
        """The reference that stands here; None if the `$` begins none."""
        start = self.at
        found = self.match(_REFERENCE)
        if found is None:
            return None
        self.deeper()
        steps: list[Step] = []
        while (step := self._find_step()) is not None:
            steps.append(step)
        if found[2] and not self.take("}"):
            self.fail(f"'}}' is missing after ${{{found[3]}")
        self.depth -= 1
        return Reference(found[3], tuple(steps), self.text[start : self.at])

    def _find_step(self) -> Step | None:
        if self.stands_at("["):
            self.at += 1
            index = self.simple()
            self.need("]", "an index")
            return Index(index)
        name = self.match(_NAME)
        if name is None:
            return None
        if not self.stands_at("("):
            return Property(name[1])
        self.at += 1
        arguments: list[Expression] = []
        self.skip()
        if not self.take(")"):
            arguments.append(self.simple())
            self._rest_of(arguments, ")")
        return Call(name[1], tuple(arguments))


def _folded(operands: list[Expression], operators: list[str]) -> Expression:
    """Operands with the operators between them, the strongest put together first."""
    for rank in range(len(_RANKS) - 1, -1, -1):
        if not operators:
            break
        operations: dict[str, Any] = _RANKS[rank]
        groups = [[operands[0]]]
        signs: list[list[str]] = [[]]
        left: list[str] = []
        for operator, operand in zip(operators, operands[1:], strict=True):
            if operator in operations:
                groups[-1].append(operand)
                signs[-1].append(operator)
            else:
                left.append(operator)
                groups.append([operand])
                signs.append([])
        operands = [_group(rank, group, sign) for group, sign in zip(groups, signs, strict=True)]
        operators = left
    return operands[0]


def _group(rank: int, parts: list[Expression], signs: list[str]) -> Expression:
    if not signs:
        return parts[0]
    if rank == 0:
        return AnyOf(tuple(parts))
    if rank == 1:
        return All(tuple(parts))
    operations = _RANKS[rank]
    rest = tuple((operations[sign], part) for sign, part in zip(signs, parts[1:], strict=True))
    return Chain(parts[0], rest)
