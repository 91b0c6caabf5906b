"""`fogline aws ...`: the AWS CLI, led here."""

from __future__ import annotations

import os

import click

from fogline.cli.commands.exec import replace_by
from fogline.cli.exits import Failure
from fogline.cli.options import Command, client
from fogline.cli.programs import find_program
from fogline.cli.variables import environment_for

_ADVICE = (
    "Install it: `pip install awscli` or `uv tool install awscli`, or version 2 from "
    "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html"
)


@click.command(
    name="aws",
    cls=Command,
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
)
@click.argument("words", metavar="ARGUMENTS", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def command(ctx: click.Context, words: tuple[str, ...]) -> None:
    """Run the AWS CLI against Fogline.

    Everything after `aws` is the AWS CLI's own, `--help` and `--region` included. The server is that of this folder,
    or FOGLINE_ENDPOINT, or FOGLINE_PORT, or the usual port.

    \b
    fogline aws sqs list-queues
    fogline aws dynamodb scan --table-name orders
    """
    for name in ("endpoint", "data", "account"):
        ctx.meta[f"fogline.{name}"] = os.environ.get(f"FOGLINE_{name.upper()}")
    region = os.environ.get("FOGLINE_REGION") or os.environ.get("AWS_REGION")
    ctx.meta["fogline.region"] = region or os.environ.get("AWS_DEFAULT_REGION")
    program = find_program("aws")
    if program is None:
        raise Failure("The AWS CLI (`aws`) is not on the PATH.", _ADVICE)
    server = client(ctx)
    server.health()
    # Versions before 2.13 (and 1.29) don't know AWS_ENDPOINT_URL.
    given = any(word.split("=")[0] == "--endpoint-url" for word in words)
    front = [] if given else ["--endpoint-url", server.endpoint]
    replace_by([program, *front, *words], environment_for(server, os.environ))
