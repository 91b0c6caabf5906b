"""Tasks of activities, offered to workers in the order in which they were asked for."""

from __future__ import annotations

from fogline.store.store import Tx


class ActivityOffers:
    """Reads and writes of offers."""

    def add(self, tx: Tx, activity: str, position: int, token: str) -> None:
        """A task for a worker of the activity."""
        tx.run(
            "INSERT INTO sfn_activity_tasks (activity, position, token) VALUES (?, ?, ?)",
            activity,
            position,
            token,
        )

    def remove(self, tx: Tx, before: int, limit: int) -> int:
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

    def take(self, tx: Tx, activity: str) -> str | None:
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
