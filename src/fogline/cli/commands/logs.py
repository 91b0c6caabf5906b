"""`fogline logs`: what functions wrote, and what they write now."""

from __future__ import annotations

import click

from fogline.cli.client import Client
from fogline.cli.durations import parse_instant
from fogline.cli.exits import Failure
from fogline.cli.log_events import LogReader, print_event
from fogline.cli.naming import find_function, log_groups, log_labels
from fogline.cli.options import Command, client, output, server_options
from fogline.cli.waiting import pause

_FUNCTION_GROUP = "/aws/lambda/"
_LOOK_EVERY_SECONDS = 0.25


@click.command(name="logs", cls=Command)
@click.argument("source", metavar="[FUNCTION|GROUP]", required=False)
@click.option("--tail", "-f", is_flag=True, help="Follow what comes, until Ctrl-C.")
@click.option(
    "--filter",
    "pattern",
    metavar="PATTERN",
    default="",
    help='Only what matches, in the language of CloudWatch Logs: ERROR, "two words", { $.level = "WARN" }.',
)
@click.option(
    "--since",
    metavar="WHEN",
    help="From when on: 5m, 2h, or a date and time.  [default: 1h, with --tail 1s]",
)
@click.option("--stack-name", metavar="NAME", help="The stack of a logical name.")
@server_options
def command(
    source: str | None, tail: bool, pattern: str, since: str | None, stack_name: str | None
) -> None:
    """Print what functions and other log groups wrote.

    Without a name: every function. A name with a slash is a log group.

    \b
    fogline logs Consumer --since 10m --filter ERROR
    fogline logs --tail
    """
    out = output()
    server = client()
    now = int(server.page("GET", "/_fogline/clock")["now"])
    try:
        start = parse_instant(since or ("1s" if tail else "1h"), now)
    except ValueError as error:
        raise click.UsageError(f"{error}.") from None
    if source is None:
        reader = LogReader(server, start, pattern)
    else:
        group = _group(server, source, stack_name)
        reader = LogReader(server, start, pattern)
        if not tail and not _groups(server, group):
            raise Failure(
                f"There is no log group '{group}' yet.",
                "A function's group appears with its first invocation: `fogline invoke`.",
            )
    labels = log_labels(server) if source is None else {}
    while True:
        groups = [group] if source is not None else sorted(set(log_groups(server).values()))
        for event in reader.read(groups):
            label = labels.get(event["group"]) or event["group"].removeprefix(_FUNCTION_GROUP)
            print_event(out, event, label if source is None else "")
        if not tail:
            return
        pause(_LOOK_EVERY_SECONDS)


def _group(server: Client, source: str, stack_name: str | None) -> str:
    if "/" in source and not source.startswith("arn:"):
        return source
    if stack_name is None and _groups(server, source, is_exact=True):
        return source
    name = find_function(server, source, stack_name)
    configured = server.call("lambda", "GetFunctionConfiguration", FunctionName=name)
    group = configured.get("LoggingConfig", {}).get("LogGroup")
    return str(group or f"{_FUNCTION_GROUP}{configured['FunctionName']}")


def _groups(server: Client, prefix: str, is_exact: bool = False) -> list[str]:
    names = [
        str(each["logGroupName"])
        for page in server.pages(
            "logs", "DescribeLogGroups", "nextToken", logGroupNamePrefix=prefix
        )
        for each in page.get("logGroups", [])
    ]
    return [name for name in names if name == prefix] if is_exact else names
