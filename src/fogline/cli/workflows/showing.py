"""Drawings on the terminal: as wide as it is, in its colours, again and again while an execution runs."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from fogline.aws.states.drawing import (
    Progress,
    Span,
    TooLargeToDraw,
    draw_outline,
    draw_terminal,
    event_words,
    outcome_words,
)
from fogline.aws.states.machine import Machine
from fogline.cli.client import Client
from fogline.cli.output import Output
from fogline.cli.workflows.histories import count_map_runs, follow

if TYPE_CHECKING:
    from rich.text import Text

_COLUMNS_MAX = 160
_COLUMNS_PLAIN = 100
_DETAILS_CHARACTERS_MAX = 76
_STYLES = {"good": "green", "bad": "red", "warn": "yellow", "dim": "bright_black", "name": "cyan"}


def draw(out: Output, machine: Machine, progress: Progress | None) -> None:
    """The drawing, or the list where the terminal is too narrow for it."""
    for row in _rows(machine, progress, columns_of(out)):
        out.say("".join(out.paint(text, kind) if kind else text for text, kind in row))


def columns_of(out: Output) -> int:
    """How wide a drawing may be."""
    if not out.is_terminal:
        return _COLUMNS_PLAIN
    return min(shutil.get_terminal_size((_COLUMNS_PLAIN, 40)).columns, _COLUMNS_MAX)


def _rows(machine: Machine, progress: Progress | None, columns: int) -> list[list[Span]]:
    try:
        rows = draw_terminal(machine, progress, columns)
    except TooLargeToDraw:
        rows = None
    return rows if rows is not None else draw_outline(machine, progress, columns)


def outcome_kind(status: str) -> str:
    """The colour of a status of an execution."""
    return {"SUCCEEDED": "good", "RUNNING": "name", "PENDING_REDRIVE": "warn"}.get(status, "bad")


def tell_outcome(out: Output, name: str, progress: Progress) -> None:
    """How an execution ended, with what it gave or why it failed."""
    whole = progress.execution
    out.say(f"{name} {out.paint(outcome_words(progress), outcome_kind(whole.status))}")
    if whole.error is not None or whole.cause is not None:
        said = ": ".join(text for text in (whole.error, whole.cause) if text)
        out.say(f"  {harmless(said)}", "bad")
    if whole.output is not None:
        out.say(f"  {whole.output}")


def harmless(text: str) -> str:
    """Text that somebody else's code chose, without what would steer the terminal."""
    return "".join(each if each.isprintable() or each in "\n\t" else "�" for each in text)


# ---- events


def tell_event(out: Output, event: Mapping[str, Any], progress: Progress) -> None:
    """One event as a line, or whole with --json."""
    at, state = int(event["timestamp"]), progress.state_of(int(event["id"])) or ""
    out.event(
        {"event": "history", **event, **({"state": state} if state else {})},
        f"{out.paint(show_time(at), 'dim')} {since(at, progress):>9}  {event['type']}"
        f"{'  ' + out.paint(state, 'name') if state else ''}  {_short(event)}".rstrip(),
    )


def event_row(event: Mapping[str, Any], progress: Progress) -> list[object]:
    """One event as a row of a table: time, milliseconds since the start, event, state, details."""
    at = int(event["timestamp"])
    state = progress.state_of(int(event["id"])) or ""
    return [event["id"], show_time(at), since(at, progress), event["type"], state, _short(event)]


def since(at: int, progress: Progress) -> str:
    started = progress.execution.started_at
    return f"+{at - started} ms" if started is not None else ""


def show_time(at: int) -> str:
    """The time of day in UTC, to the millisecond."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%H:%M:%S.%f")[:-3]


def _short(event: Mapping[str, Any]) -> str:
    line = harmless(" ".join(event_words(event).split()))
    if len(line) <= _DETAILS_CHARACTERS_MAX:
        return line
    return f"{line[: _DETAILS_CHARACTERS_MAX - 1]}…"


# ---- watching


def watch(
    out: Output, server: Client, execution_arn: str, machine: Machine, is_drawn: bool
) -> Progress:
    """Follow an execution until it ends: drawn anew on a terminal, elsewhere a line for each event."""
    progress = Progress(machine)
    events = follow(server, execution_arn, progress)
    if is_drawn and out.is_terminal:
        _watch_drawn(server, machine, events, progress, columns_of(out))
        draw(out, machine, progress)
        return progress
    for fresh in events:
        for event in fresh:
            tell_event(out, event, progress)
    return progress


def _watch_drawn(
    server: Client,
    machine: Machine,
    events: Iterable[list[dict[str, Any]]],
    progress: Progress,
    columns: int,
) -> None:
    from rich.console import Console
    from rich.live import Live

    console = Console(highlight=False)
    with Live(console=console, auto_refresh=False, transient=True) as live:
        for fresh in events:
            if count_map_runs(server, progress) or fresh:
                rows = _fitting(machine, progress, columns, console.height)
                live.update(_text(rows), refresh=True)


def _fitting(machine: Machine, progress: Progress, columns: int, lines: int) -> list[list[Span]]:
    """The drawing if it fits on the screen, else the list, else the part of the list around what runs."""
    rows = _rows(machine, progress, columns)
    if len(rows) < lines:
        return rows
    rows = draw_outline(machine, progress, columns, has_ways=False)
    if len(rows) < lines:
        return rows
    at = max(
        (place for place, row in enumerate(rows) if any("▸" in text for text, _ in row)), default=0
    )
    start = max(min(at - lines // 2, len(rows) - lines + 1), 0)
    return rows[start : start + lines - 1]


def _text(rows: Iterable[list[Span]]) -> Text:
    from rich.text import Text

    text = Text(no_wrap=True, overflow="crop")
    for place, row in enumerate(rows):
        if place:
            text.append("\n")
        for span, kind in row:
            text.append(span, _STYLES.get(kind))
    return text
