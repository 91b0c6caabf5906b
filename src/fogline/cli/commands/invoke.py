"""`fogline invoke`: one event for one function."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import orjson

from fogline.cli.client import from_blob, to_blob
from fogline.cli.exits import FAILED, Failure
from fogline.cli.naming import find_function
from fogline.cli.options import Command, client, output, server_options

_SECONDS_MAX = 960.0  # the longest function runs 900


@click.command(name="invoke", cls=Command)
@click.argument("function")
@click.argument("source", metavar="[-]", required=False)
@click.option("--payload", metavar="JSON", help="The event; {} when none is given.")
@click.option(
    "--payload-file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Read the event from a file.",
)
@click.option("--log", is_flag=True, help="Print what the function wrote, on stderr.")
@click.option("--async", "is_async", is_flag=True, help="Hand the event over, and don't wait.")
@click.option("--stack-name", metavar="NAME", help="The stack of a logical name.")
@server_options
@click.pass_context
def command(
    ctx: click.Context,
    function: str,
    source: str | None,
    payload: str | None,
    payload_file: Path | None,
    log: bool,
    is_async: bool,
    stack_name: str | None,
) -> None:
    """Run a function once and print its answer.

    FUNCTION is the name in the template, the function's own name, or an ARN; `:ALIAS` may follow. With `-` the event
    is read from stdin. The exit code is 1 when the function failed.

    \b
    fogline invoke Hello --payload '{"name": "Ada"}'
    fogline invoke Hello - < event.json
    """
    out = output()
    event = read_event(source, payload, payload_file)
    server = client()
    name = find_function(server, function, stack_name)
    result = server.call(
        "lambda",
        "Invoke",
        _SECONDS_MAX,
        FunctionName=name,
        InvocationType="Event" if is_async else "RequestResponse",
        LogType="Tail" if log and not is_async else "None",
        Payload=to_blob(event),
    )
    answer = from_blob(result.get("Payload"))
    error = result.get("FunctionError")
    written = from_blob(result.get("LogResult")).decode("utf-8", "replace")
    out.document(
        {
            "function": name,
            "status": result.get("StatusCode"),
            "error": error,
            "answer": _json_or_text(answer),
            **({"log": written} if log else {}),
        }
    )
    if log and not out.is_json:
        out.note(written.rstrip("\n"))
    if is_async:
        out.say(f"Handed to {name}. `fogline logs {function} --tail` shows what it writes.")
        return
    out.say(_pretty(answer) if out.is_terminal else answer.decode("utf-8", "replace"))
    if error:
        if not out.is_json:
            hint = "" if log else " Run it with --log to see what it wrote."
            out.note(f"The function failed ({error}).{hint}")
        ctx.exit(FAILED)


def read_event(source: str | None, payload: str | None, payload_file: Path | None) -> bytes:
    """The event from wherever it was given, known to be JSON."""
    given = [each for each in (source, payload, payload_file) if each is not None]
    if len(given) > 1:
        raise click.UsageError("Give the event once: --payload, --payload-file or -.")
    if source not in (None, "-"):
        raise click.UsageError(f"What is '{source}'? The event is given with --payload '{{...}}'.")
    if source == "-":
        event, origin = sys.stdin.buffer.read(), "stdin"
    elif payload_file is not None:
        try:
            event, origin = payload_file.read_bytes(), str(payload_file)
        except OSError as error:
            raise Failure(f"{payload_file} cannot be read: {error.strerror}.", code=2) from None
    else:
        event, origin = (payload or "{}").encode(), "--payload"
    try:
        orjson.loads(event)
    except orjson.JSONDecodeError as error:
        raise click.UsageError(f"The event from {origin} is not JSON: {error}.") from None
    return event


def _json_or_text(raw: bytes) -> object:
    try:
        return orjson.loads(raw) if raw else None
    except orjson.JSONDecodeError:
        return raw.decode("utf-8", "replace")


def _pretty(raw: bytes) -> str:
    value = _json_or_text(raw)
    if isinstance(value, dict | list):
        return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    return raw.decode("utf-8", "replace")
