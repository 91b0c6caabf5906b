"""`fogline status`: the server, and what runs on it."""

from __future__ import annotations

from typing import Any

import click

from fogline.cli.client import Client
from fogline.cli.durations import show_span
from fogline.cli.exits import ServerRefused
from fogline.cli.options import Command, client, output, server_options
from fogline.cli.output import Output


@click.command(name="status", cls=Command)
@server_options
def command() -> None:
    """Show the server, its services and loops, and what is deployed.

    The exit code is 3 when no server runs, so it also answers the question whether one does.
    """
    out = output()
    server = client()
    health = server.health()
    loops = server.page("GET", "/_fogline/loops").get("loops", [])
    stacks = _listing(server, "cloudformation", "DescribeStacks", "NextToken", "", "Stacks")
    functions = _listing(server, "lambda", "ListFunctions", "Marker", "NextMarker", "Functions")
    queues = _queues(server)
    out.document(
        {
            "endpoint": server.endpoint,
            "server": health,
            "loops": loops,
            "stacks": stacks,
            "functions": functions,
            "queues": queues,
        }
    )
    if not out.is_json:
        _show(out, server, health, loops, stacks, functions, queues)


def _listing(
    server: Client, service: str, operation: str, token: str, next_token: str, member: str
) -> list[dict[str, Any]]:
    """Everything a listing holds; nothing when this server has no such service."""
    try:
        return [
            item
            for page in server.pages(service, operation, token, next_token)
            for item in page.get(member, [])
        ]
    except ServerRefused as refusal:
        if refusal.error == "NotImplemented":
            return []
        raise


def _queues(server: Client) -> list[dict[str, Any]]:
    counts = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    queues = []
    for page in server.pages("sqs", "ListQueues", "NextToken", MaxResults=1000):
        for url in page.get("QueueUrls", []):
            answer = server.call(
                "sqs", "GetQueueAttributes", QueueUrl=url, AttributeNames=list(counts)
            )
            values = answer.get("Attributes", {})
            queues.append(
                {
                    "name": url.rpartition("/")[2],
                    "visible": int(values.get(counts[0], 0)),
                    "in_flight": int(values.get(counts[1], 0)),
                }
            )
    return queues


def _show(
    out: Output,
    server: Client,
    health: dict[str, Any],
    loops: list[dict[str, Any]],
    stacks: list[dict[str, Any]],
    functions: list[dict[str, Any]],
    queues: list[dict[str, Any]],
) -> None:
    kept = "in memory" if health.get("is_ephemeral") else "kept"
    out.say(
        f"{out.paint(server.endpoint, 'name')}  Fogline {health['version']}, process {health.get('process')}, "
        f"up {show_span(health.get('uptime_seconds', 0))}, store {health.get('store')} ({kept})"
    )
    out.say()
    out.table(
        ("service", "operations built", "in the model"),
        [
            (name, service["operations_built"], service["operations_in_model"])
            for name, service in health.get("services", {}).items()
        ],
    )
    failing = [loop for loop in loops if loop.get("failures")]
    out.say()
    out.say(f"{len(loops)} loops run" + (f", {len(failing)} have failed:" if failing else "."))
    for loop in failing:
        out.say(f"  {loop['name']}: {loop['failures']} times, last: {loop['last_failure']}", "warn")
    out.say()
    if stacks:
        out.table(("stack", "state"), [(each["StackName"], each["StackStatus"]) for each in stacks])
        out.say()
    else:
        out.say("No stacks. Deploy the application of a folder with `fogline deploy`.")
    if functions:
        out.table(
            ("function", "runtime", "memory", "timeout"),
            [
                (
                    each["FunctionName"],
                    each.get("Runtime", "-"),
                    f"{each.get('MemorySize', 128)} MB",
                    f"{each.get('Timeout', 3)} s",
                )
                for each in functions
            ],
        )
        out.say()
    if queues:
        out.table(
            ("queue", "visible", "in flight"),
            [(each["name"], each["visible"], each["in_flight"]) for each in queues],
        )
