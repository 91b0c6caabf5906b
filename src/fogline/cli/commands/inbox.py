"""`fogline inbox [list|show|clear]`: what would have gone to people and devices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode

import click

from fogline.cli.client import Client
from fogline.cli.durations import show_instant
from fogline.cli.options import Command, client, output, server_options
from fogline.cli.output import Output
from fogline.cli.waiting import pause

F = TypeVar("F", bound=Callable[..., Any])

_PAGE = "/_fogline/inbox"
_LOOK_EVERY_SECONDS = 0.25
_LINE_CHARACTERS = 60
_LETTERS_MAX = 1_000
_DEFAULT = "list"


class ListByDefault(click.Group):
    """A group whose `list` is meant when no command is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ("-h", "--help")):
            args = [_DEFAULT, *args]
        return super().parse_args(ctx, args)


@click.group(name="inbox", cls=ListByDefault)
def command() -> None:
    """Show e-mails, text messages and pushes that were sent, instead of sending them.

    \b
    fogline inbox                                what came last
    fogline inbox --follow                       what comes
    fogline inbox --recipient ada@example.com    what one of them got
    """


def _filters(function: F) -> F:
    """--channel and --recipient."""
    for option in (
        click.option("--recipient", metavar="WHO", help="Only for this address, number or token."),
        click.option("--channel", metavar="NAME", help="Only email, email-json, sms or push."),
    ):
        function = option(function)
    return function


@command.command(name="list", cls=Command)
@_filters
@click.option("--follow", "-f", is_flag=True, help="Follow what comes, until Ctrl-C.")
@click.option(
    "--limit",
    metavar="N",
    default=20,
    show_default=True,
    type=click.IntRange(1, _LETTERS_MAX),
    help="At most so many, the newest.",
)
@server_options
def list_(channel: str | None, recipient: str | None, follow: bool, limit: int) -> None:
    """List the newest letters, the last at the end."""
    out = output()
    server = client()
    wanted = _wanted(channel, recipient)
    letters = _read(server, {**wanted, "limit": str(limit)})
    if not follow:
        out.document({"letters": letters})
        if not letters:
            out.say("The inbox is empty.")
            return
        rows = [[each["id"], *_cells(each)] for each in letters]
        out.table(("id", "arrived", "channel", "recipient", "subject"), rows)
        return
    last = "0"
    while True:
        for letter in letters:
            last = letter["id"]
            _tell(out, letter)
        pause(_LOOK_EVERY_SECONDS)
        letters = _read(server, {**wanted, "after": last})


@command.command(cls=Command)
@click.argument("number", metavar="[ID]", required=False)
@_filters
@server_options
def show(number: str | None, channel: str | None, recipient: str | None) -> None:
    """Show a letter whole: the one with that ID, else the newest."""
    out = output()
    asked = {"id": number} if number else {**_wanted(channel, recipient), "limit": "1"}
    letters = _read(client(), asked)
    out.document(letters[0] if letters else {})
    if not letters:
        out.say("The inbox is empty.")
        return
    letter = letters[0]
    heads = {
        "To": letter["recipient"],
        "Channel": letter["channel"],
        "Arrived": show_instant(letter["arrived_at"]),
        "Subject": letter["subject"],
        **letter["facts"],
    }
    for name, value in heads.items():
        if value not in ("", None):
            out.say(f"{out.paint(f'{name}:', 'dim')} {value}")
    out.say()
    out.say(letter["body"])


@command.command(cls=Command)
@_filters
@server_options
def clear(channel: str | None, recipient: str | None) -> None:
    """Throw away what is there."""
    out = output()
    answer = client().page("DELETE", f"{_PAGE}?{urlencode(_wanted(channel, recipient))}")
    out.document(answer)
    count = answer["removed"]
    out.say(f"Threw away {count} {'letter' if count == 1 else 'letters'}.")


def _wanted(channel: str | None, recipient: str | None) -> dict[str, str]:
    # Only the account that was named: people have none, and who looks for a letter may not know it.
    account = click.get_current_context().meta.get("fogline.account")
    given = {"account": account, "channel": channel, "recipient": recipient}
    return {name: value for name, value in given.items() if value}


def _read(server: Client, asked: dict[str, str]) -> list[dict[str, Any]]:
    letters: list[dict[str, Any]] = server.page("GET", f"{_PAGE}?{urlencode(asked)}")["letters"]
    return letters


def _cells(letter: dict[str, Any]) -> list[str]:
    line = letter["subject"] or letter["body"].strip().partition("\n")[0]
    if len(line) > _LINE_CHARACTERS:
        line = f"{line[: _LINE_CHARACTERS - 1]}…"
    return [show_instant(letter["arrived_at"]), letter["channel"], letter["recipient"], line]


def _tell(out: Output, letter: dict[str, Any]) -> None:
    arrived, channel, recipient, line = _cells(letter)
    out.event(
        {"event": "letter", **letter},
        f"{out.paint(arrived, 'dim')} {channel} {out.paint(recipient, 'name')}: {line}",
    )
