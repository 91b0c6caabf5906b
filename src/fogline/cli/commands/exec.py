"""`fogline exec -- COMMAND`: a program whose SDK calls come here."""

from __future__ import annotations

import os

import click

from fogline.cli.exits import Failure
from fogline.cli.options import Command, client, server_options
from fogline.cli.variables import environment_for

_NOT_FOUND = 127
_NOT_EXECUTABLE = 126


@click.command(
    name="exec",
    cls=Command,
    context_settings={"allow_interspersed_args": False, "ignore_unknown_options": True},
)
@click.argument("words", metavar="-- COMMAND", nargs=-1, required=True, type=click.UNPROCESSED)
@server_options
def command(words: tuple[str, ...]) -> None:
    """Run a command with the variables that lead AWS tools and SDKs here.

    The exit code is the command's own.

    \b
    fogline exec -- pytest tests/integration
    fogline exec -- node scripts/seed.js
    """
    server = client()
    server.health()
    replace_by(list(words), environment_for(server, os.environ))


def replace_by(words: list[str], environment: dict[str, str]) -> None:
    """Become another program. Comes back only when that cannot be."""
    try:
        os.execvpe(words[0], words, environment)  # noqa: S606 - running the user's command is the point
    except FileNotFoundError:
        raise Failure(f"'{words[0]}' is not on the PATH.", code=_NOT_FOUND) from None
    except OSError as error:
        raise Failure(
            f"'{words[0]}' cannot be run: {error.strerror}.", code=_NOT_EXECUTABLE
        ) from None
