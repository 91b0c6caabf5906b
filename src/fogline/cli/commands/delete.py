"""`fogline delete`: a stack and all it made."""

from __future__ import annotations

from pathlib import Path

import click

from fogline.cli.application.template import read_settings, stack_name_of
from fogline.cli.exits import Failure
from fogline.cli.naming import stacks
from fogline.cli.options import Command, client, output, server_options


@click.command(name="delete", cls=Command)
@click.argument("stack", required=False)
@click.option("--stack-name", metavar="NAME", help="The same as STACK.")
@server_options
def command(stack: str | None, stack_name: str | None) -> None:
    """Delete a stack and all it made.

    Without STACK: the one `fogline deploy` makes of this folder.
    """
    out = output()
    from fogline.cli.application.stacks import delete

    folder = Path.cwd()
    name = stack or stack_name or read_settings(folder).stack_name or stack_name_of(folder)
    server = client()
    if not delete(server, name, out):
        there = ", ".join(str(each["StackName"]) for each in stacks(server))
        raise Failure(
            f"There is no stack '{name}'.", f"There are: {there}." if there else "There are none."
        )
    out.event({"event": "deleted", "stack": name}, f"Stack {name} is gone.", "good")
