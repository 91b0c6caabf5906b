"""Expressions: comparisons joined by && and ||, as both JSON and column patterns write them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

from fogline.aws.patterns.operators import Wildcard
from fogline.aws.patterns.regex import InvalidRegex, Regex

DEPTH_MAX = 32
REGEXES_MAX = 2


class InvalidFilterPattern(ValueError):
    """The filter pattern is refused; the text says why."""


Lookup = Callable[[str], Iterable[Any]]
"""All values of a field: none when it is missing, several when its name has a wildcard."""
Test = Callable[[Any], bool]
Expression = Callable[[Lookup], bool]

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>"(?:\\.|[^"\\])*")
      | (?P<regex>%(?:\\.|[^%\\])+%)
      | (?P<field>\$(?:\.?\[(?:\d+|\*|"[^"]*"|'[^']*')\]|\.(?:[\w-]+|\*))+)
      | (?P<sign>&&|\|\||!=|<=|>=|=|<|>|\(|\))
      | (?P<word>[^\s()=<>!&|"%{}\[\],]+)
    )""",
    re.VERBOSE,
)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")

Token = tuple[str, str]


def tokens_of(source: str) -> list[Token]:
    """The tokens of an expression, each with its kind."""
    tokens: list[Token] = []
    at, end = 0, len(source.rstrip())
    while at < end:
        found = _TOKEN.match(source, at)
        if found is None or found.lastgroup is None:
            refuse(f"unexpected character at position {at}: {source[at:].strip()[:20]}")
        tokens.append((found.lastgroup, found[found.lastgroup]))
        at = found.end()
    return tokens


class Reader:
    """Reads one expression from its tokens. `field_kind` says which tokens name fields."""

    def __init__(self, tokens: list[Token], field_kind: str) -> None:
        self._tokens = tokens
        self._field_kind = field_kind
        self._at = 0
        self._depth = 0
        self.fields: list[str] = []

    def read(self) -> Expression:
        expression = self._either()
        if self._at < len(self._tokens):
            refuse(f"unexpected '{self._tokens[self._at][1]}'")
        return expression

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _next(self) -> Token:
        if self._at >= len(self._tokens):
            refuse("it ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def _either(self) -> Expression:
        branches = [self._both()]
        while self._peek() == "||":
            self._at += 1
            branches.append(self._both())
        if len(branches) == 1:
            return branches[0]
        return lambda lookup: any(branch(lookup) for branch in branches)

    def _both(self) -> Expression:
        parts = [self._one()]
        while self._peek() == "&&":
            self._at += 1
            parts.append(self._one())
        if len(parts) == 1:
            return parts[0]
        return lambda lookup: all(part(lookup) for part in parts)

    def _one(self) -> Expression:
        kind, text = self._next()
        if text == "(" and kind == "sign":
            self._depth += 1
            if self._depth > DEPTH_MAX:
                refuse("it is nested too deeply")
            inner = self._either()
            if self._next()[1] != ")":
                refuse("a parenthesis is not closed")
            self._depth -= 1
            return inner
        if kind != self._field_kind:
            refuse(f"'{text}' is no field")
        self.fields.append(text)
        return self._comparison(text)

    def _comparison(self, field: str) -> Expression:
        kind, sign = self._next()
        word = sign.upper() if kind == "word" else ""
        if word in ("EXISTS", "NOT"):
            if word == "NOT" and self._next()[1].upper() != "EXISTS":
                refuse("NOT must be followed by EXISTS")
            wanted = word == "EXISTS"
            return lambda lookup: any(True for _ in lookup(field)) is wanted
        if word == "IS":
            test = self._state()
        elif kind == "sign" and sign not in ("(", ")", "&&", "||"):
            test = comparison(sign, *self._next())
        else:
            refuse(f"'{sign}' is no comparison")
        return lambda lookup: any(test(value) for value in lookup(field))

    def _state(self) -> Test:
        word = self._next()[1].upper()
        is_negated = word == "NOT"
        if is_negated:
            word = self._next()[1].upper()
        if word not in _STATES:
            refuse("IS must be followed by NULL, TRUE or FALSE")
        state = _STATES[word]
        return lambda value: (value is state) is not is_negated


_STATES: dict[str, Any] = {"NULL": None, "TRUE": True, "FALSE": False}


def comparison(sign: str, kind: str, operand: str) -> Test:
    """The test that `sign operand` makes of a value."""
    if kind == "regex":
        if sign not in ("=", "!="):
            refuse("a regular expression is compared by = or !=")
        regex = read_regex(operand)
        return lambda value: regex.found_in(spelled(value)) is (sign == "=")
    if kind not in ("text", "word", "field"):
        refuse(f"'{operand}' is no value")
    text = unquoted(operand) if kind == "text" else operand
    number = float(text) if _NUMBER.fullmatch(text) else None
    if sign in ("=", "!="):
        equals = _equality(text, number)
        return equals if sign == "=" else lambda value: not equals(value)
    if number is None:
        refuse(f"'{text}' is no number")
    compare = _ORDERS[sign]

    def ordered(value: Any) -> bool:
        actual = number_of(value)
        return actual is not None and compare(actual, number)

    return ordered


_ORDERS: dict[str, Callable[[float, float], bool]] = {
    "<": float.__lt__,
    "<=": float.__le__,
    ">": float.__gt__,
    ">=": float.__ge__,
}


def _equality(text: str, number: float | None) -> Test:
    wildcard = Wildcard(tuple(text.split("*")))

    def equals(value: Any) -> bool:
        if isinstance(value, str):
            return wildcard.admits(value)
        if isinstance(value, bool) or value is None:
            return spelled(value) == text.lower()
        if isinstance(value, (int, float)):
            return value == number if number is not None else wildcard.admits(spelled(value))
        return False

    return equals


def number_of(value: Any) -> float | None:
    """The value as a number, also from a column's text."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def spelled(value: Any) -> str:
    """A value as text: true, null, 1, or the text itself."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def unquoted(token: str) -> str:
    """What a token in quotes says."""
    return re.sub(r"\\(.)", r"\1", token[1:-1])


def read_regex(token: str) -> Regex:
    """The expression of a token in percent signs."""
    try:
        return Regex(token[1:-1], has_groups=False)
    except InvalidRegex as error:
        refuse(f"the regular expression {token}: {error}")


def refuse(reason: str) -> NoReturn:
    """Refuse the pattern."""
    raise InvalidFilterPattern(f"Invalid filter pattern: {reason}")
