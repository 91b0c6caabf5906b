"""`fogline workflow list|graph|start|watch|history`: state machines and how their executions go."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fogline.cli.client import Client
from fogline.cli.durations import show_instant
from fogline.cli.exits import FAILED, Failure
from fogline.cli.options import Command, client, output, server_options
from fogline.cli.output import Output
from fogline.cli.waiting import pause

if TYPE_CHECKING:
    from fogline.aws.states.drawing import Progress
    from fogline.aws.states.machine import Machine

_LOOK_EVERY_SECONDS = 0.25
_RECENT = 5
_MARKS = {"SUCCEEDED": "✓", "RUNNING": "▸", "PENDING_REDRIVE": "▸", "ABORTED": "■"}


@click.group(name="workflow")
def command() -> None:
    """Draw state machines, start them, and watch them run.

    MACHINE is a name, an ARN, or the name that a deployed template gives it. EXECUTION is an ARN, a name, MACHINE/NAME,
    or MACHINE for its latest one.
    """


# ---- list


@command.command(name="list", cls=Command)
@server_options
def list_() -> None:
    """List the state machines, each with its latest executions."""
    from fogline.cli.workflows.naming import latest_executions, machines

    out, server = output(), client()
    rows, documents = [], []
    for machine in machines(server):
        is_express = machine["type"] == "EXPRESS"
        recent = (
            [] if is_express else latest_executions(server, machine["stateMachineArn"], _RECENT)
        )
        documents.append({**machine, "latestExecutions": recent})
        marks = " ".join(_MARKS.get(each["status"], "✗") for each in recent)
        last = recent[0] if recent else None
        rows.append(
            [
                machine["name"],
                machine["type"].lower(),
                f"{last['status'].lower()} {show_instant(int(last['startDate']))}"
                if last
                else "keeps none"
                if is_express
                else "none yet",
                marks,
            ]
        )
    out.document({"stateMachines": documents})
    if rows:
        out.table(["machine", "type", "last execution", "latest first"], rows)
    else:
        out.say("There are no state machines yet in this account and region.")


# ---- graph


@command.command(cls=Command)
@click.argument("machine", metavar="MACHINE|FILE")
@click.option(
    "--execution", metavar="EXECUTION",
    help="Show how this execution went: its ARN, its name, or `latest`.",
)  # fmt: skip
@click.option(
    "--svg", "svg", metavar="FILE", type=click.Path(dir_okay=False, allow_dash=True),
    help="Write the drawing as SVG to a file, or with - to stdout.",
)  # fmt: skip
@server_options
def graph(machine: str, execution: str | None, svg: str | None) -> None:
    """Draw a state machine, and with --execution the path that was taken.

    FILE is a definition in JSON or YAML; no server is asked for it.

    \b
    fogline workflow graph orders --execution latest
    fogline workflow graph saga.asl.json --svg saga.svg
    """
    from fogline.aws.states.drawing import outcome_words, summarize
    from fogline.cli.workflows.definitions import (
        is_file,
        load_described,
        machine_of_execution,
        read_definition,
    )
    from fogline.cli.workflows.histories import HistoryReader, count_map_runs
    from fogline.cli.workflows.naming import find_execution_of, find_machine
    from fogline.cli.workflows.showing import draw, outcome_kind

    out = output()
    progress: Progress | None = None
    if is_file(machine):
        if execution is not None:
            raise click.UsageError("A file has no executions; name the machine instead.")
        drawn, title = read_definition(Path(machine)), Path(machine).name.split(".")[0]
    else:
        server = client()
        described = find_machine(server, machine)
        title = str(described["name"])
        if execution is None:
            drawn = load_described(described)
        else:
            from fogline.aws.states.drawing import Progress

            found = find_execution_of(server, described, execution)
            drawn = machine_of_execution(server, found)
            progress = Progress(drawn)
            progress.add(HistoryReader(server, found["executionArn"]).read())
            count_map_runs(server, progress)
            title = f"{title} / {found['name']}"
    if svg is not None:
        _write_svg(out, svg, drawn, progress, title)
        return
    out.document({"name": title, **summarize(drawn, progress)} if out.is_json else None)
    if progress is not None:
        status = progress.execution.status
        out.say(f"{title} {out.paint(outcome_words(progress), outcome_kind(status))}")
    draw(out, drawn, progress)


def _write_svg(
    out: Output, file: str, machine: Machine, progress: Progress | None, title: str
) -> None:
    from fogline.aws.states.drawing import TooLargeToDraw, draw_svg

    try:
        text = draw_svg(machine, progress, title)
    except TooLargeToDraw as error:
        raise Failure(
            f"{title} is too large to draw: {error}", "Without --svg it is shown as a list."
        ) from None
    if file == "-":
        sys.stdout.write(text)
        return
    try:
        Path(file).write_text(text, "utf-8")
    except OSError as error:
        raise Failure(f"{file} cannot be written: {error.strerror}.", code=2) from None
    out.document({"file": file, "bytes": len(text.encode())})
    out.say(f"Drawn in {file}.", "good")


# ---- start


@command.command(cls=Command)
@click.argument("machine")
@click.option("--input", "given", metavar="JSON|@FILE|-", help="The input.  [default: {}]")
@click.option("--name", metavar="NAME", help="The execution's name.  [default: made up]")
@click.option("--wait", is_flag=True, help="Wait for its end, and print its output.")
@click.option("--watch", "is_watched", is_flag=True, help="Watch it until its end.")
@click.option("--sync", is_flag=True, help="Start an express machine and answer with its result.")
@server_options
def start(
    machine: str, given: str | None, name: str | None, wait: bool, is_watched: bool, sync: bool
) -> None:
    """Start an execution of MACHINE. With --wait or --watch the exit code is 1 when it does not succeed.

    Express machines keep no history to watch: of them --wait and --watch mean --sync.

    \b
    fogline workflow start orders --input '{"order_id": 7}' --watch
    fogline workflow start orders --input @order.json --name order-7
    """
    from fogline.cli.workflows.naming import describe_execution, find_machine

    out, server = output(), client()
    described = find_machine(server, machine)
    # A version or an alias is started as it was named.
    arn = machine if machine.startswith("arn:") else described["stateMachineArn"]
    request: dict[str, Any] = {"stateMachineArn": arn, "input": _input(given)}
    if name is not None:
        request["name"] = name
    if sync or (described["type"] == "EXPRESS" and (wait or is_watched)):
        result = server.call("stepfunctions", "StartSyncExecution", seconds=330.0, **request)
        _tell_result(out, result)
        return
    started = server.call("stepfunctions", "StartExecution", **request)
    execution_arn = str(started["executionArn"])
    if is_watched:
        _watch(out, server, describe_execution(server, execution_arn))
        return
    if not wait:
        out.document(started)
        out.say(f"Started {execution_arn}.", "good")
        if described["type"] != "EXPRESS" and not out.is_json:
            out.note(f"Watch it: fogline workflow watch {execution_arn}")
        return
    while (result := describe_execution(server, execution_arn))["status"] == "RUNNING":
        pause(_LOOK_EVERY_SECONDS)
    _tell_result(out, result)


def _input(given: str | None) -> str:
    """The input: as it is given, from a file with @, from stdin with -."""
    if given is None:
        return "{}"
    try:
        if given == "-":
            return sys.stdin.buffer.read().decode()
        return Path(given[1:]).read_text("utf-8") if given.startswith("@") else given
    except OSError as error:
        raise Failure(f"{given[1:]} cannot be read: {error.strerror}.", code=2) from None
    except UnicodeDecodeError:
        raise click.UsageError("The input is not text in UTF-8.") from None


def _tell_result(out: Output, result: dict[str, Any]) -> None:
    from fogline.cli.workflows.showing import harmless, outcome_kind

    status = str(result["status"])
    out.document(result)
    out.say(f"{result.get('name', '')} {out.paint(status, outcome_kind(status))}".strip())
    if result.get("error") or result.get("cause"):
        said = ": ".join(result[key] for key in ("error", "cause") if result.get(key))
        out.say(f"  {harmless(said)}", "bad")
    if result.get("output") is not None:
        out.say(str(result["output"]))
    if status != "SUCCEEDED":
        click.get_current_context().exit(FAILED)


# ---- watch


@command.command(cls=Command)
@click.argument("execution")
@click.option("--plain", is_flag=True, help="A line for each event, on a terminal too.")
@server_options
def watch(execution: str, plain: bool) -> None:
    """Watch EXECUTION until it ends. The exit code is 1 when it does not succeed.

    On a terminal the machine is drawn, and drawn anew as it goes on; elsewhere each event is a line.

    \b
    fogline workflow watch orders
    fogline workflow watch orders/order-7 --json
    """
    from fogline.cli.workflows.naming import find_execution

    out, server = output(), client()
    _watch(out, server, find_execution(server, execution), is_drawn=not plain)


def _watch(out: Output, server: Client, execution: dict[str, Any], is_drawn: bool = True) -> None:
    from fogline.cli.workflows.definitions import machine_of_execution
    from fogline.cli.workflows.showing import tell_outcome, watch

    machine = machine_of_execution(server, execution)
    progress = watch(out, server, str(execution["executionArn"]), machine, is_drawn)
    tell_outcome(out, str(execution["name"]), progress)
    if progress.execution.status != "SUCCEEDED":
        click.get_current_context().exit(FAILED)


# ---- history


@command.command(cls=Command)
@click.argument("execution")
@click.option("--reverse", is_flag=True, help="The latest first.")
@click.option("--state", metavar="NAME", help="Only what happened in this state.")
@server_options
def history(execution: str, reverse: bool, state: str | None) -> None:
    """Print the events of EXECUTION, cut to a line each; with --json whole.

    \b
    fogline workflow history orders
    fogline workflow history orders/order-7 --state Pay --json
    """
    from fogline.aws.states.drawing import Progress, outcome_words
    from fogline.cli.workflows.histories import HistoryReader
    from fogline.cli.workflows.naming import find_execution
    from fogline.cli.workflows.showing import event_row, outcome_kind

    out, server = output(), client()
    found = find_execution(server, execution)
    events = HistoryReader(server, str(found["executionArn"])).read()
    progress = Progress(None)
    progress.add(events)
    shown = [
        event for event in events if state is None or progress.state_of(int(event["id"])) == state
    ]
    if state is not None and not shown:
        there = ", ".join(list(progress.states)[:12])
        raise Failure(f"Nothing happened in a state '{state}'.", f"States reached: {there}")
    if reverse:
        shown.reverse()
    out.document({"executionArn": found["executionArn"], "events": shown})
    status = outcome_words(progress)
    out.say(f"{found['name']} {out.paint(status, outcome_kind(progress.execution.status))}")
    columns = ["id", "time", "since", "event", "state", "details"]
    out.table(columns, [event_row(event, progress) for event in shown])
