"""AllowedPattern: expressions of template authors, matched against whole values in linear time.

CloudFormation runs them on Java's engine, which can take forever over some. Here they run on automata. What those
cannot express is refused by name (back references, look-around in the middle), apart from two things that
templates do use: a group around the whole, and conditions at the start, as in `^(?=.*[A-Z])(?=.*\\d).{8,}$`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from fogline.aws.patterns.regex import InvalidRegex, Regex

_CONDITIONS_MAX = 20


@dataclass(frozen=True, slots=True)
class AllowedPattern:
    """One expression: conditions that hold from the start of a value, and what the whole of it matches."""

    conditions: Sequence[tuple[Regex, bool]]
    """Each with whether it must match."""
    whole: Regex

    def matches(self, value: str) -> bool:
        return self.whole.matches(value) and all(
            regex.found_in(value) is wanted for regex, wanted in self.conditions
        )


@lru_cache(maxsize=256)
def allowed_pattern(source: str) -> AllowedPattern:
    """The expression in `source`. Raises InvalidRegex if it is none, or beyond what is matched here."""
    conditions: list[tuple[Regex, bool]] = []
    rest = _unwrapped(source)
    anchored = rest.removeprefix("^")
    while anchored.startswith(("(?=", "(?!")) and len(conditions) < _CONDITIONS_MAX:
        end = _group_end(anchored, 0)
        if not end:
            raise InvalidRegex("a group is not closed")
        choices = ("^" + choice.removeprefix("^") for choice in _choices(anchored[3:end]))
        conditions.append((Regex("|".join(choices)), anchored[2] == "="))
        rest = anchored = anchored[end + 1 :]
    if conditions and len(_choices(rest)) > 1:
        # The conditions belong to the first branch alone.
        raise InvalidRegex("look-around before a choice is not understood")
    return AllowedPattern(tuple(conditions), Regex(rest))


def _unwrapped(source: str) -> str:
    """The expression without groups around the whole of it, and without the anchors around those."""
    while True:
        inner = source.removeprefix("^")
        if inner.endswith("$") and not inner.endswith("\\$"):
            inner = inner[:-1]
        if not inner.startswith("(") or _group_end(inner, 0) != len(inner) - 1:
            return source
        if inner.startswith("(?:"):
            source = inner[3:-1]
        elif inner.startswith("(?"):
            return source
        else:
            source = inner[1:-1]


def _group_end(source: str, start: int) -> int:
    """Where the group that begins at `start` is closed; 0 if nowhere."""
    return next((at for at, depth in _outside_sets(source, start) if depth == 0), 0)


def _choices(source: str) -> list[str]:
    bars = [at for at, depth in _outside_sets(source, 0) if source[at] == "|" and depth == 0]
    starts = [0, *(at + 1 for at in bars)]
    return [source[a:b] for a, b in zip(starts, [*bars, len(source)], strict=True)]


def _outside_sets(source: str, start: int) -> list[tuple[int, int]]:
    """Every place that is neither escaped nor in a set, with how many groups are open after it."""
    places = []
    depth, at, set_start = 0, start, -1
    while at < len(source):
        letter = source[at]
        if letter == "\\":
            at += 2
            continue
        if set_start >= 0:
            if letter == "]" and source[set_start:at] not in ("[", "[^"):
                set_start = -1
        elif letter == "[":
            set_start = at
        else:
            depth += (letter == "(") - (letter == ")")
            places.append((at, depth))
        at += 1
    return places
