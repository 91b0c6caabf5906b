"""Executions as clients see them: every row of them, and the only file that knows how.

Where those that run stand, what they did, and what they are made from have files of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from fogline.services.stepfunctions.activity_offers import ActivityOffers
from fogline.services.stepfunctions.branches import Branches, RunningRow
from fogline.services.stepfunctions.definitions import Definitions
from fogline.services.stepfunctions.express_promises import ExpressPromises
from fogline.services.stepfunctions.histories import Histories
from fogline.store.store import Row, Store, Tx

_COLUMNS = "id, account, region, machine, name, status, started_at, stopped_at, map_run, facts, error, cause, redrives"


@dataclass(frozen=True, slots=True)
class ExecutionRow:
    """What clients see of an execution, without its payloads."""

    id: str
    account: str
    region: str
    machine: str
    name: str
    status: str
    started_at: int
    stopped_at: int | None
    map_run: str
    facts: Mapping[str, Any]
    error: str | None
    cause: str | None
    redrives: int = 0


@dataclass(frozen=True, slots=True)
class ExecutionFilter:
    """Which executions are listed: those of one machine, version, alias or map run, by status and redrives.

    One of `machine`, `version`, `alias` and `map_run` is given; `since` leaves out what ended before.
    """

    since: int
    machine: tuple[str, str, str] | None = None
    """Account, region and name."""
    version: str = ""
    alias: str = ""
    map_run: str = ""
    status: str = ""
    is_redriven: bool | None = None


class Executions:
    """Reads and writes of executions."""

    def __init__(self, store: Store) -> None:
        self.branches = Branches(store)
        self.histories = Histories()
        self.definitions = Definitions()
        self.offers = ActivityOffers()
        self.promises = ExpressPromises()

    def add(
        self,
        tx: Tx,
        row: ExecutionRow,
        input_text: str,
        running: RunningRow,
    ) -> None:
        """A new execution. Its name must be free."""
        self.add_row(tx, row, input_text)
        self.branches.add_running(tx, row.id, running)

    def add_row(self, tx: Tx, row: ExecutionRow, input_text: str) -> None:
        """The same, for one that runs elsewhere."""
        tx.run(
            f"INSERT INTO sfn_executions ({_COLUMNS}, version, alias, output, input)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?)",
            row.id,
            row.account,
            row.region,
            row.machine,
            row.name,
            row.status,
            row.started_at,
            row.stopped_at,
            row.map_run,
            orjson.dumps(row.facts),
            row.error,
            row.cause,
            row.redrives,
            row.facts.get("version", ""),
            row.facts.get("alias", ""),
            input_text.encode(),
        )

    def find(
        self, tx: Tx, account: str, region: str, machine: str, name: str
    ) -> ExecutionRow | None:
        row = tx.row(
            f"SELECT {_COLUMNS} FROM sfn_executions"
            " WHERE account = ? AND region = ? AND machine = ? AND name = ?",
            account,
            region,
            machine,
            name,
        )
        return _execution(row) if row else None

    def find_by_id(self, tx: Tx, execution: str) -> ExecutionRow | None:
        row = tx.row(f"SELECT {_COLUMNS} FROM sfn_executions WHERE id = ?", execution)
        return _execution(row) if row else None

    def input_of(self, tx: Tx, execution: str) -> str:
        row = tx.row("SELECT input FROM sfn_executions WHERE id = ?", execution)
        return bytes(row[0]).decode() if row else ""

    def output_of(self, tx: Tx, execution: str) -> str | None:
        row = tx.row("SELECT output FROM sfn_executions WHERE id = ?", execution)
        return bytes(row[0]).decode() if row and row[0] is not None else None

    def save_end(
        self,
        tx: Tx,
        execution: str,
        status: str,
        stopped_at: int | None,
        output: str | None,
        error: str | None,
        cause: str | None,
    ) -> None:
        """The execution came to an end: keep how, and nothing of where it was."""
        tx.run(
            "UPDATE sfn_executions SET status = ?, stopped_at = ?, output = ?, error = ?, cause = ?"
            " WHERE id = ?",
            status,
            stopped_at,
            None if output is None else output.encode(),
            error,
            cause,
            execution,
        )
        self.branches.remove_running(tx, execution)

    def save_restart(self, tx: Tx, execution: str, facts: Mapping[str, Any], redrives: int) -> None:
        """The execution runs again."""
        tx.run(
            "UPDATE sfn_executions SET status = 'RUNNING', stopped_at = NULL, output = NULL,"
            " error = NULL, cause = NULL, facts = ?, redrives = ? WHERE id = ?",
            orjson.dumps(facts),
            redrives,
            execution,
        )

    def page(
        self,
        tx: Tx,
        wanted: ExecutionFilter,
        *,
        before: tuple[int, str] | None = None,
        limit: int,
    ) -> list[ExecutionRow]:
        """Executions, the last started first; `before` is the place of the last one seen."""
        sql, values = _where(wanted)
        if before is not None:
            sql += " AND (started_at < ? OR started_at = ? AND id < ?)"
            values += [before[0], before[0], before[1]]
        rows = tx.rows(
            f"SELECT {_COLUMNS} FROM sfn_executions WHERE {sql}"
            " ORDER BY started_at DESC, id DESC LIMIT ?",
            *values,
            limit,
        )
        return [_execution(row) for row in rows]

    def remove(self, tx: Tx, execution: str) -> None:
        """Forget an execution that has ended, with its history."""
        self.branches.remove_branches(tx, execution)
        self.histories.remove(tx, execution)
        tx.run("DELETE FROM sfn_executions WHERE id = ?", execution)

    def first_end(self, tx: Tx) -> int | None:
        """When the execution ended that ended first."""
        row = tx.row("SELECT min(stopped_at) FROM sfn_executions WHERE stopped_at IS NOT NULL")
        return row[0] if row else None

    def remove_ended(self, tx: Tx, before: int, limit: int) -> int:
        """Forget executions that ended before then, with their histories; how many."""
        rows = tx.rows(
            "SELECT id FROM sfn_executions WHERE stopped_at < ? ORDER BY stopped_at LIMIT ?",
            before,
            limit,
        )
        for (execution,) in rows:
            self.remove(tx, execution)
        return len(rows)


def _execution(row: Row) -> ExecutionRow:
    return ExecutionRow(*[*row[:9], orjson.loads(row[9]), *row[10:]])


def _where(wanted: ExecutionFilter) -> tuple[str, list[Any]]:
    """The conditions of a filter, and their values."""
    if wanted.machine is not None:
        sql, values = "account = ? AND region = ? AND machine = ?", list[Any](wanted.machine)
    else:
        column = "version" if wanted.version else "alias" if wanted.alias else "map_run"
        sql, values = f"{column} = ? AND {column} <> ''", [getattr(wanted, column)]
    if wanted.status:
        sql += " AND status = ?"
        values.append(wanted.status)
    if wanted.is_redriven is not None:
        sql += " AND redrives > 0" if wanted.is_redriven else " AND redrives = 0"
    sql += " AND (stopped_at IS NULL OR stopped_at >= ?)"
    return sql, [*values, wanted.since]
