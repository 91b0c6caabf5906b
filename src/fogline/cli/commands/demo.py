"""`fogline demo`: the orders example, killed halfway."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path

import click

from fogline.cli.exits import FAILED
from fogline.cli.options import Command, json_option, output
from fogline.cli.output import Output


@click.command(name="demo", cls=Command)
@click.option("--keep", is_flag=True, help="Keep the demo's folder, to look into it afterwards.")
@json_option
@click.pass_context
def command(ctx: click.Context, keep: bool) -> None:
    """Watch an application survive being killed: orders, a queue, a function, a table.

    Starts a Fogline of its own in a temporary folder, deploys examples/orders, sends 500 orders (5 that can never be
    stored, 20 sent twice), kills the server with SIGKILL in the middle, starts it again, and counts: exactly 475
    orders in the table, 5 messages in the dead-letter queue. The exit code is 1 when any of that is false.
    """
    from fogline.cli.demo import DUPLICATES, ORDERS, POISON, run_demo

    out = output()
    folder = Path(tempfile.mkdtemp(prefix="fogline-demo-"))
    folder.chmod(0o755)  # functions run as a user of their own and must get at their code
    try:
        # With --json, only the closing document goes to stdout.
        report = run_demo(folder, Output(is_silent=True) if out.is_json else out)
    except BaseException:
        if keep:
            out.note(f"The demo's folder: {folder}")
        raise
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
    out.document({"is_right": not report.failures, **asdict(report)})
    out.say()
    out.table(
        ("", "expected", "seen"),
        [
            ("orders acknowledged", ORDERS + POISON + DUPLICATES, report.sent),
            ("distinct orders in the table", ORDERS, report.stored),
            ("messages in the dead-letter queue", POISON, report.dead),
            ("messages left in the queue", 0, report.left),
            ("SIGKILL after", "", f"{report.killed_after} orders"),
            (
                "start, start after the kill",
                "",
                f"{report.start_ms:.0f} ms, {report.restart_ms:.0f} ms",
            ),
            ("send p50, p99", "", f"{report.send_p50_ms:.2f} ms, {report.send_p99_ms:.2f} ms"),
            ("message to item p50", "", f"{report.message_to_item_p50_ms:.1f} ms"),
            ("all in all", "", f"{report.seconds:.1f} s"),
        ],
    )
    if keep:
        out.say(f"The demo's folder: {folder}")
    if report.failures:
        for failure in report.failures:
            out.say(f"Wrong: {failure}", "bad")
        ctx.exit(FAILED)
    out.say("Nothing was lost, nothing was stored twice.", "good")
