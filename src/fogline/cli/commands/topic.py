"""`fogline topic publish`: one message for all who listen to a topic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from fogline.aws.arn import make_arn
from fogline.cli.client import Client
from fogline.cli.exits import Failure, ServerRefused
from fogline.cli.message_input import read_attribute, read_message
from fogline.cli.naming import find_physical
from fogline.cli.options import Command, client, output, server_options

_NAMES_SHOWN_MAX = 12


@click.group(name="topic")
def command() -> None:
    """Publish to the topics of SNS."""


@command.command(cls=Command)
@click.argument("topic")
@click.argument("message", required=False)
@click.option(
    "--file",
    "file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Read the message from a file.",
)
@click.option("--subject", metavar="TEXT", help="The subject, for e-mails.")
@click.option(
    "--attribute",
    "-a",
    "attributes",
    metavar="NAME=VALUE",
    multiple=True,
    help="A message attribute; more than one can be given. With := a number, or a JSON array, instead of text.",
)
@click.option("--group", metavar="ID", help="The message group, for FIFO topics.")
@click.option("--dedup", metavar="ID", help="The deduplication id, for FIFO topics.")
@click.option(
    "--structure",
    type=click.Choice(["json"]),
    help="The message is JSON with a text for each protocol, and one for `default`.",
)
@server_options
def publish(
    topic: str,
    message: str | None,
    file: Path | None,
    subject: str | None,
    attributes: tuple[str, ...],
    group: str | None,
    dedup: str | None,
    structure: str | None,
) -> None:
    """Publish MESSAGE to TOPIC. With `-` the message is read from stdin.

    TOPIC is a name, an ARN, or the name that a deployed template gives it.

    \b
    fogline topic publish orders '{"id": 7}' --attribute kind=new --attribute amount:=120
    fogline topic publish orders.fifo - --group customer-1 < order.json
    """
    out = output()
    request: dict[str, Any] = {"Message": read_message(message, file)}
    if attributes:
        request["MessageAttributes"] = dict(read_attribute(each) for each in attributes)
    for name, value in (
        ("Subject", subject),
        ("MessageGroupId", group),
        ("MessageDeduplicationId", dedup),
        ("MessageStructure", structure),
    ):
        if value is not None:
            request[name] = value
    server = client()
    arn, result = _publish(server, topic, request)
    out.document({"TopicArn": arn, **result})
    out.say(f"Published {result['MessageId']} to {topic}.", "good")


def _publish(server: Client, topic: str, request: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The topic's ARN, and the answer."""
    arn = topic if topic.startswith("arn:") else _arn(server, topic)
    try:
        return arn, server.call("sns", "Publish", TopicArn=arn, **request)
    except ServerRefused as refusal:
        if not refusal.error.startswith("NotFound"):
            raise
        made = find_physical(server, topic, "AWS::SNS::Topic")
        if made is not None:
            return made, server.call("sns", "Publish", TopicArn=made, **request)
        names = _names(server)
        shown = f"{', '.join(names[:_NAMES_SHOWN_MAX])}{' ...' if len(names) > _NAMES_SHOWN_MAX else ''}"
        raise Failure(
            f"There is no topic '{arn}'.",
            f"There are: {shown}" if names else "There are none yet in this account and region.",
        ) from None


def _arn(server: Client, name: str) -> str:
    return make_arn("sns", server.region, server.account, name)


def _names(server: Client) -> list[str]:
    return [
        str(each["TopicArn"]).rpartition(":")[2]
        for page in server.pages("sns", "ListTopics", "NextToken")
        for each in page.get("Topics", [])
    ]
