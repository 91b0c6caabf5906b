"""Filters: which elements `[?(...)]` lets through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from fogline.aws.jsonpath.comparing import are_equal, order_of
from fogline.aws.jsonpath.work import Work
from fogline.aws.patterns.regex import Regex

REGEXES_KEPT_MAX = 128

MISSING: Any = object()


class Query(Protocol):
    """A path within a filter, from the element (`@`) or from the whole document (`$`)."""

    def value(self, item: Any, root: Any, work: Work) -> Any:
        """What it names: a list where it may name several, MISSING where nothing is."""


class PathQuery(Query, Protocol):
    def find(self, item: Any, root: Any, work: Work) -> list[Any]:
        """Every value that it names."""


class Filter(Protocol):
    def admits(self, item: Any, root: Any, work: Work) -> bool:
        """True if the element passes."""


@dataclass(frozen=True, slots=True)
class Literal:
    content: Any

    def value(self, item: Any, root: Any, work: Work) -> Any:
        return self.content


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression that a whole text must match."""

    source: str
    ignores_case: bool

    def value(self, item: Any, root: Any, work: Work) -> Any:
        return self


@dataclass(frozen=True, slots=True)
class Both:
    """All of the conditions hold."""

    parts: Sequence[Filter]

    def admits(self, item: Any, root: Any, work: Work) -> bool:
        return all(part.admits(item, root, work) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of the conditions holds."""

    parts: Sequence[Filter]

    def admits(self, item: Any, root: Any, work: Work) -> bool:
        return any(part.admits(item, root, work) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Negation:
    part: Filter

    def admits(self, item: Any, root: Any, work: Work) -> bool:
        return not self.part.admits(item, root, work)


@dataclass(frozen=True, slots=True)
class Existence:
    """Something is there, and it is not null (the library that AWS uses knows no difference)."""

    query: PathQuery

    def admits(self, item: Any, root: Any, work: Work) -> bool:
        return any(value is not None for value in self.query.find(item, root, work))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two values compared; nothing compares with what is not there."""

    left: Query
    operator: str
    right: Query

    def admits(self, item: Any, root: Any, work: Work) -> bool:
        work.spend(1)
        left = self.left.value(item, root, work)
        right = self.right.value(item, root, work)
        if left is MISSING or right is MISSING:
            return False
        return COMPARISONS[self.operator](left, right, work)


@lru_cache(REGEXES_KEPT_MAX)
def compiled_regex(source: str, ignores_case: bool) -> Regex:
    """Raises InvalidRegex."""
    return Regex(_in_either_case(source) if ignores_case else source)


def _in_either_case(source: str) -> str:
    parts: list[str] = []
    is_escaped = in_set = False
    for letter in source:
        if is_escaped or letter.lower() == letter.upper() or len(letter.swapcase()) != 1:
            parts.append(letter)
        elif in_set:
            parts.append(letter.lower() + letter.upper())
        else:
            parts.append(f"[{letter.lower()}{letter.upper()}]")
        if not is_escaped and letter in "[]":
            in_set = letter == "["
        is_escaped = letter == "\\" and not is_escaped
    return "".join(parts)


def _matches(left: Any, right: Any, work: Work) -> bool:
    pattern, value = (left, right) if isinstance(left, Pattern) else (right, left)
    if not isinstance(pattern, Pattern) or isinstance(value, Pattern | dict | list):
        return False
    text = value if isinstance(value, str) else _spelled(value)
    work.spend(len(text))
    return compiled_regex(pattern.source, pattern.ignores_case).matches(text)


def _spelled(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _is_in(value: Any, values: Any, work: Work) -> bool:
    return isinstance(values, list) and any(are_equal(value, one, work) for one in values)


def _contains(whole: Any, part: Any, work: Work) -> bool:
    if isinstance(whole, str):
        work.spend(len(whole))
        return isinstance(part, str) and part in whole
    return _is_in(part, whole, work)


def _is_subset(part: Any, whole: Any, work: Work) -> bool:
    return isinstance(part, list) and all(_is_in(one, whole, work) for one in part)


def _have_common(some: Any, others: Any, work: Work) -> bool:
    return isinstance(some, list) and any(_is_in(one, others, work) for one in some)


def _has_size(value: Any, size: Any, work: Work) -> bool:
    length = len(size) if isinstance(size, str | list) else size
    return isinstance(value, str | list | dict) and len(value) == length


def _is_empty(value: Any, expected: Any, work: Work) -> bool:
    return isinstance(value, str | list | dict) and (not value) is expected


COMPARISONS: dict[str, Callable[[Any, Any, Work], bool]] = {
    "==": are_equal,
    "!=": lambda left, right, work: not are_equal(left, right, work),
    "<": lambda left, right, work: order_of(left, right) == -1,
    "<=": lambda left, right, work: order_of(left, right) in (-1, 0),
    ">": lambda left, right, work: order_of(left, right) == 1,
    ">=": lambda left, right, work: order_of(left, right) in (0, 1),
    "=~": _matches,
    "in": _is_in,
    "nin": lambda value, values, work: not _is_in(value, values, work),
    "contains": _contains,
    "subsetof": _is_subset,
    "all": lambda whole, part, work: _is_subset(part, whole, work),
    "anyof": _have_common,
    "noneof": lambda some, others, work: not _have_common(some, others, work),
    "size": _has_size,
    "empty": _is_empty,
}
