"""`fogline snapshot save|restore|list`."""

from __future__ import annotations

import click

from fogline.cli.options import Command, client, output, server_options

_SECONDS_MAX = 600.0


@click.group(name="snapshot")
def command() -> None:
    """Save all state under a name, restore it, or list what is saved.

    A snapshot is a consistent copy of everything (queues, tables, functions, stacks), made while Fogline runs.
    """


@command.command(cls=Command)
@click.argument("name")
@server_options
def save(name: str) -> None:
    """Save all state under NAME, which no snapshot may have yet."""
    out = output()
    answer = client().page("POST", "/_fogline/snapshots/save", {"name": name}, _SECONDS_MAX)
    out.document(answer)
    out.say(f"Saved '{name}'.", "good")


@command.command(cls=Command)
@click.argument("name")
@server_options
def restore(name: str) -> None:
    """Replace all state by what was saved under NAME."""
    out = output()
    answer = client().page("POST", "/_fogline/snapshots/restore", {"name": name}, _SECONDS_MAX)
    out.document(answer)
    out.say(f"Restored '{name}'.", "good")


@command.command(name="list", cls=Command)
@server_options
def list_() -> None:
    """List what is saved."""
    out = output()
    answer = client().page("GET", "/_fogline/snapshots")
    out.document(answer)
    snapshots = answer.get("snapshots", [])
    if not snapshots:
        out.say("Nothing is saved yet. Save with `fogline snapshot save NAME`.")
        return
    rows = [
        snapshot if isinstance(snapshot, dict) else {"name": snapshot} for snapshot in snapshots
    ]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    out.table(
        [column.replace("_", " ") for column in columns],
        [[_cell(column, row.get(column, "")) for column in columns] for row in rows],
    )


def _cell(column: str, value: object) -> object:
    if column.endswith("_at") and isinstance(value, int):
        from fogline.cli.durations import show_instant

        return show_instant(value)
    return value
