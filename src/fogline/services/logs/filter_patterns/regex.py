"""The regular expressions of filter patterns, matched in one pass whatever they say.

CloudWatch knows no groups, so an expression is a choice of sequences of single characters, each of which may
be optional or repeated. All places where a match may stand are followed at once, and nothing is tried twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

ITEMS_MAX = 1_000
"""How many characters an expression may unfold into: `a{3}` is three of them."""
_STEPS_CACHED_MAX = 20_000

Admits = Callable[[str], bool]


class InvalidRegex(ValueError):
    """The expression is outside CloudWatch's syntax."""


@dataclass(frozen=True, slots=True)
class _Item:
    admits: Admits
    is_optional: bool
    is_repeated: bool


class Regex:
    """A compiled expression; `found_in` looks for it anywhere in a text."""

    def __init__(self, source: str) -> None:
        self._sequences = [_Sequence(each) for each in _split(source)]

    def found_in(self, text: str) -> bool:
        return any(sequence.found_in(text) for sequence in self._sequences)


class _Sequence:
    """One branch. Bit n of a state means: the first n items are behind us."""

    def __init__(self, source: str) -> None:
        self._at_start = source.startswith("^")
        body = source[1:] if self._at_start else source
        self._at_end = body.endswith("$") and not body.endswith("\\$")
        self._items = _read_items(body[:-1] if self._at_end else body)
        self._end = 1 << len(self._items)
        self._skips = sum(1 << n for n, item in enumerate(self._items) if item.is_optional)
        self._stays = sum(1 << n for n, item in enumerate(self._items) if item.is_repeated)
        self._admitting: dict[str, int] = {}
        self._steps: dict[tuple[int, str], int] = {}
        self._begin = self._closed(1)

    def found_in(self, text: str) -> bool:
        begin, end, steps = self._begin, self._end, self._steps
        state = begin
        for letter in text:
            if state & end and not self._at_end:
                return True
            after = steps.get((state, letter))
            if after is None:
                after = self._step(state, letter)
                if len(steps) >= _STEPS_CACHED_MAX:
                    steps.clear()
                steps[state, letter] = after
            state = after if self._at_start else after | begin
        return bool(state & end)

    def _step(self, state: int, letter: str) -> int:
        admitting = self._admitting.get(letter)
        if admitting is None:
            admitting = sum(1 << n for n, item in enumerate(self._items) if item.admits(letter))
            if len(self._admitting) < _STEPS_CACHED_MAX:
                self._admitting[letter] = admitting
        moved = state & admitting
        return self._closed((moved & ~self._stays) << 1 | moved & self._stays)

    def _closed(self, state: int) -> int:
        while (more := state | (state & self._skips) << 1) != state:
            state = more
        return state


def _split(source: str) -> list[str]:
    """The branches of a choice, cut at every `|` that is not escaped and in no set."""
    branches = [""]
    at, is_in_set = 0, False
    while at < len(source):
        letter = source[at]
        if letter == "\\":
            branches[-1] += source[at : at + 2]
            at += 2
            continue
        if letter == "|" and not is_in_set:
            branches.append("")
        else:
            is_in_set = letter == "[" or (is_in_set and letter != "]")
            branches[-1] += letter
        at += 1
    return branches


def _read_items(source: str) -> list[_Item]:
    items: list[_Item] = []
    at = 0
    while at < len(source):
        admits, at = _read_character(source, at)
        least, most, at = _read_quantifier(source, at)
        if len(items) + max(least, most or 0) + 1 > ITEMS_MAX:
            raise InvalidRegex("it is too large")
        items += [_Item(admits, is_optional=False, is_repeated=False)] * least
        if most is None:
            items.append(_Item(admits, is_optional=True, is_repeated=True))
        else:
            items += [_Item(admits, is_optional=True, is_repeated=False)] * (most - least)
    return items


def _read_character(source: str, at: int) -> tuple[Admits, int]:
    letter = source[at]
    if letter == "\\":
        return _read_escape(source, at)
    if letter == "[":
        return _read_set(source, at)
    if letter == ".":
        return (lambda each: each != "\n"), at + 1
    if letter in "()*+?{}]^$":
        raise InvalidRegex(f"'{letter}' has no meaning at position {at}")
    return letter.__eq__, at + 1


def _read_escape(source: str, at: int) -> tuple[Admits, int]:
    kind = source[at + 1 : at + 2]
    if kind == "x":
        try:
            return chr(int(source[at + 2 : at + 4], 16)).__eq__, at + 4
        except ValueError:
            raise InvalidRegex("\\x needs two hexadecimal digits") from None
    if kind in _CLASSES:
        return _CLASSES[kind], at + 2
    if not kind or kind.isalnum():
        raise InvalidRegex(f"'\\{kind}' has no meaning")
    return kind.__eq__, at + 2


def _is_word(letter: str) -> bool:
    return letter == "_" or (letter.isascii() and letter.isalnum())


def _is_digit(letter: str) -> bool:
    return "0" <= letter <= "9"


_CLASSES: dict[str, Admits] = {
    "d": _is_digit,
    "D": lambda letter: not _is_digit(letter),
    "s": str.isspace,
    "S": lambda letter: not letter.isspace(),
    "w": _is_word,
    "W": lambda letter: not _is_word(letter),
}


def _read_set(source: str, at: int) -> tuple[Admits, int]:
    at += 1
    is_negated = source[at : at + 1] == "^"
    at += is_negated
    letters: set[str] = set()
    ranges: list[tuple[str, str]] = []
    classes: list[Admits] = []
    is_first = True
    while is_first or source[at : at + 1] != "]":
        letter = source[at : at + 1]
        if not letter:
            raise InvalidRegex("a set is not closed")
        is_first = False
        if letter == "\\":
            kind = source[at + 1 : at + 2]
            if kind in _CLASSES or kind == "x":
                admits, at = _read_escape(source, at)
                classes.append(admits)
                continue
            letter, at = kind, at + 1
        at += 1
        if source[at : at + 1] == "-" and source[at + 1 : at + 2] not in ("", "]"):
            ranges.append((letter, source[at + 1]))
            at += 2
        else:
            letters.add(letter)

    def admits_set(letter: str) -> bool:
        is_in = (
            letter in letters
            or any(low <= letter <= high for low, high in ranges)
            or any(admits(letter) for admits in classes)
        )
        return is_in is not is_negated

    return admits_set, at + 1


def _read_quantifier(source: str, at: int) -> tuple[int, int | None, int]:
    """How often at least and at most (None: any number), and where reading goes on."""
    sign = source[at : at + 1]
    if sign == "?":
        return 0, 1, at + 1
    if sign == "*":
        return 0, None, at + 1
    if sign == "+":
        return 1, None, at + 1
    if sign != "{":
        return 1, 1, at
    end = source.find("}", at)
    low, comma, high = source[at + 1 : end].partition(",")
    if end < 0 or not low.isdigit() or (high and not high.isdigit()) or len(low + high) > 8:
        raise InvalidRegex("a repetition is written {n}, {n,} or {n,m}")
    least = int(low)
    most = int(high) if high else None if comma else least
    if most is not None and most < least:
        raise InvalidRegex("a repetition goes from the smaller number to the larger")
    return least, most, end + 1
