"""Where running executions stand: a row for each of them, and one for each of their branches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from fogline.store.store import Row, Store, Tx

_BODY_BYTES_INLINE = 512
"""Bodies up to here stand in the branch's own row: longer ones would be written again with each change of it."""


_DUE = (
    ("sfn_branches", "due_at"),
    ("sfn_branches", "task_due"),
    ("sfn_running", "expires_at"),
)


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


class Branches:
    """Reads and writes of what runs."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # ---- executions that run

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

    def remove_running(self, tx: Tx, execution: str) -> None:
        tx.run("DELETE FROM sfn_running WHERE execution = ?", execution)

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

    def put_off(self, tx: Tx, execution: str, until: int) -> None:
        """Let nothing of the execution be due before then."""
        for table, column in _DUE:
            tx.run(
                f"UPDATE {table} SET {column} = ? WHERE execution = ? AND {column} < ?",
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


def is_large_body(body: bytes) -> bool:
    """True for bodies that stand in a table of their own."""
    return len(body) > _BODY_BYTES_INLINE
