"""Which commands there are, and the file each is loaded from when it is asked for."""

from __future__ import annotations

import importlib

import click

from fogline.cli.exits import MEANINGS
from fogline.cli.options import json_option

# Section, then command and the first sentence of its help: said here too, so that `fogline --help` imports none.
SECTIONS: dict[str, dict[str, str]] = {
    "Run": {
        "up": "Start Fogline, and the application of this folder if it has a template.",
        "down": "Stop the Fogline of this folder.",
        "status": "Show the server, its services and loops, and what is deployed.",
        "doctor": "Say what this machine offers, and what to do about what is missing.",
        "demo": "Watch an application survive being killed: orders, a queue, a function, a table.",
    },
    "Applications": {
        "deploy": "Build the application of this folder and deploy it as a stack.",
        "delete": "Delete a stack and all it made.",
        "invoke": "Run a function once and print its answer.",
        "logs": "Print what functions and other log groups wrote.",
    },
    "APIs": {
        "api": "List APIs and their routes, call them, and read their logs.",
    },
    "Events and messages": {
        "events": "Put events on buses, watch them pass, and send them again.",
        "queue": "Look into queues, send to them, and move dead letters back.",
        "topic": "Publish to the topics of SNS.",
        "inbox": "Show e-mails, text messages and pushes that were sent, instead of sending them.",
    },
    "Workflows": {
        "workflow": "Draw state machines, start them, and watch them run.",
    },
    "Other tools": {
        "env": "Print the variables that lead AWS tools and SDKs here.",
        "exec": "Run a command with the variables that lead AWS tools and SDKs here.",
        "aws": "Run the AWS CLI against Fogline.",
    },
    "State": {
        "snapshot": "Save all state under a name, restore it, or list what is saved.",
        "clock": "Read the time, or move it when it is manual.",
    },
    "About": {
        "version": "Print the version of Fogline, and of what it stands on.",
    },
}

_EXAMPLES = """\
  fogline up                     start here; deploy and watch the folder's template
  fogline invoke Hello           run a function of the template
  fogline logs --tail            follow what all functions write
  fogline exec -- pytest         run tests against it
  fogline aws sqs list-queues    use the AWS CLI"""


class Commands(click.Group):
    """Commands by name, each imported from `commands/` on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for commands in SECTIONS.values() for name in commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"fogline.cli.commands.{cmd_name}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in self.list_commands(ctx):
            from difflib import get_close_matches

            near = get_close_matches(args[0], self.list_commands(ctx), 1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            ctx.fail(f"There is no command '{args[0]}'.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        width = max(len(name) for name in self.list_commands(ctx))
        for section, commands in SECTIONS.items():
            with formatter.section(section):
                formatter.write_dl([(name.ljust(width), text) for name, text in commands.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Examples"):
            formatter.write(f"{_EXAMPLES}\n")
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code), text) for code, text in MEANINGS])


def _show_version(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        from fogline import __version__

        click.echo(f"fogline {__version__}")
        ctx.exit()


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    no_args_is_help=True,
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Print the version.",
)
@json_option
def fogline() -> None:
    """Serverless, event-driven AWS applications on your own machine, for real.

    SDKs, the AWS CLI, SAM and CDK talk to one endpoint, http://127.0.0.1:4566. `fogline COMMAND --help` says more.
    """
