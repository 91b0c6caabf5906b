"""`fogline api list|routes|call|logs`: APIs, what they answer to, and what they wrote."""

from __future__ import annotations

from dataclasses import asdict
from time import monotonic

import click

from fogline.cli.durations import parse_instant, parse_seconds
from fogline.cli.exits import FAILED, Failure
from fogline.cli.options import Command, client, output, server_options
from fogline.cli.waiting import pause

_LOOK_EVERY_SECONDS = 0.25


@click.group(name="api")
def command() -> None:
    """List APIs and their routes, call them, and read their logs.

    API is a name, an id, or the name that a deployed template gives it: REST, HTTP and WebSocket APIs alike.
    """


# ---- list


@command.command(name="list", cls=Command)
@server_options
def list_() -> None:
    """List the APIs, each with its stages and its address."""
    from fogline.cli.apis.finding import (
        apis,
        called_stages,
        mappings,
        stages,
        url_of,
        url_of_mapping,
    )
    from fogline.cli.apis.routes import kind_words

    out, server = output(), client()
    rows, documents = [], []
    found, mapped = apis(server), mappings(server)
    for api in found:
        there = stages(server, api)
        urls = {stage.name: url_of(server, api, stage.name) for stage in there}
        domains = [
            url_of_mapping(server, api, mapping) for mapping in mapped if mapping.api == api.id
        ]
        documents.append({**asdict(api), "stages": urls, "domains": domains})
        called = called_stages(there)
        rows.append(
            [
                api.name,
                kind_words(api),
                api.id,
                ", ".join(stage.name for stage in there) or "none yet",
                urls[called[0].name] if called else "",
            ]
        )
        rows += [["", "", "", "", url] for url in domains]
    out.document({"apis": documents})
    if rows:
        out.table(["api", "kind", "id", "stages", "url"], rows)
    else:
        out.say("There are no APIs yet in this account and region.")


# ---- routes


@command.command(cls=Command)
@click.argument("api")
@server_options
def routes(api: str) -> None:
    """List the routes of API as they are defined now: what answers, and who has a say before.

    A REST API answers as it was when it was last deployed.
    """
    from fogline.cli.apis import routes as defined
    from fogline.cli.apis.finding import WEBSOCKET, find_api

    out, server = output(), client()
    found = find_api(server, api)
    there = defined.routes(server, found)
    out.document({**asdict(found), "routes": [asdict(route) for route in there]})
    if not there:
        out.say(f"'{found.name}' has no routes yet.")
        return
    has_methods = found.kind != WEBSOCKET
    rows = [
        [
            *([route.method] if has_methods else []),
            route.path,
            route.integration or "nothing",
            route.authorizer,
            "yes" if route.needs_key else "",
        ]
        for route in there
    ]
    front = ["method", "path"] if has_methods else ["route"]
    out.table([*front, "integration", "authorizer", "api key"], rows)


_STEPS_LOGGED = {
    "REST": ", or MethodSettings with LoggingLevel: INFO",
    "WEBSOCKET": ", or DefaultRouteSettings with LoggingLevel: INFO",
    "HTTP": "",
}


# ---- call


@command.command(name="call", cls=Command)
@click.argument("api")
@click.argument("words", metavar="[METHOD] [PATH]", nargs=-1)
@click.option(
    "--body", "-d", "bodies", metavar="TEXT|@FILE|-", multiple=True,
    help="The body. For a WebSocket API a message to send; give the option once for each.",
)  # fmt: skip
@click.option(
    "--header", "-H", "headers", metavar="'NAME: VALUE'", multiple=True,
    help="A header; more than one can be given.",
)  # fmt: skip
@click.option("--stage", metavar="NAME", help="The stage, when there are several.")
@click.option(
    "--key", metavar="KEY",
    help="Send an API key: its name, its id, the template's name for it, or its value.",
)  # fmt: skip
@click.option("--sign", is_flag=True, help="Sign as the account's own, for routes that ask IAM.")
@click.option(
    "--wait", metavar="SECONDS",
    help="For a WebSocket API: how long to listen.  [default: until Ctrl-C]",
)  # fmt: skip
@server_options
@click.pass_context
def call_(
    ctx: click.Context,
    api: str,
    words: tuple[str, ...],
    bodies: tuple[str, ...],
    headers: tuple[str, ...],
    stage: str | None,
    key: str | None,
    sign: bool,
    wait: str | None,
) -> None:
    """Call API at its own address, as any client does, and print its answer.

    METHOD is GET when none is given, or POST with a body. The body is printed on stdout, status and headers on stderr.
    The exit code is 1 for a status from 400 on.

    A WebSocket API is connected to; what arrives is printed, and on a terminal each line that you type is sent.

    \b
    fogline api call shop /orders/7
    fogline api call shop POST /orders -d '{"item": "tea"}' --key mobile
    fogline api call chat '?name=ada' -d '{"action": "join"}' --wait 2
    """
    from fogline.cli.apis import calling
    from fogline.cli.apis.finding import NO_STAGE, WEBSOCKET, find_api, find_stage, url_of

    out, server = output(), client()
    sent = [calling.read_header(text) for text in headers]
    seconds = _seconds(wait)
    found = find_api(server, api)
    chosen = find_stage(server, found, stage)
    url = url_of(server, found, chosen.name)
    known = calling.find_key(server, key) if key is not None else None
    if known is not None:
        sent.append(("x-api-key", known.value))
    if found.kind == WEBSOCKET:
        from fogline.cli.apis.sockets import converse, read_messages

        target = _socket_target(words)
        if sign:
            sent += calling.signature(server, "GET", url + target, sent, None)
        ctx.exit(converse(out, server, url + target, sent, read_messages(bodies), seconds))
    if wait is not None:
        raise click.UsageError("--wait is for WebSocket APIs.")
    if len(bodies) > 1:
        raise click.UsageError("A request has one body: give -d once.")
    body = calling.read_body(bodies[0]) if bodies else None
    method, target = _target(words, "GET" if body is None else "POST")
    front = "" if chosen.name == NO_STAGE else f"/{chosen.name}"
    if sign:
        sent += calling.signature(server, method, url + target, sent, body)
    began = monotonic()
    answer = calling.call(server, found, front, method, target, sent, body)
    milliseconds = round((monotonic() - began) * 1000)
    out.document(calling.document_of(answer, url + target, milliseconds))
    if not out.is_json:
        calling.tell(out, answer, milliseconds)
        if advice := calling.hint(found, api, answer, known):
            out.note(advice)
    ctx.exit(FAILED if answer.status >= 400 else 0)


