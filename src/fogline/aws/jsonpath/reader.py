"""The grammar of paths: from text to steps and filters, in one pass."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fogline.aws.jsonpath.cursor import Cursor
from fogline.aws.jsonpath.filters import (
    COMPARISONS,
    MISSING,
    Both,
    Comparison,
    Either,
    Existence,
    Filter,
    Literal,
    Negation,
    Pattern,
    Query,
    compiled_regex,
)
from fogline.aws.jsonpath.path import InvalidPath
from fogline.aws.jsonpath.steps import (
    Index,
    Indexes,
    Length,
    Name,
    Names,
    Scan,
    Selection,
    Slice,
    Step,
    Wildcard,
    evaluate,
    is_definite,
)
from fogline.aws.jsonpath.work import PathFailed, Work
from fogline.aws.patterns.regex import InvalidRegex

CHARACTERS_MAX = 4_096
STEPS_MAX = 256
DEPTH_MAX = 16
"""How deeply filters, and groups in filters, may be nested."""

_VARIABLE = re.compile(r"[^\W\d]\w*")
_PLAIN_NAME = re.compile(r"[^.\[\]\s()'\"]+")
_FILTER_NAME = re.compile(r"[^.\[\]\s()'\"=!<>&|,]+")
_NUMBERS = re.compile(r"\s*(-?\d{1,9})\s*((?:,\s*-?\d{1,9}\s*)*)\]")
_SLICE = re.compile(r"\s*(?:(-?\d{1,9})\s*)?:\s*(?:(-?\d{1,9})\s*)?\]")
_FROM_END = re.compile(r"\s*(?:\(\s*)?@\.(?:length|size)(?:\(\))?\s*-\s*(\d{1,9})\s*(?:\)\s*)?\]")
_NUMERAL = re.compile(r"-?(?:\d+)(\.\d+)?([eE][+-]?\d{1,3})?")
_OPERATOR = re.compile(r"==|!=|<=|>=|=~|<|>|[a-z]+\b")
_WORD = re.compile(r"(true|false|null)\b")
_BARE_TEXT = re.compile(r"[^\W\d][\w-]*")
_REGEX = re.compile(r"/((?:[^/\\]|\\.)*)/([a-z]*)")


@dataclass(frozen=True, slots=True)
class _Steps:
    """A path within a filter."""

    steps: tuple[Step, ...]
    is_absolute: bool

    def find(self, item: Any, root: Any, work: Work) -> list[Any]:
        work.spend(1)
        try:
            return evaluate(self.steps, root if self.is_absolute else item, root, work)
        except PathFailed:
            # Where the work is used up, it says so again.
            work.spend(0)
            return []

    def value(self, item: Any, root: Any, work: Work) -> Any:
        found = self.find(item, root, work)
        if all(map(is_definite, self.steps)):
            return found[0] if found else MISSING
        return found


class Reader(Cursor):
    """Reads one path."""

    error = InvalidPath

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.depth = 0

    def read(self) -> tuple[str, tuple[Step, ...]]:
        """The root and the steps of the whole text. Raises InvalidPath."""
        if len(self.text) > CHARACTERS_MAX:
            raise InvalidPath(f"it is longer than {CHARACTERS_MAX} characters")
        if not self.take("$"):
            raise InvalidPath("a path starts with '$'")
        root = "$"
        if self.take("$"):
            root = "$$"
        elif name := _VARIABLE.match(self.text, self.at):
            root = name[0]
            self.at = name.end()
        steps = self.steps(_PLAIN_NAME)
        if not self.is_at_end:
            self.fail()
        return root, steps

    # ---- steps

    def steps(self, plain_name: re.Pattern[str]) -> tuple[Step, ...]:
        steps: list[Step] = []
        while len(steps) <= STEPS_MAX:
            if self.take(".."):
                steps.append(Scan())
                if not self.stands_at("["):
                    steps.append(self.member(plain_name))
            elif self.take("."):
                # `$.a.['b c']` is in AWS's own documentation.
                if not self.stands_at("["):
                    steps.append(self.member(plain_name))
            elif not self.stands_at("["):
                return tuple(steps)
            if self.take("["):
                steps.append(self.bracket())
        raise InvalidPath(f"it has more than {STEPS_MAX} steps")

    def member(self, plain_name: re.Pattern[str]) -> Step:
        if self.take("*"):
            return Wildcard()
        if self.take("length()"):
            return Length()
        name = self.match(plain_name)
        if not name:
            self.fail()
        # Of functions, AWS is only known to have that one: others name a member that nobody has.
        return Name(name[0] + "()" if self.take("()") else name[0])

    def bracket(self) -> Step:
        start = self.at
        if found := self.match(_NUMBERS):
            indexes = [int(found[1]), *(int(one) for one in found[2].split(",")[1:])]
            return Index(indexes[0]) if len(indexes) == 1 else Indexes(tuple(indexes))
        if found := self.match(_SLICE):
            if found[1] is None and found[2] is None:
                raise InvalidPath("a slice has a start or an end")
            ends = (None if end is None else int(end) for end in found.groups())
            return Slice(*ends)
        if found := self.match(_FROM_END):
            if int(found[1]) == 0:
                raise InvalidPath("there is nothing at the length of an array")
            return Index(-int(found[1]))
        self.skip()
        if self.take("*"):
            self.need("]")
            return Wildcard()
        if self.take("?"):
            return self.selection()
        if self.text[self.at : self.at + 1] in ("'", '"'):
            return self.names()
        self.at = start
        self.fail()

    def names(self) -> Step:
        names = [self.quoted()]
        self.skip()
        while self.take(","):
            self.skip()
            names.append(self.quoted())
            self.skip()
        self.need("]")
        return Name(names[0]) if len(names) == 1 else Names(tuple(dict.fromkeys(names)))

    def quoted(self) -> str:
        quote = self.text[self.at : self.at + 1]
        if quote not in ("'", '"'):
            self.fail("a quoted name or text is missing")
        letters: list[str] = []
        self.at += 1
        while self.at < len(self.text):
            letter = self.text[self.at]
            self.at += 1
            if letter == quote:
                return "".join(letters)
            if letter == "\\":
                letter = self.text[self.at : self.at + 1]
                self.at += 1
            letters.append(letter)
        self.fail("a quote is not closed")

    # ---- filters

    def selection(self) -> Step:
        self.need("(")
        self.deepen()
        condition = self.either()
        self.depth -= 1
        self.need(")")
        self.need("]")
        return Selection(condition)

    def deepen(self) -> None:
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise InvalidPath(f"it is nested more than {DEPTH_MAX} deep")

    def either(self) -> Filter:
        parts = [self.both()]
        self.skip()
        while self.take("||"):
            parts.append(self.both())
            self.skip()
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def both(self) -> Filter:
        parts = [self.condition()]
        self.skip()
        while self.take("&&"):
            parts.append(self.condition())
            self.skip()
        return parts[0] if len(parts) == 1 else Both(tuple(parts))

    def condition(self) -> Filter:
        self.skip()
        self.deepen()
        try:
            if self.take("!"):
                return Negation(self.condition())
            if self.take("("):
                grouped = self.either()
                self.need(")")
                return grouped
            return self.comparison()
        finally:
            self.depth -= 1

    def comparison(self) -> Filter:
        left = self.operand()
        self.skip()
        start = self.at
        operator = self.match(_OPERATOR)
        if not operator:
            if isinstance(left, _Steps):
                return Existence(left)
            self.fail()
        if operator[0] not in COMPARISONS:
            self.at = start
            self.fail(f"there is no operator '{operator[0][:20]}'")
        right = self.operand()
        if isinstance(left, Pattern) or isinstance(right, Pattern):
            if operator[0] != "=~":
                raise InvalidPath("a regular expression is compared with '=~'")
        elif operator[0] == "=~":
            raise InvalidPath("'=~' needs a /regular expression/")
        return Comparison(left, operator[0], right)

    def operand(self) -> Query:
        self.skip()
        first = self.text[self.at : self.at + 1]
        if first in ("@", "$"):
            self.at += 1
            return _Steps(self.steps(_FILTER_NAME), first == "$")
        if first in ("'", '"'):
            return Literal(self.quoted())
        if first in ("[", "{"):
            return Literal(self.json())
        if first == "/":
            return self.regex()
        if word := self.match(_WORD):
            return Literal({"true": True, "false": False, "null": None}[word[0]])
        if numeral := self.match(_NUMERAL):
            is_whole = numeral[1] is None and numeral[2] is None
            return Literal(int(numeral[0]) if is_whole else float(numeral[0]))
        if bare := self.match(_BARE_TEXT):
            # The library that AWS uses takes what it knows no better for a text.
            return Literal(bare[0])
        self.fail()

    def json(self) -> Any:
        """A JSON array or object; its texts may stand in single quotes."""
        if self.take("["):
            return self.items("]", self.json_value)
        self.need("{")
        return dict(self.items("}", self.json_member))

    def items(self, end: str, read: Callable[[], Any]) -> list[Any]:
        self.deepen()
        found: list[Any] = []
        self.skip()
        if not self.take(end):
            found.append(read())
            self.skip()
            while self.take(","):
                found.append(read())
                self.skip()
            self.need(end)
        self.depth -= 1
        return found

    def json_member(self) -> tuple[str, Any]:
        self.skip()
        name = self.quoted()
        self.need(":")
        return name, self.json_value()

    def json_value(self) -> Any:
        operand = self.operand()
        if not isinstance(operand, Literal):
            self.fail("a value is missing")
        return operand.content

    def regex(self) -> Pattern:
        found = self.match(_REGEX)
        if not found:
            self.fail("a regular expression is not closed")
        if found[2] not in ("", "i"):
            raise InvalidPath("the only flag of a regular expression is 'i'")
        pattern = Pattern(found[1].replace("\\/", "/"), found[2] == "i")
        try:
            compiled_regex(pattern.source, pattern.ignores_case)
        except InvalidRegex as invalid:
            raise InvalidPath(f"regular expression: {invalid}") from None
        return pattern
