"""Calls of intrinsic functions: `States.Format('{}', $.name)`, read once and evaluated for each state.

https://states-language.net/spec.html#intrinsic-functions
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from fogline.aws.jsonpath import InvalidPath, Path, PathFailed, PathNotFound, compile_path
from fogline.aws.jsonpath.cursor import Cursor
from fogline.aws.states.failures import (
    DATA_LIMIT_EXCEEDED,
    INTRINSIC_FAILURE,
    RUNTIME,
    InvalidExpression,
    StateFailed,
)
from fogline.aws.states.intrinsic_functions import FUNCTIONS, Function, IntrinsicFailed
from fogline.aws.states.scope import Scope
from fogline.aws.states.texts import json_text

CHARACTERS_MAX = 10_000
NESTED_MAX = 10
"""How deep calls may be nested: https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html.

The example there counts all calls of a field; beside each other, they are not limited here.
"""

_NAME = re.compile(r"States\.[A-Za-z0-9]+")
_NUMERAL = re.compile(r"-?\d{1,30}(\.\d{1,30})?([eE][+-]?\d{1,3})?(?=\s*[,)])")
_WORD = re.compile(r"(true|false|null)(?=\s*[,)])")
_WORDS = {"true": True, "false": False, "null": None}
_TEXT = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


class _Missing(Exception):
    """A path among the arguments names nothing."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


@dataclass(frozen=True, slots=True)
class _Constant:
    value: Any

    def evaluate(self, scope: Scope) -> Any:
        return self.value


@dataclass(frozen=True, slots=True)
class _PathArgument:
    path: Path

    def evaluate(self, scope: Scope) -> Any:
        try:
            return scope.value(self.path)
        except PathNotFound:
            raise _Missing(self.path.text) from None


@dataclass(frozen=True, slots=True)
class _Call:
    function: Function
    arguments: Sequence[_Argument]

    def evaluate(self, scope: Scope) -> Any:
        scope.work.spend(1)
        result = self.function.call(scope, [one.evaluate(scope) for one in self.arguments])
        if self.function.has_growing_result:
            scope.work.weigh(result)
        return result


_Argument = _Constant | _PathArgument | _Call


@dataclass(frozen=True, slots=True)
class Intrinsic:
    """A call, compiled. Safe to use from any thread."""

    text: str
    call: _Call

    @property
    def paths(self) -> list[Path]:
        """Every path among the arguments, in their order."""
        return list(_paths_in(self.call))

    def evaluate(self, scope: Scope) -> Any:
        """The value of the call. Raises StateFailed."""
        try:
            return self.call.evaluate(scope)
        except _Missing as missing:
            reason = (
                f"The JsonPath argument for the field '{missing.path}' could not be found "
                f"in the input '{json_text(scope.input)}'"
            )
            raise StateFailed(RUNTIME, self._told(reason)) from None
        except IntrinsicFailed as failed:
            raise StateFailed(INTRINSIC_FAILURE, self._told(str(failed))) from None
        except PathFailed as failed:
            error = DATA_LIMIT_EXCEEDED if scope.work.is_used_up else RUNTIME
            raise StateFailed(error, self._told(str(failed))) from None
        except RecursionError:
            raise StateFailed(
                INTRINSIC_FAILURE, self._told("A value is nested too deeply")
            ) from None

    def _told(self, reason: str) -> str:
        return f"The function '{self.text}' had the following error: {reason}"


def _paths_in(argument: _Argument) -> Iterator[Path]:
    if isinstance(argument, _PathArgument):
        yield argument.path
    elif isinstance(argument, _Call):
        for one in argument.arguments:
            yield from _paths_in(one)


def read_intrinsic(text: str) -> Intrinsic:
    """The call that the text spells. Raises InvalidExpression."""
    if len(text) > CHARACTERS_MAX:
        raise InvalidExpression(f"it is longer than {CHARACTERS_MAX} characters")
    return _Reader(text).read()


class _Reader(Cursor):
    error = InvalidExpression

    def read(self) -> Intrinsic:
        self.skip()
        call = self.call(1)
        self.skip()
        if not self.is_at_end:
            self.fail()
        return Intrinsic(self.text, call)

    def call(self, depth: int) -> _Call:
        if depth > NESTED_MAX:
            raise InvalidExpression(f"more than {NESTED_MAX} functions are nested")
        name = self.match(_NAME)
        if not name:
            self.fail()
        function = FUNCTIONS.get(name[0])
        if function is None:
            raise InvalidExpression(f"there is no function {name[0]}")
        self.need("(")
        arguments: list[_Argument] = []
        self.skip()
        if not self.take(")"):
            # What is escaped in a template is for the template to understand.
            arguments.append(self.argument(depth, is_template=name[0] == "States.Format"))
            while self.take(","):
                arguments.append(self.argument(depth))
            self.need(")")
        most = function.arguments_max
        if len(arguments) < function.arguments_min or (most is not None and len(arguments) > most):
            raise InvalidExpression(f"{name[0]} does not take {len(arguments)} arguments")
        return _Call(function, tuple(arguments))

    def argument(self, depth: int, *, is_template: bool = False) -> _Argument:
        """An argument and the white space around it."""
        self.skip()
        argument = self.bare_argument(depth, is_template)
        self.skip()
        return argument

    def bare_argument(self, depth: int, is_template: bool) -> _Argument:
        if self.stands_at("$"):
            return _PathArgument(self.path())
        if self.stands_at("States."):
            return self.call(depth + 1)
        if text := self.match(_TEXT):
            return _Constant(text[1] if is_template else _ESCAPE.sub(r"\1", text[1]))
        if word := self.match(_WORD):
            return _Constant(_WORDS[word[0]])
        if numeral := self.match(_NUMERAL):
            is_whole = numeral[1] is None and numeral[2] is None
            number = int(numeral[0]) if is_whole else float(numeral[0])
            if number in (float("inf"), float("-inf")):
                raise InvalidExpression(f"{numeral[0]} is too large")
            return _Constant(number)
        self.fail()

    def path(self) -> Path:
        """A path ends at the comma or parenthesis that is not within its own brackets, parentheses or quotes."""
        start, depth, quote = self.at, 0, ""
        while self.at < len(self.text):
            letter = self.text[self.at]
            if quote:
                if letter == "\\":
                    self.at += 1
                elif letter == quote:
                    quote = ""
            elif letter in "'\"":
                quote = letter
            elif letter in "([":
                depth += 1
            elif letter in ")]" and depth:
                depth -= 1
            elif letter in ",)":
                break
            self.at += 1
        try:
            return compile_path(self.text[start : self.at].strip())
        except InvalidPath as invalid:
            raise InvalidExpression(str(invalid)) from None
