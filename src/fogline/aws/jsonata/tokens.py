"""From the text of an expression to its words."""

from __future__ import annotations

import math
import re
from typing import Any, NamedTuple

from fogline.aws.jsonata.errors import InvalidExpression
from fogline.aws.jsonata.regex import InvalidRegex, Regex


class Token(NamedTuple):
    kind: str
    """operator, string, number, value, name, variable, regex or end."""
    value: Any
    position: int


_DOUBLES = ("..", ":=", "!=", ">=", "<=", "**", "~>")
_SINGLES = ".[]{}(),@#;:?+-*/%|=<>^&"
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "/": "/"}
_BLANKS = " \t\n\r\v\f"
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[Ee][-+]?[0-9]+)?")
_NAME_END = re.compile(r"[ \t\n\r\v\f.\[\]{}(),@#;:?+\-*/%|=<>^&!~]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONSTANTS = {"true": True, "false": False, "null": None}


class Tokens:
    """Reads one word after another; whether `/` begins a regular expression is the parser's to know."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def next(self, may_be_regex: bool) -> Token:
        self._skip_blanks()
        text, at = self._text, self._at
        if at >= len(text):
            return Token("end", "(end)", at)
        letter = text[at]
        if letter == "/" and may_be_regex:
            return self._regex()
        if text[at : at + 2] in _DOUBLES:
            return self._token("operator", text[at : at + 2], at + 2)
        if letter in "!~":
            raise InvalidExpression("S0204", at, token=letter)
        if letter in _SINGLES:
            return self._token("operator", letter, at + 1)
        if letter in "\"'":
            return self._string(letter)
        number = _NUMBER.match(text, at)
        if number:
            return self._number(number)
        if letter == "`":
            end = text.find("`", at + 1)
            if end < 0:
                raise InvalidExpression("S0105", at)
            return self._token("name", text[at + 1 : end], end + 1)
        return self._word()

    def _token(self, kind: str, value: Any, end: int) -> Token:
        token = Token(kind, value, self._at)
        self._at = end
        return token

    def _skip_blanks(self) -> None:
        text = self._text
        while self._at < len(text):
            if text[self._at] in _BLANKS:
                self._at += 1
            elif text.startswith("/*", self._at):
                end = text.find("*/", self._at + 2)
                if end < 0:
                    raise InvalidExpression("S0106", self._at)
                self._at = end + 2
            else:
                return

    def _number(self, found: re.Match[str]) -> Token:
        written = found.group()
        value = float(written)
        if not math.isfinite(value):
            raise InvalidExpression("S0102", self._at, token=written)
        if value.is_integer() and abs(value) < 1e21:
            return self._token("number", int(value), found.end())
        return self._token("number", value, found.end())

    def _word(self) -> Token:
        found = _NAME_END.search(self._text, self._at)
        end = found.start() if found else len(self._text)
        word = self._text[self._at : end]
        if word.startswith("$"):
            return self._token("variable", word[1:], end)
        if word in ("or", "in", "and"):
            return self._token("operator", word, end)
        if word in _CONSTANTS:
            return self._token("value", _CONSTANTS[word], end)
        return self._token("name", word, end)

    def _string(self, quote: str) -> Token:
        text, at = self._text, self._at + 1
        pieces: list[str] = []
        while True:
            letter = text[at : at + 1]
            if not letter:
                raise InvalidExpression("S0101", self._at)
            if letter == quote:
                return self._token("string", _whole_characters("".join(pieces)), at + 1)
            if letter != "\\":
                pieces.append(letter)
                at += 1
                continue
            kind = text[at + 1 : at + 2]
            if kind == "u":
                digits = text[at + 2 : at + 6]
                if not re.fullmatch("[0-9a-fA-F]{4}", digits):
                    raise InvalidExpression("S0104", at)
                pieces.append(chr(int(digits, 16)))
                at += 6
            elif kind in _ESCAPES:
                pieces.append(_ESCAPES[kind])
                at += 2
            else:
                raise InvalidExpression("S0103", at, token=kind)

    def _regex(self) -> Token:
        text, at, depth = self._text, self._at + 1, 0
        while at < len(text):
            letter = text[at]
            if letter == "\\":
                at += 2
                continue
            if letter == "/" and depth == 0:
                break
            depth += (letter in "([{") - (letter in ")]}")
            at += 1
        if at >= len(text):
            raise InvalidExpression("S0302", self._at)
        source = text[self._at + 1 : at]
        if not source:
            raise InvalidExpression("S0301", self._at)
        end = at + 1
        while text[end : end + 1] in ("i", "m"):
            end += 1
        try:
            regex = Regex(source, text[at + 1 : end])
        except InvalidRegex as error:
            raise InvalidExpression("S0303", self._at, value=str(error)) from None
        return self._token("regex", regex, end)


def _whole_characters(text: str) -> str:
    """Halves of characters joined; a half on its own, which no JSON can carry, replaced."""
    if not _SURROGATE.search(text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
