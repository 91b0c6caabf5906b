"""`fogline clock now|advance`."""

from __future__ import annotations

import click

from fogline.cli.durations import parse_seconds, show_instant
from fogline.cli.options import Command, client, output, server_options

_SECONDS_MAX = 3_600.0


@click.group(name="clock")
def command() -> None:
    """Read the time, or move it when it is manual.

    With `fogline up --clock=manual` time stands still until it is moved; all that falls due on the way (retries,
    retention, schedules) happens in order, and is done when `advance` returns.
    """


@command.command(cls=Command)
@server_options
def now() -> None:
    """Print the server's time."""
    out = output()
    answer = client().page("GET", "/_fogline/clock")
    out.document(answer)
    out.say(show_instant(int(answer["now"])))


@command.command(cls=Command)
@click.argument("duration")
@server_options
def advance(duration: str) -> None:
    """Move manual time forward by DURATION: 90s, 5m, 1h30m, 2d."""
    try:
        seconds = parse_seconds(duration)
    except ValueError as error:
        raise click.UsageError(f"{error}.") from None
    out = output()
    answer = client().page("POST", "/_fogline/clock", {"advance_seconds": seconds}, _SECONDS_MAX)
    out.document(answer)
    out.say(f"It is {show_instant(int(answer['now']))} now.")
