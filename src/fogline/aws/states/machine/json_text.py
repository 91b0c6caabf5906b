"""JSON as AWS reads definitions and inputs: strict, and refused in the words of the library AWS uses (Jackson)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn

QUOTED_CHARS_MAX = 500
"""How much of the source the library repeats in a location."""
NUMBER_CHARS_MAX = 1_000
"""How long a number may be."""

_SPACE = " \t\n\r"
_WORD = re.compile(r"[A-Za-z_$\u0080-\uffff][\w$]{0,255}")
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
_STRING_RUN = re.compile(r'[^"\\\x00-\x1f]*')
_ANY_VALUE = "JSON String, Number, Array, Object or token 'null', 'true' or 'false'"


class InvalidJson(ValueError):
    """The text is not JSON. `reason` is what is wrong, `location` where, both as AWS spells them."""

    def __init__(self, reason: str, location: str) -> None:
        self.reason = reason
        self.location = location
        super().__init__(f"{reason}\n at {location}")


class RepeatedNames(dict[str, Any]):
    """An object whose text names a member more than once: the last one counts, the names are remembered."""

    names: frozenset[str] = frozenset()


def read_json(text: str) -> Any:
    """The value that the text spells. Raises InvalidJson, or RecursionError where it nests too deeply to be read."""
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)
    except ValueError:
        # The standard library says where a text fails, but not in AWS's words: read it again, slowly.
        _Complaint(text).explain()
    if "\\u" in text:
        _refuse_half_characters(text, value)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    seen: set[str] = set()
    twice: set[str] = set()
    for name, _ in pairs:
        (twice if name in seen else seen).add(name)
    repeated = RepeatedNames(plain)
    repeated.names = frozenset(twice)
    return repeated


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _refuse_half_characters(text: str, value: Any) -> None:
    """Half a surrogate pair is no character: nothing could store or send it."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise InvalidJson(
            "Incomplete surrogate pair in a string value", _location(text, 0)
        ) from None


def _location(text: str, at: int) -> str:
    quoted = text[:QUOTED_CHARS_MAX]
    left = len(text) - len(quoted)
    truncated = f"[truncated {left} chars]" if left else ""
    line = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    return f'[Source: (String)"{quoted}"{truncated}; line: {line}, column: {column}]'


