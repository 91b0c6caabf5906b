"""What a command says: rich on a terminal, plain text elsewhere, and with --json nothing but JSON on stdout.

rich is imported when something is first drawn on a terminal, never before.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import orjson

Row = Sequence[object]

_COLOURS = {"good": 32, "bad": 31, "warn": 33, "dim": 90, "name": 36}
"""What a text is, and the terminal's number for its colour."""


class Progress(Protocol):
    """A bar that grows."""

    def move(self, done: int, text: str = "") -> None: ...


class Output:
    """Where a command's words go. `say` and `table` are for people and are silent with --json."""

    def __init__(self, is_json: bool = False, *, is_silent: bool = False) -> None:
        self.is_json = is_json or is_silent
        self._is_silent = is_silent

    @property
    def is_terminal(self) -> bool:
        """True when a person watches stdout: then it may be drawn on."""
        return not self.is_json and sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"

    @property
    def has_colour(self) -> bool:
        return self.is_terminal and not os.environ.get("NO_COLOR")

    def paint(self, text: str, kind: str) -> str:
        """The text in the colour of its kind (good, bad, warn, dim, name), if colours are wanted."""
        return f"\x1b[{_COLOURS[kind]}m{text}\x1b[0m" if self.has_colour else text

    def say(self, text: str = "", kind: str = "") -> None:
        """A line for people, on stdout."""
        if not self.is_json:
            _print(self.paint(text, kind) if kind else text)

    def note(self, text: str) -> None:
        """A line beside the result, on stderr, in every mode."""
        print(text, file=sys.stderr, flush=True)

    def document(self, value: Any) -> None:
        """The one JSON document of a command; silent without --json."""
        if self.is_json and not self._is_silent:
            options = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
            _print(orjson.dumps(value, default=str, option=options).decode())

    def event(self, value: Mapping[str, Any], text: str, kind: str = "") -> None:
        """One JSON line with --json, else one line of text."""
        if self._is_silent:
            return
        if self.is_json:
            _print(orjson.dumps(value, default=str).decode())
        else:
            self.say(text, kind)

    def table(self, columns: Sequence[str], rows: Iterable[Row], title: str = "") -> None:
        """A table for people."""
        if self.is_json:
            return
        lines = [[str(cell) for cell in row] for row in rows]
        if self.is_terminal:
            self._rich_table(columns, lines, title)
            return
        if title:
            _print(title)
        widths = [
            max([len(column), *(len(line[place]) for line in lines)])
            for place, column in enumerate(columns)
        ]
        for line in [[column.upper() for column in columns], *lines]:
            cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
            _print("  ".join(cells).rstrip())

    def _rich_table(self, columns: Sequence[str], lines: list[list[str]], title: str) -> None:
        from rich.box import SIMPLE_HEAD
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(title=title or None, box=SIMPLE_HEAD, title_justify="left", pad_edge=False)
        for column in columns:
            table.add_column(column, overflow="fold")
        for line in lines:
            table.add_row(*(Text(cell) for cell in line))
        Console(highlight=False).print(table)

    @contextmanager
    def progress(self, title: str, total: int) -> Iterator[Progress]:
        """A progress bar on a terminal; elsewhere its title and its end, a line each."""
        if self.is_terminal:
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
            from rich.progress import Progress as Bars

            columns = (
                TextColumn("{task.description}"),
                BarColumn(bar_width=24),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TextColumn("[dim]{task.fields[text]}"),
            )
            with Bars(*columns) as bars:
                yield _Bar(bars, bars.add_task(title, total=total, text=""))
        else:
            self.say(f"{title} ...")
            quiet = _Quiet()
            yield quiet
            self.say(f"{title}: {quiet.done} of {total}{f' ({quiet.text})' if quiet.text else ''}")


class _Bar:
    def __init__(self, bars: Any, task: Any) -> None:
        self._bars, self._task = bars, task

    def move(self, done: int, text: str = "") -> None:
        self._bars.update(self._task, completed=done, text=text)


class _Quiet:
    def __init__(self) -> None:
        self.done, self.text = 0, ""

    def move(self, done: int, text: str = "") -> None:
        self.done, self.text = done, text


def _print(text: str) -> None:
    """At once, so that whoever follows through a pipe sees it when it is said."""
    print(text, flush=True)