def _target(words: tuple[str, ...], method: str) -> tuple[str, str]:
    """Method and path, of which either may be missing."""
    from fogline.cli.apis.calling import METHODS

    left = list(words)
    if left and left[0].upper() in METHODS:
        method = left.pop(0).upper()
    target = left.pop(0) if left else "/"
    if left:
        raise click.UsageError(f"What is '{left[0]}'? Write [METHOD] PATH.")
    if not target.startswith(("/", "?")):
        raise click.UsageError(f"'{target}' is neither a method nor a path; a path begins with /.")
    return method, target if target.startswith("/") else f"/{target}"


def _socket_target(words: tuple[str, ...]) -> str:
    if len(words) > 1 or (words and not words[0].startswith(("?", "/"))):
        raise click.UsageError("A WebSocket API is called by a query at most: '?name=value'.")
    return words[0] if words else ""


def _seconds(wait: str | None) -> float | None:
    try:
        return parse_seconds(wait) if wait is not None else None
    except ValueError as error:
        raise click.UsageError(f"{error}.") from None


# ---- logs


@command.command(cls=Command)
@click.argument("api")
@click.option("--stage", metavar="NAME", help="Only of this stage.")
@click.option("--tail", "-f", is_flag=True, help="Follow what comes, until Ctrl-C.")
@click.option(
    "--filter", "pattern", metavar="PATTERN", default="",
    help="Only what matches, in the language of CloudWatch Logs.",
)  # fmt: skip
@click.option(
    "--since", metavar="WHEN",
    help="From when on: 5m, 2h, or a date and time.  [default: 1h, with --tail 1s]",
)  # fmt: skip
@server_options
def logs(api: str, stage: str | None, tail: bool, pattern: str, since: str | None) -> None:
    """Print the access log and the execution log of API's stages.

    A stage writes what it is told to: an access log to the group that its settings name (AccessLogSettings), an
    execution log at the level of its method settings (LoggingLevel: INFO).

    \b
    fogline api logs shop --since 10m
    fogline api logs shop --stage Prod --tail
    """
    from fogline.cli.apis.finding import called_stages, find_api, find_stage, stages
    from fogline.cli.apis.logs import groups_of, writes_logs
    from fogline.cli.log_events import LogReader, print_event

    out, server = output(), client()
    now = int(server.page("GET", "/_fogline/clock")["now"])
    try:
        start = parse_instant(since or ("1s" if tail else "1h"), now)
    except ValueError as error:
        raise click.UsageError(f"{error}.") from None
    found = find_api(server, api)
    shown = stages(server, found) if stage is None else [find_stage(server, found, stage)]
    groups, reader = groups_of(found, shown), LogReader(server, start, pattern)
    events = reader.read(groups)
    if not events and not tail and not any(writes_logs(each) for each in shown):
        names = ", ".join(each.name for each in called_stages(shown)) or "no stage"
        raise Failure(
            f"'{found.name}' writes no logs ({names}).",
            f"Give the stage AccessLogSettings{_STEPS_LOGGED[found.kind]}, and deploy again."
            " What functions write: fogline logs.",
        )
    while True:
        for event in events:
            print_event(out, event, groups[event["group"]] if len(groups) > 1 else "")
        if not tail:
            return
        pause(_LOOK_EVERY_SECONDS)
        events = reader.read(groups)
