"""Every row EventBridge Scheduler keeps, and the only file that knows how.

A schedule is a document; when it is due next stands in a row of its own, so that the loop reads only what is due.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fogline.services.scheduler.schedule import Address, address_of
from fogline.store.documents import Document, Documents
from fogline.store.store import Store, Tx


@dataclass(frozen=True, slots=True)
class Due:
    """When a schedule is due: the time it is meant for, and when it is made (None: never)."""

    occurrence: int
    due_at: int | None
    made: int


class Tables:
    """Reads and writes of schedules and their groups."""

    def __init__(self, store: Store) -> None:
        self.groups = Documents(store, "scheduler.group")
        self._schedules = Documents(store, "scheduler.schedule")

    # ---- schedules

    def find(self, tx: Tx, address: Address) -> Document | None:
        return self._schedules.find(tx, address.account, address.region, address.key)

    def save(self, tx: Tx, address: Address, document: Mapping[str, Any]) -> None:
        self._schedules.save(tx, address.account, address.region, address.key, document)

    def remove(self, tx: Tx, address: Address) -> None:
        tx.run(
            "DELETE FROM scheduler_due WHERE account = ? AND region = ? AND name = ?",
            address.account,
            address.region,
            address.key,
        )
        self._schedules.remove(tx, address.account, address.region, address.key)

    def remove_of_group(self, tx: Tx, account: str, region: str, group: str) -> None:
        for address, _ in self.page(tx, account, region, f"{group}/", "", 1_000_000):
            self.remove(tx, address)

    def page(
        self, tx: Tx, account: str, region: str, prefix: str, after: str, limit: int
    ) -> list[tuple[Address, Document]]:
        """Schedules in the order of their groups and names, `prefix` and `after` being `group/name`."""
        return [
            (address_of(account, region, key), document)
            for key, document in self._schedules.page(
                tx, account, region, prefix=prefix, after=after, limit=limit
            )
        ]

    # ---- when they are due: this row is held first by all who change a schedule, so that they wait in one order

    def hold(self, tx: Tx, address: Address) -> None:
        """Wait until nobody fires the schedule, and let nobody until commit."""
        tx.run(
            "UPDATE scheduler_due SET made = made WHERE account = ? AND region = ? AND name = ?",
            address.account,
            address.region,
            address.key,
        )

    def find_due(self, tx: Tx, address: Address) -> Due | None:
        row = tx.row(
            "SELECT occurrence, due_at, made FROM scheduler_due"
            " WHERE account = ? AND region = ? AND name = ?",
            address.account,
            address.region,
            address.key,
        )
        return Due(*row) if row else None

    def save_due(self, tx: Tx, address: Address, due: Due) -> None:
        tx.run(
            "INSERT INTO scheduler_due (account, region, name, occurrence, due_at, made)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (account, region, name) DO UPDATE SET"
            " occurrence = excluded.occurrence, due_at = excluded.due_at, made = excluded.made",
            address.account,
            address.region,
            address.key,
            due.occurrence,
            due.due_at,
            due.made,
        )

    def take_due(self, tx: Tx, now: int, count_max: int) -> list[tuple[Address, Due]]:
        """What is due, the longest due first, locked until commit."""
        rows = tx.take(
            "SELECT account, region, name, occurrence, due_at, made FROM scheduler_due"
            " WHERE due_at <= ? ORDER BY due_at LIMIT ?",
            now,
            count_max,
        )
        return [(address_of(*row[:3]), Due(*row[3:])) for row in rows]

    def next_due_at(self, tx: Tx, now: int) -> int | None:
        """When something that is not due at `now` will be."""
        row = tx.row("SELECT min(due_at) FROM scheduler_due WHERE due_at > ?", now)
        return row[0] if row else None
