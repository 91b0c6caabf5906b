"""Column patterns: `[ip, user, ..., status = 4*, size > 1000]` against words parted by spaces."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from fogline.services.logs.filter_patterns.expressions import (
    REGEXES_MAX,
    Expression,
    Reader,
    refuse,
    tokens_of,
)

_WORD = re.compile(r"\S+")
_CLOSING = {"[": "]", '"': '"'}
_PART = re.compile(r"""(?:"(?:\\.|[^"\\])*"|%(?:\\.|[^%\\])+%|[^,"%])*""")
_NAME = re.compile(r"[\w-]*")


@dataclass(frozen=True, slots=True)
class Columns:
    """Matches messages with as many columns as named, or at least as many where `...` stands."""

    names: tuple[str, ...]
    rest_at: int | None
    """Where any number of columns may stand, and how many are named before it."""
    tests: tuple[Expression, ...]

    def matches(self, message: str) -> bool:
        found = self._columns(message)
        if found is None:
            return False

        def lookup(name: str) -> tuple[str, ...]:
            return (found[name],) if name in found else ()

        return all(test(lookup) for test in self.tests)

    def extract(self, message: str) -> Mapping[str, str]:
        return {f"${name}": value for name, value in (self._columns(message) or {}).items()}

    def _columns(self, message: str) -> dict[str, str] | None:
        values = columns_of(message)
        if self.rest_at is None:
            if len(values) != len(self.names):
                return None
            return {name or str(n): values[n - 1] for n, name in enumerate(self.names, 1)}
        if len(values) < len(self.names):
            return None
        after = len(self.names) - self.rest_at
        columns = {str(n): value for n, value in enumerate(values, 1)}
        for n, name in enumerate(self.names[: self.rest_at], 1):
            if name:
                columns[name] = columns.pop(str(n))
        for n, name in enumerate(self.names[self.rest_at :], len(values) - after + 1):
            if name:
                columns[name] = columns.pop(str(n))
        return columns


def columns_of(message: str) -> list[str]:
    """The columns of a message: words, and what stands in brackets or quotes as one."""
    columns: list[str] = []
    never_closed = ""
    at = 0
    while (word := _WORD.search(message, at)) is not None:
        start, letter = word.start(), message[word.start()]
        if letter in _CLOSING and letter not in never_closed:
            end = message.find(_CLOSING[letter], start + 1)
            if end >= 0:
                columns.append(message[start + 1 : end])
                at = end + 1
                continue
            never_closed += letter
        columns.append(word[0])
        at = word.end()
    return columns


def read_columns(text: str) -> Columns:
    """Compile a pattern in brackets."""
    if not text.endswith("]"):
        refuse("a bracket is not closed")
    names: list[str] = []
    rest_at: int | None = None
    tests: list[Expression] = []
    regexes = 0
    for part in _parts(text[1:-1]):
        if part == "...":
            if rest_at is not None:
                refuse("'...' may stand once")
            rest_at = len(names)
        elif _NAME.fullmatch(part):
            names.append(part)
        else:
            tokens = tokens_of(part)
            regexes += sum(kind == "regex" for kind, _ in tokens)
            reader = Reader(tokens, "word")
            tests.append(reader.read())
            if len(set(reader.fields)) != 1:
                refuse(f"a column has one name: {part}")
            names.append(reader.fields[0])
    if regexes > REGEXES_MAX:
        refuse(f"it has more than {REGEXES_MAX} regular expressions")
    named = [name for name in names if name]
    if len(set(named)) != len(named):
        refuse("two columns have one name")
    return Columns(tuple(names), rest_at, tuple(tests))


def _parts(inner: str) -> list[str]:
    parts: list[str] = []
    at = 0
    while True:
        found = _PART.match(inner, at)
        assert found is not None, "the expression matches the empty text"
        parts.append(found[0].strip())
        at = found.end()
        if at >= len(inner):
            return parts
        if inner[at] != ",":
            refuse("a quotation is not closed")
        at += 1
