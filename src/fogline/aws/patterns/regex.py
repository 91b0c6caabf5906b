"""Regular expressions that users give, matched in one pass whatever they say.

Python's own engine may try the same text in ever new ways, so that one expression from one client could stop
everything. Here every place where a match may stand is followed at once (Glushkov's automaton), and nothing is
tried twice. Groups capture nothing; there are no back references and no look-around.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

POSITIONS_MAX = 1_000
"""How many characters an expression may unfold into: `a{3}` is three of them."""
DEPTH_MAX = 30
_STEPS_CACHED_MAX = 10_000

Admits = Callable[[str], bool]


class InvalidRegex(ValueError):
    """The expression is no regular expression, or outside what is understood here."""


class Regex:
    """A compiled expression."""

    def __init__(self, source: str, *, has_groups: bool = True) -> None:
        tree = _Reader(source, has_groups).read()
        self._branches = [_Automaton(branch) for branch in tree]

    def found_in(self, text: str) -> bool:
        """True if the expression matches somewhere in the text."""
        return any(branch.found_in(text) for branch in self._branches)

    def matches(self, text: str) -> bool:
        """True if the expression matches the text as a whole."""
        return any(branch.found_in(text, is_whole=True) for branch in self._branches)


# ---- the tree of an expression


@dataclass(frozen=True, slots=True)
class _Atom:
    admits: Admits
    letter: str = ""
    """The one character it stands for, where it stands for one."""


@dataclass(frozen=True, slots=True)
class _Repeat:
    node: _Node
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class _Choice:
    branches: Sequence[Sequence[_Node]]


_Node = _Atom | _Repeat | _Choice


class _Branch(NamedTuple):
    nodes: Sequence[_Node]
    at_start: bool
    at_end: bool


class _Fragment(NamedTuple):
    """A part of the automaton: may it be empty, and the positions it can begin and end with, as bits."""

    is_nullable: bool
    first: int
    last: int


class _Automaton:
    """One branch of the expression. A state is the set of positions that may come next, as bits."""

    def __init__(self, branch: _Branch) -> None:
        self._admits: list[Admits] = []
        self._follow: list[int] = []
        self._at_start, self._at_end = branch.at_start, branch.at_end
        self._whole = self._sequence(branch.nodes)
        self._literal = _literal_in(branch.nodes)
        self._admitting: dict[str, int] = {}
        self._steps: dict[tuple[int, str], tuple[int, bool]] = {}

    def found_in(self, text: str, is_whole: bool = False) -> bool:
        # Most texts that do not match lack a word that they would need, and that is found out fast.
        if self._literal not in text:
            return False
        at_start, at_end = self._at_start or is_whole, self._at_end or is_whole
        if self._whole.is_nullable and (not at_end or not at_start or not text):
            return True
        first, steps = self._whole.first, self._steps
        state, is_accepted = first, False
        for letter in text:
            step = steps.get((state, letter))
            if step is None:
                step = self._step(state, letter)
                if len(steps) >= _STEPS_CACHED_MAX:
                    steps.clear()
                steps[state, letter] = step
            state, is_accepted = step
            if is_accepted and not at_end:
                return True
            if not at_start:
                state |= first
            elif not state and not is_accepted:
                return False
        return is_accepted

    def _step(self, state: int, letter: str) -> tuple[int, bool]:
        admitting = self._admitting.get(letter)
        if admitting is None:
            admitting = sum(1 << n for n, admits in enumerate(self._admits) if admits(letter))
            if len(self._admitting) < _STEPS_CACHED_MAX:
                self._admitting[letter] = admitting
        matched = state & admitting
        is_accepted = bool(matched & self._whole.last)
        following = 0
        for position in _bits(matched):
            following |= self._follow[position]
        return following, is_accepted

    # ---- making it

    def _sequence(self, nodes: Sequence[_Node]) -> _Fragment:
        whole = _Fragment(True, 0, 0)
        for node in nodes:
            whole = self._joined(whole, self._fragment(node))
        return whole

    def _fragment(self, node: _Node) -> _Fragment:
        if isinstance(node, _Atom):
            if len(self._admits) >= POSITIONS_MAX:
                raise InvalidRegex("it is too large")
            bit = 1 << len(self._admits)
            self._admits.append(node.admits)
            self._follow.append(0)
            return _Fragment(False, bit, bit)
        if isinstance(node, _Choice):
            parts = [self._sequence(branch) for branch in node.branches]
            is_nullable, first, last = False, 0, 0
            for part in parts:
                is_nullable |= part.is_nullable
                first |= part.first
                last |= part.last
            return _Fragment(is_nullable, first, last)
        return self._repeated(node)

    def _repeated(self, node: _Repeat) -> _Fragment:
        if max(node.least, node.most or 0) > POSITIONS_MAX:
            raise InvalidRegex("it is too large")
        whole = _Fragment(True, 0, 0)
        for _ in range(node.least):
            whole = self._joined(whole, self._fragment(node.node))
        if node.most is None:
            part = self._fragment(node.node)
            for position in _bits(part.last):
                self._follow[position] |= part.first
            return self._joined(whole, part._replace(is_nullable=True))
        for _ in range(node.most - node.least):
            part = self._fragment(node.node)
            whole = self._joined(whole, part._replace(is_nullable=True))
        return whole

    def _joined(self, before: _Fragment, after: _Fragment) -> _Fragment:
        for position in _bits(before.last):
            self._follow[position] |= after.first
        return _Fragment(
            before.is_nullable and after.is_nullable,
            before.first | (after.first if before.is_nullable else 0),
            after.last | (before.last if after.is_nullable else 0),
        )


def _literal_in(nodes: Sequence[_Node]) -> str:
    """The longest text that every match contains."""
    runs = [""]
    for node in nodes:
        if isinstance(node, _Atom) and node.letter:
            runs[-1] += node.letter
        else:
            runs.append("")
    return max(runs, key=len)


def _bits(mask: int) -> list[int]:
    positions = []
    while mask:
        low = mask & -mask
        positions.append(low.bit_length() - 1)
        mask ^= low
    return positions


# ---- reading


class _Reader:
    def __init__(self, source: str, has_groups: bool) -> None:
        self._source = source
        self._has_groups = has_groups
        self._at = 0
        self._depth = 0

    def read(self) -> list[_Branch]:
        branches = []
        while True:
            at_start = self._take("^")
            nodes = self._sequence()
            branches.append(_Branch(nodes, at_start, self._take("$")))
            if self._at >= len(self._source):
                return branches
            if not self._take("|"):
                raise self._meaningless()

    def _peek(self) -> str:
        return self._source[self._at : self._at + 1]

    def _take(self, text: str) -> bool:
        is_there = self._source.startswith(text, self._at)
        if is_there:
            self._at += len(text)
        return is_there

    def _meaningless(self) -> InvalidRegex:
        return InvalidRegex(f"'{self._peek()}' has no meaning at position {self._at}")

    def _sequence(self) -> list[_Node]:
        nodes: list[_Node] = []
        while self._peek() not in ("", "|", ")", "$"):
            node = self._one()
            least, most = self._quantifier()
            nodes.append(node if (least, most) == (1, 1) else _Repeat(node, least, most))
        return nodes

    def _one(self) -> _Node:
        letter = self._peek()
        if letter == "\\":
            return _Atom(self._escape())
        if letter == "[":
            return _Atom(self._set())
        if letter == "(" and self._has_groups:
            return self._group()
        if letter in "()*+?{}]^":
            raise self._meaningless()
        self._at += 1
        if letter == ".":
            return _Atom(_is_no_line_end)
        return _Atom(letter.__eq__, letter)

    def _group(self) -> _Node:
        self._at += 1
        if self._take("?") and not self._take(":"):
            raise InvalidRegex("look-around and flags are not understood")
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise InvalidRegex("it is nested too deeply")
        branches = [self._sequence()]
        while self._take("|"):
            branches.append(self._sequence())
        if not self._take(")"):
            raise InvalidRegex("a group is not closed, or holds '$'")
        self._depth -= 1
        return _Choice(branches)

    def _escape(self) -> Admits:
        kind = self._source[self._at + 1 : self._at + 2]
        self._at += 2
        if kind == "x":
            digits = self._source[self._at : self._at + 2]
            self._at += 2
            try:
                return chr(int(digits, 16)).__eq__
            except ValueError:
                raise InvalidRegex("\\x needs two hexadecimal digits") from None
        if kind in _CLASSES:
            return _CLASSES[kind]
        if kind in _CONTROLS:
            return _CONTROLS[kind].__eq__
        if not kind or kind.isalnum():
            raise InvalidRegex(f"'\\{kind}' has no meaning")
        return kind.__eq__

    def _set(self) -> Admits:
        self._at += 1
        is_negated = self._take("^")
        letters: set[str] = set()
        ranges: list[tuple[str, str]] = []
        classes: list[Admits] = []
        is_first = True
        while is_first or self._peek() != "]":
            is_first = False
            letter = self._peek()
            if not letter:
                raise InvalidRegex("a set is not closed")
            if letter == "\\":
                kind = self._source[self._at + 1 : self._at + 2]
                if kind in _CLASSES or kind == "x":
                    classes.append(self._escape())
                    continue
                self._at += 1
                letter = _CONTROLS.get(kind, kind)
            self._at += 1
            if self._peek() == "-" and self._source[self._at + 1 : self._at + 2] not in ("", "]"):
                ranges.append((letter, self._range_end()))
            else:
                letters.add(letter)
        self._at += 1

        def admits_set(letter: str) -> bool:
            is_in = (
                letter in letters
                or any(low <= letter <= high for low, high in ranges)
                or any(admits(letter) for admits in classes)
            )
            return is_in is not is_negated

        return admits_set

    def _range_end(self) -> str:
        self._at += 1
        self._take("\\")
        self._at += 1
        return self._source[self._at - 1 : self._at]

    def _quantifier(self) -> tuple[int, int | None]:
        """How often at least and at most (None: any number)."""
        found: tuple[int, int | None]
        if self._take("?"):
            found = 0, 1
        elif self._take("*"):
            found = 0, None
        elif self._take("+"):
            found = 1, None
        elif self._take("{"):
            found = self._bounds()
        else:
            return 1, 1
        if self._has_groups:
            # Lazy or greedy, the same texts match.
            self._take("?")
        return found

    def _bounds(self) -> tuple[int, int | None]:
        end = self._source.find("}", self._at)
        low, comma, high = self._source[self._at : end].partition(",")
        if end < 0 or not low.isdecimal() or (high and not high.isdecimal()) or len(low + high) > 8:
            raise InvalidRegex("a repetition is written {n}, {n,} or {n,m}")
        self._at = end + 1
        least = int(low)
        most = int(high) if high else None if comma else least
        if most is not None and most < least:
            raise InvalidRegex("a repetition goes from the smaller number to the larger")
        return least, most


def _is_no_line_end(letter: str) -> bool:
    return letter != "\n"


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
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}
