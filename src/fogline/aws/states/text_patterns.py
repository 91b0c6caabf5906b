"""Patterns of `StringMatches`: text with wildcards, matched in one pass."""

from __future__ import annotations


class TextPattern:
    """`*` stands for any characters; `\\*` is an asterisk and `\\\\` a backslash.

    https://states-language.net/spec.html#choice-state
    """

    def __init__(self, source: str) -> None:
        pieces: list[str] = [""]
        at = 0
        while at < len(source):
            letter = source[at]
            if letter == "*":
                pieces.append("")
            else:
                if letter == "\\" and source[at + 1 : at + 2] in ("*", "\\"):
                    at += 1
                pieces[-1] += source[at]
            at += 1
        self._first, *rest = pieces
        self._last = rest.pop() if rest else None
        self._between = [piece for piece in rest if piece]

    def matches(self, text: str) -> bool:
        """True if the whole text is of this pattern."""
        if self._last is None:
            return text == self._first
        end = len(text) - len(self._last)
        at = len(self._first)
        if at > end or not text.startswith(self._first) or not text.endswith(self._last):
            return False
        for piece in self._between:
            at = text.find(piece, at, end)
            if at < 0:
                return False
            at += len(piece)
        return True
