"""JavaScript's regular expressions with groups, in time proportional to the text whatever they say.

All ways that a match may go are followed side by side (Pike's machine), the preferred first; nothing is tried
twice. Back references and look-around, which cannot be done so, are refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from fogline.aws.jsonata.limits import REGEX_INSTRUCTIONS_MAX

_DEPTH_MAX = 30


class InvalidRegex(ValueError):
    """No regular expression, or outside what is understood."""


class Match(NamedTuple):
    start: int
    end: int
    groups: list[str | None]


Charge = Callable[[int], None]
# An instruction: what it does, and its operands. `char` (test), `split` (preferred, other), `jump` (to),
# `save` (register), `assert` (what), `match`.
Instruction = tuple[str, Any, Any]


class Regex:
    def __init__(self, source: str, flags: str = "") -> None:
        reader = _Reader(source, "i" in flags, "m" in flags)
        self._program = reader.read()
        self.groups = reader.groups
        self.source = source

    def search(self, text: str, start: int, charge: Charge) -> Match | None:
        """The first match at or after `start`; what it costs is told to `charge`."""
        program = self._program
        size = 2 * self.groups + 2
        threads: list[tuple[int, tuple[int, ...]]] = []
        found: tuple[int, ...] | None = None
        fresh = (-1,) * size
        for at in range(start, len(text) + 1):
            seen = bytearray(len(program))
            for pc, _ in threads:
                seen[pc] = 1
            if found is None:
                _follow(program, 0, fresh, text, at, threads, seen)
            elif not threads:
                break
            letter = text[at : at + 1]
            following: list[tuple[int, tuple[int, ...]]] = []
            seen = bytearray(len(program))
            for pc, saved in threads:
                kind, operand, _ = program[pc]
                if kind == "match":
                    found = (saved[0], at, *saved[2:])
                    break
                if letter and operand(letter):
                    _follow(program, pc + 1, saved, text, at + 1, following, seen)
            threads = following
            charge(1 + (sum(seen) >> 2))
        if found is None:
            return None
        groups = [
            text[found[n] : found[n + 1]] if found[n + 1] >= 0 else None for n in range(2, size, 2)
        ]
        return Match(found[0], found[1], groups)


def _follow(
    program: list[Instruction],
    first: int,
    saved: tuple[int, ...],
    text: str,
    at: int,
    threads: list[tuple[int, tuple[int, ...]]],
    seen: bytearray,
) -> None:
    """Adds the places that can be reached without a letter, the preferred first."""
    waiting = [(first, saved)]
    while waiting:
        pc, saved = waiting.pop()
        if seen[pc]:
            continue
        seen[pc] = 1
        kind, operand, other = program[pc]
        if kind == "jump":
            waiting.append((operand, saved))
        elif kind == "split":
            waiting.append((other, saved))
            waiting.append((operand, saved))
        elif kind == "save":
            waiting.append((pc + 1, (*saved[:operand], at, *saved[operand + 1 :])))
        elif kind == "assert":
            if operand(text, at):
                waiting.append((pc + 1, saved))
        else:
            threads.append((pc, saved))


def _is_word(letter: str) -> bool:
    return letter == "_" or (letter.isascii() and letter.isalnum())


def _at_border(text: str, at: int) -> bool:
    before = at > 0 and _is_word(text[at - 1])
    after = at < len(text) and _is_word(text[at])
    return before is not after


_CLASSES: dict[str, Callable[[str], bool]] = {
    "d": lambda letter: "0" <= letter <= "9",
    "D": lambda letter: not "0" <= letter <= "9",
    "s": lambda letter: letter.isspace() or letter == "\ufeff",
    "S": lambda letter: not letter.isspace() and letter != "\ufeff",
    "w": _is_word,
    "W": lambda letter: not _is_word(letter),
}
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v", "0": "\0"}
_LINE_ENDS = "\n\r\u2028\u2029"


class _Reader:
    def __init__(self, source: str, ignores_case: bool, is_multiline: bool) -> None:
        self._source = source
        self._at = 0
        self._depth = 0
        self._ignores_case = ignores_case
        self._is_multiline = is_multiline
        self.groups = 0

    def read(self) -> list[Instruction]:
        code = self._choice()
        if self._at < len(self._source):
            raise InvalidRegex("unmatched ')'")
        return [("save", 0, 0), *code, ("match", 0, 0)] if self._fits(code) else []

    def _fits(self, code: list[Instruction]) -> bool:
        if len(code) > REGEX_INSTRUCTIONS_MAX:
            raise InvalidRegex("it is too large")
        return True

    def _peek(self) -> str:
        return self._source[self._at : self._at + 1]

    def _take(self, text: str) -> bool:
        if self._source.startswith(text, self._at):
            self._at += len(text)
            return True
        return False

    # Code is made relative: `split` and `jump` hold distances until `_linked` fixes them.

    def _choice(self) -> list[Instruction]:
        code = _Code(self._sequence())
        while self._take("|"):
            other = self._sequence()
            # Either the first, then over the other; or the other.
            code = _Code(_either(list(code), other))
            self._fits(code)
        return code if self._depth else _linked(code, 1)

    def _sequence(self) -> list[Instruction]:
        code: list[Instruction] = []
        while self._peek() not in ("", "|", ")"):
            code.extend(self._quantified())
            self._fits(code)
        return code

    def _quantified(self) -> list[Instruction]:
        part = self._one()
        least, most = self._bounds()
        if (least, most) == (1, 1):
            return part
        if least > REGEX_INSTRUCTIONS_MAX or (most or 0) > REGEX_INSTRUCTIONS_MAX:
            raise InvalidRegex("it is too large")
        is_lazy = self._take("?")
        if (least + (1 if most is None else most - least)) * len(part) > REGEX_INSTRUCTIONS_MAX:
            raise InvalidRegex("it is too large")
        code = part * least
        if most is None:
            code += [_split(1, len(part) + 2, is_lazy), *part, ("jump", -len(part) - 1, 0)]
        else:
            for left in range(most - least, 0, -1):
                # Skipping one skips all that are left.
                code += [_split(1, left * (len(part) + 1), is_lazy), *part]
        return code

    def _is_repetition(self) -> bool:
        self._at -= 1
        before = self._at
        self._bounds()
        is_repetition = self._at > before
        self._at = before + 1
        return is_repetition

    def _bounds(self) -> tuple[int, int | None]:
        if self._take("*"):
            return 0, None
        if self._take("+"):
            return 1, None
        if self._take("?"):
            return 0, 1
        if self._peek() != "{":
            return 1, 1
        end = self._source.find("}", self._at)
        low, comma, high = self._source[self._at + 1 : end].partition(",")
        if end < 0 or not low.isdecimal() or (high and not high.isdecimal()) or len(low + high) > 8:
            return 1, 1  # JavaScript takes the brace for itself
        self._at = end + 1
        most = int(high) if high else None if comma else int(low)
        if most is not None and most < int(low):
            raise InvalidRegex("numbers out of order in {} quantifier")
        return int(low), most

    def _one(self) -> list[Instruction]:
        letter = self._peek()
        self._at += 1
        if letter == "(":
            return self._group()
        if letter == "[":
            return [("char", self._set(), 0)]
        if letter == "\\":
            return self._escape()
        if letter == ".":
            return [("char", lambda at: at not in _LINE_ENDS, 0)]
        if letter in "*+?" or (letter == "{" and self._is_repetition()):
            raise InvalidRegex("nothing to repeat")
        if letter == "^":
            is_multiline = self._is_multiline
            return [
                (
                    "assert",
                    lambda text, at: at == 0 or (is_multiline and text[at - 1] in _LINE_ENDS),
                    0,
                )
            ]
        if letter == "$":
            is_multiline = self._is_multiline
            return [
                (
                    "assert",
                    lambda text, at: at == len(text) or (is_multiline and text[at] in _LINE_ENDS),
                    0,
                )
            ]
        return [("char", self._is_letter(letter), 0)]

    def _is_letter(self, letter: str) -> Callable[[str], bool]:
        if self._ignores_case and letter.lower() != letter.upper():
            return {letter, letter.lower(), letter.upper()}.__contains__
        return letter.__eq__

    def _group(self) -> list[Instruction]:
        register = 0
        if self._take("?:"):
            pass
        elif self._peek() == "?" and not self._named():
            raise InvalidRegex("look-around is not supported")
        else:
            self.groups += 1
            register = 2 * self.groups
        self._depth += 1
        if self._depth > _DEPTH_MAX:
            raise InvalidRegex("it is nested too deeply")
        code = self._choice()
        self._depth -= 1
        if not self._take(")"):
            raise InvalidRegex("unterminated group")
        if not register:
            return code
        return [("save", register, 0), *code, ("save", register + 1, 0)]

    def _named(self) -> bool:
        if self._source[self._at + 1 : self._at + 2] != "<":
            return False
        if self._source[self._at + 2 : self._at + 3] in ("=", "!"):
            return False
        end = self._source.find(">", self._at)
        self._at = end + 1
        return end > 0

    def _escape(self) -> list[Instruction]:
        kind = self._peek()
        if kind in ("b", "B"):
            self._at += 1
            wanted = kind == "b"
            return [("assert", lambda text, at: _at_border(text, at) is wanted, 0)]
        if kind in "123456789":
            raise InvalidRegex("back references are not supported")
        if kind in _CLASSES:
            self._at += 1
            return [("char", _CLASSES[kind], 0)]
        return [("char", self._is_letter(self._escaped_letter()), 0)]

    def _escaped_letter(self) -> str:
        kind = self._peek()
        self._at += 1
        if kind in ("x", "u"):
            length = 2 if kind == "x" else 4
            digits = self._source[self._at : self._at + length]
            self._at += length
            try:
                return chr(int(digits, 16))
            except ValueError:
                raise InvalidRegex(f"\\{kind} needs {length} hexadecimal digits") from None
        if not kind:
            raise InvalidRegex("\\ at end of pattern")
        return _CONTROLS.get(kind, kind)

    def _set(self) -> Callable[[str], bool]:
        is_negated = self._take("^")
        letters: set[str] = set()
        ranges: list[tuple[str, str]] = []
        classes: list[Callable[[str], bool]] = []
        while not self._take("]"):
            low = self._set_letter(classes)
            if (
                low
                and self._peek() == "-"
                and self._source[self._at + 1 : self._at + 2] not in ("", "]")
            ):
                self._at += 1
                high = self._set_letter(classes)
                if not high:
                    letters.update(low + "-")
                elif high < low:
                    raise InvalidRegex("range out of order in character class")
                else:
                    ranges.append((low, high))
            elif low:
                letters.add(low)
        ignores_case = self._ignores_case

        def is_in(letter: str) -> bool:
            return (
                letter in letters
                or any(low <= letter <= high for low, high in ranges)
                or any(admits(letter) for admits in classes)
            )

        def admits_set(letter: str) -> bool:
            found = is_in(letter) or (
                ignores_case and (is_in(letter.lower()) or is_in(letter.upper()))
            )
            return found is not is_negated

        return admits_set

    def _set_letter(self, classes: list[Callable[[str], bool]]) -> str:
        """One letter of a set; none where it was a class of letters."""
        letter = self._peek()
        if not letter:
            raise InvalidRegex("unterminated character class")
        self._at += 1
        if letter != "\\":
            return letter
        kind = self._peek()
        if kind in _CLASSES:
            self._at += 1
            classes.append(_CLASSES[kind])
            return ""
        if kind == "b":
            self._at += 1
            return "\b"
        return self._escaped_letter()


class _Code(list[Instruction]):
    """Instructions whose distances are still relative."""


def _split(near: int, far: int, is_lazy: bool) -> Instruction:
    return ("split", far, near) if is_lazy else ("split", near, far)


def _either(first: list[Instruction], other: list[Instruction]) -> list[Instruction]:
    return [("split", 1, len(first) + 2), *first, ("jump", len(other) + 1, 0), *other]


def _linked(code: list[Instruction], offset: int) -> list[Instruction]:
    """With places instead of distances."""
    linked: list[Instruction] = []
    for place, (kind, operand, other) in enumerate(code, offset):
        if kind == "split":
            linked.append((kind, place + operand, place + other))
        elif kind == "jump":
            linked.append((kind, place + operand, 0))
        else:
            linked.append((kind, operand, other))
    return linked
