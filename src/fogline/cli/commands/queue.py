"""`fogline queue peek|send|redrive`."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from fogline.aws.arn import find_arn, make_arn
from fogline.cli.client import Client
from fogline.cli.exits import Failure, ServerRefused
from fogline.cli.message_input import read_attribute, read_message
from fogline.cli.naming import find_physical
from fogline.cli.options import Command, client, output, server_options
from fogline.cli.output import Output

_NAMES_SHOWN_MAX = 12
_BODY_CHARACTERS_SHOWN = 80
_LOOKED_EVERY_SECONDS = 0.2
_GONE = ("NonExistentQueue", "queue does not exist", "SourceArn parameter doesn't exist")


@click.group(name="queue")
def command() -> None:
    """Look into queues, send to them, and move dead letters back.

    QUEUE is a name, an ARN, a URL, or the name that a deployed template gives it.
    """


# ---- peek


@command.command(cls=Command)
@click.argument("queue")
@click.option(
    "--limit", metavar="N", type=click.IntRange(1, 1_000), default=10, show_default=True,
    help="How many messages to show.",
)  # fmt: skip
@click.option("--after", metavar="NUMBER", help="Go on past the message of that number.")
@server_options
def peek(queue: str, limit: int, after: str | None) -> None:
    """Show what is in QUEUE, the oldest first, and change nothing.

    Nobody receives the messages: they stay as visible, and count as few receives, as they did.
    """
    out, server = output(), client()
    name = _name(server, queue)
    asked = {"queue": name, "limit": limit, "account": server.account, "region": server.region}
    if after is not None:
        asked["after"] = after
    try:
        answer = server.page("POST", "/_fogline/queues/peek", asked)
    except ServerRefused as refusal:
        raise _unknown(server, name) if "There is no queue" in refusal.text else refusal from None
    out.document(answer)
    messages = answer["messages"]
    if not messages:
        out.say(f"There is nothing in '{name}'." if after is None else "There is nothing more.")
        return
    _show(out, messages, answer["now"])
    if len(messages) == limit:
        out.note(f"There may be more: fogline queue peek {name} --after {messages[-1]['number']}")


def _show(out: Output, messages: list[dict[str, Any]], now: int) -> None:
    from fogline.cli.durations import show_instant, show_span

    has_groups = any(message["group"] for message in messages)
    rows = []
    for message in messages:
        state = message["state"]
        if message["visible_at"] > now:
            state += f", visible in {show_span((message['visible_at'] - now) / 1000)}"
        rows.append(
            [
                show_instant(message["sent_at"]),
                *([message["group"]] if has_groups else []),
                state,
                message["receive_count"],
                message["id"],
                _short(message["body"]),
            ]
        )
    group = ["group"] if has_groups else []
    out.table(["sent", *group, "state", "received", "id", "body"], rows)


def _short(body: str) -> str:
    line = " ".join(body.split())
    if len(line) <= _BODY_CHARACTERS_SHOWN:
        return line
    return f"{line[: _BODY_CHARACTERS_SHOWN - 1]}…"


# ---- send


@command.command(cls=Command)
@click.argument("queue")
@click.argument("message", required=False)
@click.option(
    "--file", "file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path),
    help="Read the message from a file.",
)  # fmt: skip
@click.option("--group", metavar="ID", help="The message group: FIFO queues need one.")
@click.option("--dedup", metavar="ID", help="The deduplication id, for FIFO queues.")
@click.option(
    "--attribute", "-a", "attributes", metavar="NAME=VALUE", multiple=True,
    help="A message attribute; more than one can be given. With := a number instead of text.",
)  # fmt: skip
@click.option("--delay", metavar="SECONDS", type=int, help="Hide the message for that long first.")
@server_options
def send(
    queue: str,
    message: str | None,
    file: Path | None,
    group: str | None,
    dedup: str | None,
    attributes: tuple[str, ...],
    delay: int | None,
) -> None:
    """Send MESSAGE to QUEUE. With `-` the message is read from stdin.

    \b
    fogline queue send orders '{"id": 7}' --attribute kind=new
    fogline queue send orders.fifo --file order.json --group customer-1 --dedup 7
    """
    out, server = output(), client()
    name = _name(server, queue)
    request: dict[str, Any] = {"QueueUrl": name, "MessageBody": read_message(message, file)}
    if attributes:
        request["MessageAttributes"] = dict(read_attribute(each) for each in attributes)
    for member, value in (
        ("MessageGroupId", group),
        ("MessageDeduplicationId", dedup),
        ("DelaySeconds", delay),
    ):
        if value is not None:
            request[member] = value
    result = _call(server, name, "SendMessage", request)
    out.document(result)
    number = result.get("SequenceNumber")
    out.say(f"Sent {result['MessageId']}{f', number {number}' if number else ''}.", "good")


# ---- redrive


@command.command(cls=Command)
@click.argument("queue")
@click.option("--to", "to", metavar="QUEUE", help="Where to, if not back to where each came from.")
@click.option("--rate", metavar="N", type=int, help="How many messages a second (1 to 500).")
@click.option("--no-wait", is_flag=True, help="Start moving, and do not wait for the end.")
@server_options
def redrive(queue: str, to: str | None, rate: int | None, no_wait: bool) -> None:
    """Move the messages of the dead-letter queue QUEUE back to the queues they came from.

    The server does it, a message-move task of SQS: Ctrl-C stops the watching, not the moving.
    """
    out, server = output(), client()
    name = _name(server, queue)
    source = _arn(server, name)
    request: dict[str, Any] = {"SourceArn": source}
    if to is not None:
        request["DestinationArn"] = _arn(server, _name(server, to))
    if rate is not None:
        request["MaxNumberOfMessagesPerSecond"] = rate
    started = _call(server, name, "StartMessageMoveTask", request)
    if no_wait:
        out.document(started)
        out.say(f"The messages of '{name}' are being moved.", "good")
        return
    task = _follow(out, server, name, source)
    out.document(task)
    moved = task["ApproximateNumberOfMessagesMoved"]
    if task["Status"] != "COMPLETED":
        reason = task.get("FailureReason", "it was cancelled")
        raise Failure(
            f"{moved} messages were moved, then it ended: {reason}.",
            "Name a queue with --to." if reason.startswith(("AWS.", "CouldNot")) else "",
        )
    out.say(f"Moved {moved} {'message' if moved == 1 else 'messages'}.", "good")


def _follow(out: Output, server: Client, name: str, source: str) -> dict[str, Any]:
    """The newest task of a queue, once it is over."""
    from fogline.cli.waiting import pause

    def look() -> dict[str, Any]:
        found = server.call("sqs", "ListMessageMoveTasks", SourceArn=source)["Results"]
        return dict(found[0])

    task = look()
    total = task["ApproximateNumberOfMessagesToMove"]
    with out.progress(f"Moving the messages of {name}", total) as progress:
        while True:
            progress.move(task["ApproximateNumberOfMessagesMoved"])
            if task["Status"] != "RUNNING":
                return task
            pause(_LOOKED_EVERY_SECONDS)
            task = look()


# ---- names


def _name(server: Client, queue: str) -> str:
    """The name of a queue; an ARN also says in which account and region to look."""
    arn = find_arn(queue)
    if arn is not None:
        server.account, server.region = arn.account, arn.region
        return arn.resource
    if "/" in queue:
        return urlsplit(queue).path.rstrip("/").rpartition("/")[2]
    try:
        server.call("sqs", "GetQueueUrl", QueueName=queue)
    except ServerRefused:
        url = find_physical(server, queue, "AWS::SQS::Queue")
        return url.rpartition("/")[2] if url else queue
    return queue


def _arn(server: Client, name: str) -> str:
    return make_arn("sqs", server.region, server.account, name)


def _call(server: Client, name: str, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    try:
        return server.call("sqs", operation, **request)
    except ServerRefused as refusal:
        if any(words in f"{refusal.error} {refusal.message}" for words in _GONE):
            raise _unknown(server, name) from None
        raise


def _unknown(server: Client, name: str) -> Failure:
    names = [
        str(url).rpartition("/")[2]
        for page in server.pages("sqs", "ListQueues", "NextToken", MaxResults=1_000)
        for url in page.get("QueueUrls", [])
    ]
    shown = ", ".join(names[:_NAMES_SHOWN_MAX]) + (" ..." if len(names) > _NAMES_SHOWN_MAX else "")
    return Failure(
        f"There is no queue '{name}'.",
        f"There are: {shown}" if names else "There are none yet in this account and region.",
    )
