"""Every row Step Functions keeps of executions, and the only file that knows how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

from fogline.store.store import Row, Store, Tx

_BODY_BYTES_INLINE = 512
"""Bodies up to here stand in the branch's own row: longer ones would be written again with each change of it."""
_PAGE_BYTES_MAX = 8_388_608
"""How much of a history is read at once, more or less: an event, or those kept with it, may be larger."""
_DEFINITION_DIGITS = 40

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


@dataclass(frozen=True, slots=True)
class RunningRow:
    next_event: int
    next_branch: int
    expires_at: int | None
    waiter: str


@dataclass(frozen=True, slots=True)
class BranchRow:
    """A branch as it is kept. `body` is None when it did not change."""

    id: int
    parent: int | None
    due_at: int | None
    task_due: int | None
    place: Mapping[str, Any]
    body: bytes | None
    is_large: bool = False
    """True when the body that is kept stands in a table of its own."""


class Executions:
    """Reads and writes of executions, their branches and their histories."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # ---- executions

    def add(
        self,
        tx: Tx,
        row: ExecutionRow,
        input_text: str,
        running: RunningRow,
    ) -> None:
        """A new execution. Its name must be free."""
        self.add_row(tx, row, input_text)
        self.add_running(tx, row.id, running)

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

    def add_running(self, tx: Tx, execution: str, running: RunningRow) -> None:
        tx.run(
            "INSERT INTO sfn_running (execution, next_event, next_branch, expires_at, waiter)"
            " VALUES (?, ?, ?, ?, ?)",
            execution,
            running.next_event,
            running.next_branch,
            running.expires_at,
            running.waiter,
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
        tx.run("DELETE FROM sfn_running WHERE execution = ?", execution)

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
        self.remove_branches(tx, execution)
        tx.run("DELETE FROM sfn_history WHERE execution = ?", execution)
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

    # ---- what runs

    def hold(self, tx: Tx, execution: str) -> RunningRow | None:
        """A running execution, which nobody else changes until commit; None when it has ended."""
        if self._store.is_shared:
            tx.run("UPDATE sfn_running SET waiter = waiter WHERE execution = ?", execution)
        row = tx.row(
            "SELECT next_event, next_branch, expires_at, waiter FROM sfn_running WHERE execution = ?",
            execution,
        )
        return RunningRow(*row) if row else None

    def try_hold(self, tx: Tx, execution: str) -> RunningRow | None:
        """The same, but None at once when another node changes it."""
        rows = tx.take(
            "SELECT next_event, next_branch, expires_at, waiter FROM sfn_running WHERE execution = ?",
            execution,
        )
        return RunningRow(*rows[0]) if rows else None

    def save_running(self, tx: Tx, execution: str, next_event: int, next_branch: int) -> None:
        tx.run(
            "UPDATE sfn_running SET next_event = ?, next_branch = ? WHERE execution = ?",
            next_event,
            next_branch,
            execution,
        )

    def save_waiter(self, tx: Tx, execution: str, token: str) -> bool:
        """Let the task of that token be told of the end; False when the execution has ended already."""
        return bool(
            tx.run("UPDATE sfn_running SET waiter = ? WHERE execution = ?", token, execution)
        )

    def expired(self, tx: Tx, now: int, limit: int) -> list[str]:
        """Executions that ran longer than they may."""
        rows = tx.take(
            "SELECT execution FROM sfn_running WHERE expires_at <= ? ORDER BY expires_at LIMIT ?",
            now,
            limit,
        )
        return [row[0] for row in rows]

    # ---- branches

    def add_branch(self, tx: Tx, execution: str, branch: BranchRow) -> None:
        body = branch.body or b""
        is_large = is_large_body(body)
        tx.run(
            "INSERT INTO sfn_branches (execution, id, parent, due_at, task_due, place, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            execution,
            branch.id,
            branch.parent,
            branch.due_at,
            branch.task_due,
            orjson.dumps(branch.place),
            None if is_large else body,
        )
        if is_large:
            self._save_large(tx, execution, branch.id, body)

    def save_branch(self, tx: Tx, execution: str, branch: BranchRow) -> None:
        place = orjson.dumps(branch.place, option=orjson.OPT_NON_STR_KEYS)
        values = (branch.due_at, branch.task_due, place)
        if branch.body is None:
            tx.run(
                "UPDATE sfn_branches SET due_at = ?, task_due = ?, place = ?"
                " WHERE execution = ? AND id = ?",
                *values,
                execution,
                branch.id,
            )
            return
        is_large = is_large_body(branch.body)
        tx.run(
            "UPDATE sfn_branches SET due_at = ?, task_due = ?, place = ?, body = ?"
            " WHERE execution = ? AND id = ?",
            *values,
            None if is_large else branch.body,
            execution,
            branch.id,
        )
        if is_large:
            self._save_large(tx, execution, branch.id, branch.body)
        elif branch.is_large:
            tx.run(
                "DELETE FROM sfn_bodies WHERE execution = ? AND branch = ?", execution, branch.id
            )

    def _save_large(self, tx: Tx, execution: str, branch: int, body: bytes) -> None:
        tx.run(
            "INSERT INTO sfn_bodies (execution, branch, body) VALUES (?, ?, ?)"
            " ON CONFLICT (execution, branch) DO UPDATE SET body = excluded.body",
            execution,
            branch,
            body,
        )

    def find_branch(self, tx: Tx, execution: str, branch: int) -> BranchRow | None:
        row = tx.row(
            "SELECT id, parent, due_at, task_due, place, body FROM sfn_branches"
            " WHERE execution = ? AND id = ?",
            execution,
            branch,
        )
        return self._branch(tx, execution, row) if row else None

    def branches_of(self, tx: Tx, execution: str, parent: int) -> list[BranchRow]:
        """The branches inside a branch."""
        rows = tx.rows(
            "SELECT id, parent, due_at, task_due, place, body FROM sfn_branches"
            " WHERE execution = ? AND parent = ? ORDER BY id",
            execution,
            parent,
        )
        return [self._branch(tx, execution, row) for row in rows]

    def _branch(self, tx: Tx, execution: str, row: Row) -> BranchRow:
        body = row[5]
        is_large = body is None
        if is_large:
            large = tx.row(
                "SELECT body FROM sfn_bodies WHERE execution = ? AND branch = ?", execution, row[0]
            )
            assert large is not None, "a large body stands in its own table"
            body = large[0]
        place = orjson.loads(row[4])
        return BranchRow(row[0], row[1], row[2], row[3], place, bytes(body), is_large)

    def remove_branch(self, tx: Tx, execution: str, branch: int) -> None:
        tx.run("DELETE FROM sfn_branches WHERE execution = ? AND id = ?", execution, branch)
        tx.run("DELETE FROM sfn_bodies WHERE execution = ? AND branch = ?", execution, branch)

    def remove_root(self, tx: Tx, execution: str) -> None:
        """Remove the only branch of an execution."""
        tx.run("DELETE FROM sfn_branches WHERE execution = ? AND id = 0", execution)

    def remove_branches(self, tx: Tx, execution: str) -> None:
        tx.run("DELETE FROM sfn_branches WHERE execution = ?", execution)
        tx.run("DELETE FROM sfn_bodies WHERE execution = ?", execution)

    def next_branch_id(self, tx: Tx, execution: str) -> int:
        """An id that no branch has which is kept."""
        row = tx.row("SELECT max(id) FROM sfn_branches WHERE execution = ?", execution)
        return row[0] + 1 if row and row[0] is not None else 0

    def due_branches(self, tx: Tx, now: int, limit: int) -> list[tuple[str, int]]:
        """What can go on, or takes too long: executions and their branches, the longest due first."""
        rows = tx.take(
            "SELECT execution, id FROM sfn_branches WHERE due_at <= ? ORDER BY due_at LIMIT ?",
            now,
            limit,
        )
        return [(row[0], row[1]) for row in rows]

    def postpone(self, tx: Tx, execution: str, until: int) -> None:
        """Let nothing of the execution be due before then."""
        tx.run(
            "UPDATE sfn_branches SET due_at = ? WHERE execution = ? AND due_at < ?",
            until,
            execution,
            until,
        )

    def due_tasks(self, tx: Tx, now: int, limit: int) -> list[tuple[str, int]]:
        """Tasks that nobody performs."""
        rows = tx.take(
            "SELECT execution, id FROM sfn_branches WHERE task_due <= ? ORDER BY task_due LIMIT ?",
            now,
            limit,
        )
        return [(row[0], row[1]) for row in rows]

    def lease_tasks(self, tx: Tx, tasks: Iterable[tuple[str, int]], until: int) -> None:
        """This node performs them: nobody else does before then."""
        tx.many(
            "UPDATE sfn_branches SET task_due = ?"
            " WHERE execution = ? AND id = ? AND task_due IS NOT NULL",
            [(until, execution, branch) for execution, branch in tasks],
        )

    def release_all_tasks(self, tx: Tx) -> None:
        """Whoever performed tasks is gone: all of them are to be performed again."""
        tx.run("UPDATE sfn_branches SET task_due = 0 WHERE task_due IS NOT NULL")

    def next_due(self, tx: Tx, now: int) -> int | None:
        """When something that is not due at `now` will be."""
        found = [
            tx.row("SELECT min(due_at) FROM sfn_branches WHERE due_at > ?", now),
            tx.row("SELECT min(expires_at) FROM sfn_running WHERE expires_at > ?", now),
            tx.row("SELECT min(task_due) FROM sfn_branches WHERE task_due > ?", now),
        ]
        times = [row[0] for row in found if row and row[0] is not None]
        return min(times) if times else None

    # ---- histories

    def add_events(self, tx: Tx, execution: str, events: Sequence[Mapping[str, Any]]) -> None:
        tx.run(
            "INSERT INTO sfn_history (execution, first_id, last_id, events) VALUES (?, ?, ?, ?)",
            execution,
            events[0]["id"],
            events[-1]["id"],
            orjson.dumps(events),
        )

    def events_from(
        self, tx: Tx, execution: str, first_id: int, limit: int, bytes_max: int = _PAGE_BYTES_MAX
    ) -> list[dict[str, Any]]:
        """Up to `limit` events from that one on, fewer where they are large.

        Event 1 is not among them: the execution's row tells it.
        """
        found: list[dict[str, Any]] = []
        read = 0
        while len(found) < limit and read < bytes_max:
            row = tx.row(
                "SELECT last_id, events FROM sfn_history WHERE execution = ? AND last_id >= ?"
                " ORDER BY first_id LIMIT 1",
                execution,
                first_id,
            )
            if row is None:
                break
            found += [event for event in orjson.loads(row[1]) if event["id"] >= first_id]
            read += len(row[1])
            first_id = row[0] + 1
        return found[:limit]

    def events_back_from(
        self, tx: Tx, execution: str, last_id: int, limit: int, bytes_max: int = _PAGE_BYTES_MAX
    ) -> list[dict[str, Any]]:
        """Up to `limit` events from that one back, the last first, fewer where they are large."""
        found: list[dict[str, Any]] = []
        read = 0
        while len(found) < limit and read < bytes_max:
            row = tx.row(
                "SELECT first_id, events FROM sfn_history WHERE execution = ? AND first_id <= ?"
                " ORDER BY first_id DESC LIMIT 1",
                execution,
                last_id,
            )
            if row is None:
                break
            events = [event for event in orjson.loads(row[1]) if event["id"] <= last_id]
            found += reversed(events)
            read += len(row[1])
            last_id = row[0] - 1
        return found[:limit]

    def last_event_id(self, tx: Tx, execution: str) -> int:
        row = tx.row("SELECT max(last_id) FROM sfn_history WHERE execution = ?", execution)
        return row[0] if row and row[0] is not None else 1

    # ---- definitions: kept by their content, for as long as an execution may need them

    def keep_definition(self, tx: Tx, text: str) -> str:
        """Keep a definition; gives its id."""
        id = definition_id(text)
        tx.run(
            "INSERT INTO sfn_definitions (id, text) VALUES (?, ?) ON CONFLICT (id) DO NOTHING",
            id,
            text,
        )
        return id

    def definition(self, tx: Tx, id: str) -> str:
        row = tx.row("SELECT text FROM sfn_definitions WHERE id = ?", id)
        assert row is not None, "definitions are kept"
        text: str = row[0]
        return text

    # ---- activities

    def offer(self, tx: Tx, activity: str, position: int, token: str) -> None:
        """A task for a worker of the activity."""
        tx.run(
            "INSERT INTO sfn_activity_tasks (activity, position, token) VALUES (?, ?, ?)",
            activity,
            position,
            token,
        )

    def remove_offers(self, tx: Tx, before: int, limit: int) -> int:
        """Forget tasks that were offered before that position; how many."""
        rows = tx.rows(
            "SELECT activity, position FROM sfn_activity_tasks WHERE position < ? LIMIT ?",
            before,
            limit,
        )
        tx.many(
            "DELETE FROM sfn_activity_tasks WHERE activity = ? AND position = ?",
            [(row[0], row[1]) for row in rows],
        )
        return len(rows)

    def take_offer(self, tx: Tx, activity: str) -> str | None:
        """The token of the task that waits longest for a worker; it is offered no more."""
        rows = tx.take(
            "SELECT position, token FROM sfn_activity_tasks WHERE activity = ?"
            " ORDER BY position LIMIT 1",
            activity,
        )
        if not rows:
            return None
        position, token = rows[0]
        tx.run(
            "DELETE FROM sfn_activity_tasks WHERE activity = ? AND position = ?", activity, position
        )
        return str(token)

    # ---- express executions on their way

    def add_express(
        self, tx: Tx, id: str, due_at: int, facts: Mapping[str, Any], input_text: str
    ) -> None:
        tx.run(
            "INSERT INTO sfn_express (id, due_at, facts, input) VALUES (?, ?, ?, ?)",
            id,
            due_at,
            orjson.dumps(facts),
            input_text.encode(),
        )

    def due_express(self, tx: Tx, now: int, limit: int) -> list[tuple[str, Mapping[str, Any], str]]:
        rows = tx.take(
            "SELECT id, facts, input FROM sfn_express WHERE due_at <= ? ORDER BY due_at LIMIT ?",
            now,
            limit,
        )
        return [(row[0], orjson.loads(row[1]), bytes(row[2]).decode()) for row in rows]

    def lease_express(self, tx: Tx, ids: Iterable[str], until: int) -> None:
        tx.many("UPDATE sfn_express SET due_at = ? WHERE id = ?", [(until, id) for id in ids])

    def release_all_express(self, tx: Tx) -> None:
        tx.run("UPDATE sfn_express SET due_at = 0")

    def remove_express(self, tx: Tx, id: str) -> bool:
        """False when it was removed before."""
        return bool(tx.run("DELETE FROM sfn_express WHERE id = ?", id))

    def recall_express(self, tx: Tx, id: str, now: int) -> bool:
        """Remove one that nobody runs; False for those that somebody does."""
        return bool(tx.run("DELETE FROM sfn_express WHERE id = ? AND due_at <= ?", id, now))

    def next_express(self, tx: Tx, now: int) -> int | None:
        row = tx.row("SELECT min(due_at) FROM sfn_express WHERE due_at > ?", now)
        return row[0] if row else None


def is_large_body(body: bytes) -> bool:
    """True for bodies that stand in a table of their own."""
    return len(body) > _BODY_BYTES_INLINE


def definition_id(text: str) -> str:
    """What a definition is kept under."""
    return sha256(text.encode()).hexdigest()[:_DEFINITION_DIGITS]


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
