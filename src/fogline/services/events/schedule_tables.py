"""When scheduled rules are due: a row each, in the order of time."""

from __future__ import annotations

from typing import NamedTuple

from fogline.store.store import Tx

Bus = tuple[str, str, str]
"""Account, region and name of a bus."""


class Due(NamedTuple):
    """A rule with a schedule, and when it is due (ms). A rate counts from `anchor`."""

    bus: Bus
    rule: str
    expression: str
    anchor: int


class ScheduleTables:
    """Reads and writes of due times."""

    def find_expression(self, tx: Tx, bus: Bus, rule: str) -> str | None:
        """The expression by which that rule is planned, or None when it is not."""
        row = tx.row(
            "SELECT expression FROM events_schedules"
            " WHERE account = ? AND region = ? AND bus = ? AND rule = ?",
            *bus,
            rule,
        )
        return row[0] if row is not None else None

    def save_due(
        self, tx: Tx, bus: Bus, rule: str, expression: str, anchor: int, due_at: int
    ) -> None:
        tx.run(
            "INSERT INTO events_schedules (account, region, bus, rule, expression, anchor, due_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account, region, bus, rule) DO UPDATE SET"
            " expression = excluded.expression, anchor = excluded.anchor, due_at = excluded.due_at",
            *bus,
            rule,
            expression,
            anchor,
            due_at,
        )

    def remove_due(self, tx: Tx, bus: Bus, rule: str) -> None:
        tx.run(
            "DELETE FROM events_schedules"
            " WHERE account = ? AND region = ? AND bus = ? AND rule = ?",
            *bus,
            rule,
        )

    def take_due(self, tx: Tx, now: int, limit: int) -> list[Due]:
        """Rules that are due, those longest first; rows that another node holds are passed over."""
        rows = tx.take(
            "SELECT account, region, bus, rule, expression, anchor FROM events_schedules"
            " WHERE due_at <= ? ORDER BY due_at, account, region, bus, rule LIMIT ?",
            now,
            limit,
        )
        return [Due((row[0], row[1], row[2]), *row[3:]) for row in rows]

    def next_due_at(self, tx: Tx) -> int | None:
        row = tx.row("SELECT min(due_at) FROM events_schedules")
        return row[0] if row is not None else None
