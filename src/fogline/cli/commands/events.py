"""`fogline events put|tail|replay|patterns test`: events of EventBridge, from the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from fogline.cli.client import Client
from fogline.cli.durations import parse_instant
from fogline.cli.exits import Failure, ServerRefused
from fogline.cli.naming import find_physical
from fogline.cli.options import Command, client, output, server_options
from fogline.cli.output import Output
from fogline.cli.waiting import pause

_LOOK_EVERY_SECONDS = 0.25
_ENDED = ("COMPLETED", "CANCELLED", "FAILED")


@click.group(name="events")
def command() -> None:
    """Put events on buses, watch them pass, and send them again."""


# ---- putting


@command.command(cls=Command)
@click.argument("bus")
@click.argument("detail", required=False)
@click.option("--source", metavar="TEXT", required=True, help="Who says it: shop.orders.")
@click.option("--type", "type_", metavar="TEXT", required=True, help="What happened: OrderPlaced.")
@click.option("--resource", "resources", metavar="ARN", multiple=True, help="What it is about.")
@click.option(
    "--file",
    "file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Read the detail from a file.",
)
@server_options
def put(
    bus: str,
    detail: str | None,
    source: str,
    type_: str,
    resources: tuple[str, ...],
    file: Path | None,
) -> None:
    """Put an event with DETAIL (a JSON object) on BUS. With `-` the detail is read from stdin.

    \b
    fogline events put shop --source shop.orders --type OrderPlaced '{"order_id": "1"}'
    """
    out = output()
    text = _document(detail, file, "DETAIL")
    entry = {
        "EventBusName": bus,
        "Source": source,
        "DetailType": type_,
        "Detail": text,
        "Resources": list(resources),
    }
    answer = client().call("events", "PutEvents", Entries=[entry])["Entries"][0]
    if "ErrorCode" in answer:
        raise ServerRefused(answer["ErrorCode"], answer["ErrorMessage"])
    out.document(answer)
    out.say(f"Put {answer['EventId']} on {bus}.", "good")


# ---- watching


@command.command(cls=Command)
@click.argument("bus", default="default")
@click.option("--pattern", metavar="JSON|FILE", help="Only events that this pattern matches.")
@click.option(
    "--since", metavar="WHEN", help="What passed before, too: 5m, 2h, or a date and time."
)
@click.option("--no-follow", is_flag=True, help="Stop after what passed already.")
@server_options
def tail(bus: str, pattern: str | None, since: str | None, no_follow: bool) -> None:
    """Show the events that pass BUS, whether a rule matches them or not, until Ctrl-C.

    \b
    fogline events tail shop --pattern '{"source": ["shop.orders"]}'
    fogline events tail --since 10m --no-follow
    """
    out = output()
    server = client()
    now = int(server.page("GET", "/_fogline/clock")["now"])
    try:
        start = parse_instant(since, now) if since else 0 if no_follow else now
    except ValueError as error:
        raise click.UsageError(f"{error}.") from None
    asked: dict[str, Any] = {
        "bus": bus,
        "account": server.account,
        "region": server.region,
        "since": max(start, 0),
    }
    if pattern is not None:
        asked["pattern"] = _parsed(_text(pattern, "the pattern"), "The pattern")
    while True:
        answer = server.page("POST", "/_fogline/events", asked)
        for event in answer["events"]:
            _tell(out, event)
        is_all = asked.get("after") == answer["last"]
        asked["after"] = answer["last"]
        if is_all:
            if no_follow:
                return
            pause(_LOOK_EVERY_SECONDS)


def _tell(out: Output, event: dict[str, Any]) -> None:
    detail = json.dumps(event.get("detail"), ensure_ascii=False)
    out.event(
        {"event": "event", **event},
        f"{out.paint(event['time'], 'dim')} {out.paint(event['source'], 'name')}"
        f" {event['detail-type']}: {detail}",
    )


# ---- again


@command.command(cls=Command)
@click.argument("archive")
@click.option(
    "--since", metavar="WHEN", required=True, help="From when on: 2h, or a date and time."
)
@click.option("--until", metavar="WHEN", help="Until when.  [default: now]")
@click.option(
    "--rule",
    "rules",
    metavar="NAME",
    multiple=True,
    help="Only to this rule, by its name or the template's.",
)
@click.option("--name", metavar="NAME", help="The replay's name.  [default: made from the time]")
@server_options
def replay(
    archive: str, since: str, until: str | None, rules: tuple[str, ...], name: str | None
) -> None:
    """Send the events of ARCHIVE again to the bus that they came from, and wait for the end.

    \b
    fogline events replay orders --since 1h --rule projection
    """
    out = output()
    server = client()
    now = int(server.page("GET", "/_fogline/clock")["now"])
    try:
        start, end = parse_instant(since, now), parse_instant(until, now) if until else now
    except ValueError as error:
        raise click.UsageError(f"{error}.") from None
    described = _described(server, archive)
    bus = str(described["EventSourceArn"])
    destination: dict[str, Any] = {"Arn": bus}
    if rules:
        destination["FilterArns"] = [_rule_arn(server, bus, rule) for rule in rules]
    replay_name = name or f"{archive[:40]}-{now}"
    server.call(
        "events",
        "StartReplay",
        ReplayName=replay_name,
        EventSourceArn=described["ArchiveArn"],
        EventStartTime=start,
        EventEndTime=end,
        Destination=destination,
    )
    while True:
        state = server.call("events", "DescribeReplay", ReplayName=replay_name)
        if state["State"] in _ENDED:
            break
        pause(_LOOK_EVERY_SECONDS)
    out.document({"ReplayName": replay_name, "State": state["State"]})
    out.say(f"The replay {replay_name} is {state['State'].lower()}.")


def _described(server: Client, archive: str) -> dict[str, Any]:
    try:
        return server.call("events", "DescribeArchive", ArchiveName=archive)
    except ServerRefused as refusal:
        if refusal.error != "ResourceNotFoundException":
            raise
    names = [each["ArchiveName"] for each in server.call("events", "ListArchives")["Archives"]]
    raise Failure(
        f"There is no archive '{archive}'.",
        f"There are: {', '.join(names[:12])}" if names else "There are none yet.",
    )


def _rule_arn(server: Client, bus: str, rule: str) -> str:
    if rule.startswith("arn:"):
        return rule
    name = bus.rpartition("/")[2]
    try:
        return str(server.call("events", "DescribeRule", Name=rule, EventBusName=name)["Arn"])
    except ServerRefused as refusal:
        made = find_physical(server, rule, "AWS::Events::Rule")
        if refusal.error != "ResourceNotFoundException" or made is None:
            raise
    # A rule on a bus of its own is told as bus and name.
    made = made.rpartition("|")[2]
    return str(server.call("events", "DescribeRule", Name=made, EventBusName=name)["Arn"])


# ---- patterns


@command.group()
def patterns() -> None:
    """Try event patterns."""


@patterns.command(name="test", cls=Command)
@click.argument("pattern")
@click.argument("event")
@server_options
def test_pattern(pattern: str, event: str) -> None:
    """Does PATTERN match EVENT? Each is JSON, a file, or - for stdin. The exit code is 1 when it does not.

    What an event must have (id, account, source, time, ...) is filled in where EVENT leaves it out.

    \b
    fogline events patterns test '{"detail": {"amount": [{"numeric": [">", 5]}]}}' event.json
    """
    out = output()
    server = client()
    given = _parsed(_text(event, "the event"), "The event")
    whole = {
        "id": "00000000-0000-0000-0000-000000000000",
        "account": server.account,
        "source": "",
        "time": "1970-01-01T00:00:00Z",
        "region": server.region,
        "resources": [],
        "detail-type": "",
        "detail": {},
        **given,
    }
    answer = server.call(
        "events",
        "TestEventPattern",
        EventPattern=_text(pattern, "the pattern"),
        Event=json.dumps(whole),
    )
    is_match = bool(answer["Result"])
    out.document({"matches": is_match})
    out.say("It matches." if is_match else "It does not match.", "good" if is_match else "bad")
    if not is_match:
        click.get_current_context().exit(1)


# ---- what was given


def _document(given: str | None, file: Path | None, name: str) -> str:
    if (given is None) == (file is None):
        raise click.UsageError(f"Give {name} once: as an argument, as - for stdin, or with --file.")
    return _text(str(file) if given is None else given, name)


def _text(given: str, name: str) -> str:
    """What was given itself when it is JSON, else what the file of that name (or stdin) holds."""
    if given.lstrip().startswith("{"):
        return given
    try:
        return sys.stdin.buffer.read().decode() if given == "-" else Path(given).read_text()
    except OSError as error:
        raise Failure(f"{name} cannot be read from {given}: {error.strerror}.", code=2) from None
    except UnicodeDecodeError:
        raise click.UsageError(f"{name} is not text in UTF-8.") from None


def _parsed(text: str, name: str) -> dict[str, Any]:
    try:
        parsed = json.loads(text)
    except ValueError as error:
        raise click.UsageError(f"{name} is not JSON: {error}.") from None
    if not isinstance(parsed, dict):
        raise click.UsageError(f"{name} must be a JSON object.")
    return parsed