@dataclass(slots=True)
class _Complaint:
    """Reads a text that is not JSON up to where it fails, and says so. Iterative: depth costs a list entry."""

    text: str
    at: int = 0

    def explain(self) -> NoReturn:
        open_at: list[int] = []
        self._value(open_at)
        while open_at:
            self._after_value(open_at)
        self._skip_space()
        self._refuse_character("expected end of input")

    def _value(self, open_at: list[int]) -> None:
        """Read a value; containers are only opened, down to the first value or end inside them."""
        self._skip_space()
        while not self._ends() and self.text[self.at] in "{[":
            open_at.append(self.at)
            self.at += 1
            self._skip_space()
            if self._closes(open_at):
                return
            if self.text[open_at[-1]] == "{":
                self._name(open_at)
            self._skip_space()
        if self._ends():
            self._refuse_end(open_at)
        char = self.text[self.at]
        if char == '"':
            self.at += 1
            self._string("Unexpected end-of-input: was expecting closing quote for a string value")
        elif char in "-0123456789":
            self._number()
        else:
            self._word()

    def _after_value(self, open_at: list[int]) -> None:
        self._skip_space()
        if self._ends():
            self._refuse_end(open_at)
        if self._closes(open_at):
            return
        is_object = self.text[open_at[-1]] == "{"
        if self.text[self.at] != ",":
            kind = "Object" if is_object else "Array"
            self._refuse_character(f"was expecting comma to separate {kind} entries")
        self.at += 1
        if is_object:
            self._skip_space()
            self._name(open_at)
        self._value(open_at)

    def _closes(self, open_at: list[int]) -> bool:
        if self._ends() or self.text[self.at] not in "}]":
            return False
        begun = self.text[open_at[-1]]
        wanted = "}" if begun == "{" else "]"
        if self.text[self.at] != wanted:
            kind = "Object" if begun == "{" else "Array"
            where = _location(self.text, open_at[-1])
            char = self.text[self.at]
            self.at += 1
            self._refuse(
                f"Unexpected close marker '{char}': expected '{wanted}' (for {kind} starting at {where})"
            )
        self.at += 1
        open_at.pop()
        return True

    def _name(self, open_at: list[int]) -> None:
        if self._ends():
            self._refuse_end(open_at)
        if self.text[self.at] != '"':
            self._refuse_character("was expecting double-quote to start field name")
        self.at += 1
        self._string("Unexpected end-of-input in field name")
        self._skip_space()
        if self._ends():
            self._refuse_end(open_at)
        if self.text[self.at] != ":":
            self._refuse_character("was expecting a colon to separate field name and value")
        self.at += 1

    def _string(self, unfinished: str) -> None:
        while True:
            run = _STRING_RUN.match(self.text, self.at)
            assert run is not None
            self.at = run.end()
            if self._ends():
                self._refuse(unfinished)
            char = self.text[self.at]
            self.at += 1
            if char == '"':
                return
            if char != "\\":
                self._refuse(
                    f"Illegal unquoted character ((CTRL-CHAR, code {ord(char)})): "
                    "has to be escaped using backslash to be included in string value"
                )
            self._escape(unfinished)

    def _escape(self, unfinished: str) -> None:
        if self._ends():
            self._refuse(unfinished)
        char = self.text[self.at]
        self.at += 1
        if char == "u":
            digits = self.text[self.at : self.at + 4]
            if len(digits) < 4 or not all(one in "0123456789abcdefABCDEF" for one in digits):
                self._refuse_character("expected a hex-digit for character escape sequence")
            self.at += 4
        elif char not in '"\\/bfnrt':
            self._refuse(f"Unrecognized character escape {_named(char)}")

    def _number(self) -> None:
        found = _NUMBER.match(self.text, self.at)
        if found is None:
            self.at += 1
            self._refuse_character("in numeric value: No digit following minus sign")
        self.at = found.end()
        if len(found.group()) > NUMBER_CHARS_MAX:
            self._refuse(
                f"Number value length ({len(found.group())}) exceeds the maximum allowed ({NUMBER_CHARS_MAX})"
            )
        if not self._ends() and self.text[self.at] in "0123456789":
            self._refuse("Invalid numeric value: Leading zeroes not allowed")
        if not self._ends() and self.text[self.at] not in _SPACE + ",]}":
            self._refuse_character("Expected space separating root-level values")

    def _word(self) -> None:
        found = _WORD.match(self.text, self.at)
        if found is None:
            self._refuse_character(f"expected a valid value ({_ANY_VALUE})")
        self.at = found.end()
        if found.group() not in {"null", "true", "false"}:
            self._refuse(f"Unrecognized token '{found.group()}': was expecting ({_ANY_VALUE})")

    def _skip_space(self) -> None:
        while not self._ends() and self.text[self.at] in _SPACE:
            self.at += 1

    def _ends(self) -> bool:
        return self.at >= len(self.text)

    def _refuse_character(self, wanted: str) -> NoReturn:
        if self._ends():
            self._refuse("Unexpected end-of-input")
        char = self.text[self.at]
        self.at += 1
        self._refuse(f"Unexpected character ({_named(char)}): {wanted}")

    def _refuse_end(self, open_at: list[int]) -> NoReturn:
        if not open_at:
            self._refuse("No content to map due to end-of-input")
        kind = "Object" if self.text[open_at[-1]] == "{" else "Array"
        where = _location(self.text, open_at[-1])
        self._refuse(
            f"Unexpected end-of-input: expected close marker for {kind} (start marker at {where})"
        )

    def _refuse(self, reason: str) -> NoReturn:
        raise InvalidJson(reason, _location(self.text, self.at))


def _named(char: str) -> str:
    if ord(char) < 32:
        return f"(CTRL-CHAR, code {ord(char)})"
    return f"'{char}' (code {ord(char)})"
