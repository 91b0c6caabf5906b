"""A grid of characters to draw on: lines that meet are joined, and every character keeps the kind it was drawn as."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import IntFlag

Span = tuple[str, str]
"""Text, and its kind: good, bad, warn, name, dim or nothing."""


class Side(IntFlag):
    UP = 1
    DOWN = 2
    LEFT = 4
    RIGHT = 8


_NOWHERE = Side(0)
_LIGHT = " ╵╷│╴╯╮┤╶╰╭├─┴┬┼"
_HEAVY = " ╹╻┃╸┛┓┫╺┗┏┣━┻┳╋"
_DASHED = {"│": "╎", "─": "╌", "┃": "╏", "━": "╍"}


@dataclass(slots=True)
class _Cell:
    sides: Side = _NOWHERE
    is_heavy: bool = False
    is_dashed: bool = True
    text: str = ""
    kind: str = ""


class Canvas:
    """Lines are drawn first in any order, heavy ones over light ones; text covers lines."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._cells: dict[tuple[int, int], _Cell] = {}

    def line(
        self,
        start: tuple[int, int],
        end: tuple[int, int],
        kind: str = "",
        *,
        is_heavy: bool = False,
        is_dashed: bool = False,
    ) -> None:
        """A straight line from the middle of one cell to that of another."""
        (x, y), (to_x, to_y) = start, end
        assert x == to_x or y == to_y
        dx, dy = (to_x > x) - (to_x < x), (to_y > y) - (to_y < y)
        towards, back = _side(dx, dy), _side(-dx, -dy)
        while True:
            sides = _NOWHERE
            if (x, y) != start:
                sides |= back
            if (x, y) != end:
                sides |= towards
            self.stroke(x, y, sides, kind, is_heavy=is_heavy, is_dashed=is_dashed)
            if (x, y) == end:
                return
            x, y = x + dx, y + dy

    def stroke(
        self,
        x: int,
        y: int,
        sides: Side,
        kind: str = "",
        *,
        is_heavy: bool = False,
        is_dashed: bool = False,
    ) -> None:
        cell = self._cell(x, y)
        if cell is None:
            return
        if is_heavy or not cell.is_heavy:
            cell.kind = kind
        cell.sides |= sides
        cell.is_heavy |= is_heavy
        cell.is_dashed &= is_dashed

    def frame(
        self,
        corner: tuple[int, int],
        size: tuple[int, int],
        kind: str = "",
        *,
        is_heavy: bool = False,
        is_dashed: bool = False,
    ) -> None:
        """A box along its outermost cells."""
        (left, top), (width, height) = corner, size
        right, bottom = left + width - 1, top + height - 1
        corners = ((left, top), (right, top), (right, bottom), (left, bottom))
        for one, other in zip(corners, corners[1:] + corners[:1], strict=True):
            self.line(one, other, kind, is_heavy=is_heavy, is_dashed=is_dashed)

    def text(self, x: int, y: int, text: str, kind: str = "") -> None:
        for character in text:
            cell = self._cell(x, y)
            if cell is not None:
                cell.text, cell.kind = character, kind
            x += width_of(character)

    def rows(self) -> list[list[Span]]:
        """The picture, row by row, as pieces of one kind each, without spaces at the end."""
        rows = []
        for y in range(self.height):
            spans: list[Span] = []
            x = 0
            while x < self.width:
                cell = self._cells.get((x, y))
                text, kind = (_drawn(cell), cell.kind) if cell else (" ", "")
                if spans and spans[-1][1] == kind:
                    spans[-1] = (spans[-1][0] + text, kind)
                else:
                    spans.append((text, kind))
                x += max(width_of(text), 1)
            while spans and not spans[-1][0].strip():
                spans.pop()
            if spans:
                spans[-1] = (spans[-1][0].rstrip(), spans[-1][1])
            rows.append(spans)
        return rows

    def _cell(self, x: int, y: int) -> _Cell | None:
        if not (0 <= x < self.width and 0 <= y < self.height):
            return None
        return self._cells.setdefault((x, y), _Cell())


def _side(dx: int, dy: int) -> Side:
    if dy:
        return Side.DOWN if dy > 0 else Side.UP
    return Side.RIGHT if dx > 0 else Side.LEFT if dx < 0 else _NOWHERE


def _drawn(cell: _Cell) -> str:
    if cell.text:
        return cell.text
    character = (_HEAVY if cell.is_heavy else _LIGHT)[cell.sides]
    return _DASHED.get(character, character) if cell.is_dashed else character


def width_of(text: str) -> int:
    """How many cells a text takes."""
    if text.isascii():
        return len(text)
    return sum(
        2 if unicodedata.east_asian_width(each) in "WF" else 0 if unicodedata.combining(each) else 1
        for each in text
    )


def fit(text: str, cells: int) -> str:
    """The text in at most so many cells, printable, with … for what was left out."""
    plain = "".join(
        each if each.isprintable() and not unicodedata.combining(each) else "�"
        for each in text[:400]
    )
    if len(text) <= 400 and width_of(plain) <= cells:
        return plain
    used, kept = 1, ""
    for each in plain:
        used += width_of(each)
        if used > cells:
            break
        kept += each
    return f"{kept}…"
