"""Every row kept of map runs, and the only file that knows how. Their inputs are kept by `distributed/items.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import NamedTuple

import orjson

from fogline.services.stepfunctions.map_runs.map_run import (
    MapRun,
    Settings,
    Tally,
    child_id,
)
from fogline.store.store import Row, Tx

SCHEMA_STEP = (
    """CREATE TABLE sfn_map_runs (
        arn TEXT PRIMARY KEY, id TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL,
        execution TEXT NOT NULL, branch INTEGER NOT NULL, attempt TEXT NOT NULL, status TEXT NOT NULL,
        phase TEXT NOT NULL, due_at INTEGER, started_at INTEGER NOT NULL, stopped_at INTEGER,
        redrives INTEGER NOT NULL, redriven_at INTEGER, error TEXT, cause TEXT, settings BLOB NOT NULL,
        facts BLOB NOT NULL, counts BLOB NOT NULL)""",
    "CREATE INDEX sfn_map_runs_of_execution ON sfn_map_runs (execution, started_at, arn)",
    "CREATE INDEX sfn_map_runs_by_due ON sfn_map_runs (due_at) WHERE due_at IS NOT NULL",
    # Children that have ended and were not counted yet: whoever ends one does not wait for its map run's row.
    """CREATE TABLE sfn_map_news (
        map_run TEXT NOT NULL, execution TEXT NOT NULL, status TEXT NOT NULL,
        PRIMARY KEY (map_run, execution))""",
)
"""For `schema.py`."""

_COLUMNS = (
    "id, arn, account, region, execution, branch, attempt, status, phase, due_at, started_at, stopped_at,"
    " redrives, redriven_at, error, cause, settings, facts, counts"
)
_INDEX_MAX = 0xFFFFFFFF


class News(NamedTuple):
    """A child that has ended."""

    execution: str
    status: str


class Child(NamedTuple):
    """A child as its results are told."""

    id: str
    name: str
    status: str
    started_at: int
    stopped_at: int | None
    redrives: int
    error: str | None
    cause: str | None
    input: str
    output: str | None


# ---- map runs


def add(tx: Tx, run: MapRun) -> None:
    tx.run(
        f"INSERT INTO sfn_map_runs ({_COLUMNS})"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        run.id,
        run.arn,
        run.account,
        run.region,
        run.execution,
        run.branch,
        run.attempt,
        run.status,
        run.phase,
        run.due_at,
        run.started_at,
        run.stopped_at,
        run.redrives,
        run.redriven_at,
        run.error,
        run.cause,
        orjson.dumps(asdict(run.settings)),
        orjson.dumps(run.facts),
        _counts(run),
    )


def save(tx: Tx, run: MapRun) -> None:
    """What changes while it runs."""
    tx.run(
        "UPDATE sfn_map_runs SET attempt = ?, status = ?, phase = ?, due_at = ?, stopped_at = ?, redrives = ?,"
        " redriven_at = ?, error = ?, cause = ?, counts = ? WHERE arn = ?",
        run.attempt,
        run.status,
        run.phase,
        run.due_at,
        run.stopped_at,
        run.redrives,
        run.redriven_at,
        run.error,
        run.cause,
        _counts(run),
        run.arn,
    )


def save_settings(tx: Tx, run: MapRun) -> None:
    tx.run(
        "UPDATE sfn_map_runs SET settings = ?, due_at = ? WHERE arn = ?",
        orjson.dumps(asdict(run.settings)),
        run.due_at,
        run.arn,
    )


def find(tx: Tx, arn: str) -> MapRun | None:
    row = tx.row(f"SELECT {_COLUMNS} FROM sfn_map_runs WHERE arn = ?", arn)
    return _map_run(row) if row else None


def take(tx: Tx, arn: str) -> MapRun | None:
    """The map run, which nobody else changes until commit; None, too, while another node does."""
    rows = tx.take(f"SELECT {_COLUMNS} FROM sfn_map_runs WHERE arn = ?", arn)
    return _map_run(rows[0]) if rows else None


def hold(tx: Tx, arn: str) -> MapRun | None:
    """The same, having waited for others."""
    tx.run("UPDATE sfn_map_runs SET arn = arn WHERE arn = ?", arn)
    return find(tx, arn)


def page(
    tx: Tx, execution: str, *, after: tuple[int, str] | None = None, limit: int
) -> list[MapRun]:
    """The map runs of an execution, the first started first."""
    since, last = after or (-1, "")
    rows = tx.rows(
        f"SELECT {_COLUMNS} FROM sfn_map_runs WHERE execution = ?"
        " AND (started_at > ? OR started_at = ? AND arn > ?) ORDER BY started_at, arn LIMIT ?",
        execution,
        since,
        since,
        last,
        limit,
    )
    return [_map_run(row) for row in rows]


def last_of_branches(tx: Tx, execution: str) -> dict[int, str]:
    """The ARNs of the map runs that the branches of an execution began last."""
    rows = tx.rows(
        "SELECT branch, arn FROM sfn_map_runs WHERE execution = ? ORDER BY started_at, id",
        execution,
    )
    return {row[0]: row[1] for row in rows}


def due(tx: Tx, now: int, limit: int) -> list[str]:
    rows = tx.rows(
        "SELECT arn FROM sfn_map_runs WHERE due_at <= ? ORDER BY due_at LIMIT ?", now, limit
    )
    return [row[0] for row in rows]


def next_due(tx: Tx, now: int) -> int | None:
    row = tx.row("SELECT min(due_at) FROM sfn_map_runs WHERE due_at > ?", now)
    return row[0] if row else None


def postpone(tx: Tx, arns: Sequence[str], until: int) -> None:
    """Let nothing of them be due before then."""
    tx.many(
        "UPDATE sfn_map_runs SET due_at = ? WHERE arn = ? AND phase <> 'ENDED'",
        [(until, arn) for arn in arns],
    )


def lease(tx: Tx, arns: Sequence[str], until: int) -> None:
    """This node reads or writes for them: nobody else does before then."""
    tx.many(
        "UPDATE sfn_map_runs SET due_at = ? WHERE arn = ? AND phase IN ('READING', 'WRITING')",
        [(until, arn) for arn in arns],
    )


def release_all(tx: Tx) -> None:
    """Whoever read items or wrote results is gone: that is to be done again."""
    tx.run("UPDATE sfn_map_runs SET due_at = 0 WHERE phase IN ('READING', 'WRITING')")


def remove(tx: Tx, arn: str) -> None:
    tx.run("DELETE FROM sfn_map_runs WHERE arn = ?", arn)


# ---- news of children


def add_news(tx: Tx, arn: str, news: News) -> None:
    tx.run("INSERT INTO sfn_map_news (map_run, execution, status) VALUES (?, ?, ?)", arn, *news)


def with_news(tx: Tx, limit: int) -> list[str]:
    """Map runs of which there is news."""
    rows = tx.rows("SELECT DISTINCT map_run FROM sfn_map_news LIMIT ?", limit)
    return [row[0] for row in rows]


def take_news(tx: Tx, arn: str, limit: int) -> list[News]:
    """Some of the news of a map run; they are kept no longer."""
    rows = tx.rows(
        "SELECT execution, status FROM sfn_map_news WHERE map_run = ? ORDER BY execution LIMIT ?",
        arn,
        limit,
    )
    tx.many(
        "DELETE FROM sfn_map_news WHERE map_run = ? AND execution = ?",
        [(arn, row[0]) for row in rows],
    )
    return [News(*row) for row in rows]


# ---- children: found by their ids, which are in the order of the inputs


def running_children(tx: Tx, map_run: str, limit: int) -> list[str]:
    """Children that run as Standard executions."""
    rows = tx.rows(
        "SELECT execution FROM sfn_running WHERE execution >= ? AND execution <= ? LIMIT ?",
        *_span(map_run),
        limit,
    )
    return [row[0] for row in rows]


def promised_children(tx: Tx, map_run: str, limit: int) -> list[str]:
    """Children that are promised as Express executions, or run."""
    rows = tx.rows(
        "SELECT id FROM sfn_express WHERE id >= ? AND id <= ? LIMIT ?", *_span(map_run), limit
    )
    return [row[0] for row in rows]


def items_of_children(tx: Tx, executions: Sequence[str]) -> list[int]:
    """How many items each of these executions has."""
    found = []
    for execution in executions:
        row = tx.row("SELECT facts FROM sfn_executions WHERE id = ?", execution)
        found.append(orjson.loads(row[0]).get("items", 1) if row else 1)
    return found


def children_from(tx: Tx, map_run: str, index: int, limit: int) -> list[Child]:
    """Children in the order of their inputs, from that one on."""
    rows = tx.rows(
        "SELECT id, name, status, started_at, stopped_at, redrives, error, cause, input, output"
        " FROM sfn_executions WHERE id >= ? AND id <= ? ORDER BY id LIMIT ?",
        *_span(map_run, index),
        limit,
    )
    return [_child(row) for row in rows]


def ended_unsuccessfully(tx: Tx, map_run: str, index: int, limit: int) -> list[str]:
    """Children from that one on that ended without success."""
    rows = tx.rows(
        "SELECT id FROM sfn_executions WHERE id >= ? AND id <= ?"
        " AND status IN ('FAILED', 'TIMED_OUT', 'ABORTED') ORDER BY id LIMIT ?",
        *_span(map_run, index),
        limit,
    )
    return [row[0] for row in rows]


def _span(map_run: str, index: int = 0) -> tuple[str, str]:
    return child_id(map_run, index), child_id(map_run, _INDEX_MAX)


def _child(row: Row) -> Child:
    given, output = bytes(row[8]).decode(), row[9]
    return Child(*[*row[:8], given, None if output is None else bytes(output).decode()])


def _counts(run: MapRun) -> bytes:
    return orjson.dumps([asdict(run.executions), asdict(run.items), run.redriven_up_to])


def _map_run(row: Row) -> MapRun:
    settings, facts, counts = (orjson.loads(each) for each in row[16:])
    executions, items, redriven_up_to = counts
    more = [Settings(**settings), facts, Tally(**executions), Tally(**items), redriven_up_to]
    return MapRun(*[*row[:16], *more])
