"""Compaction: rows of one period become one, and what is old goes into longer periods, and in the end away."""

from __future__ import annotations

from fogline.background.topics import Topics
from fogline.services.cloudwatch.limits import Limits
from fogline.services.cloudwatch.periods import RETENTION
from fogline.services.cloudwatch.tables import Tables
from fogline.store.store import Store, Tx
from fogline.world.clock import SECOND

TOPIC = "cloudwatch-compaction"

_LONGER = dict(zip([period for period, _ in RETENTION], [60, 300, 3600, 0], strict=True))
"""Into which period the numbers of one go; 0 for nowhere."""


class Compaction:
    """Keeps few rows. What two nodes append, one of them merges: under one lock, so no number is lost."""

    name = "cloudwatch.compaction"
    topics: tuple[str, ...] = (TOPIC,)

    def __init__(self, store: Store, tables: Tables, topics: Topics, limits: Limits) -> None:
        self._store = store
        self._tables = tables
        self._topics = topics
        self._limits = limits
        self._due_at: int | None = None

    def expect(self, now: int) -> None:
        """Rows were appended: merge them with what else comes in the next minute."""
        if self._due_at is None or self._due_at > now + self._limits.merging_interval:
            self._due_at = now + self._limits.merging_interval
            self._topics.stir((TOPIC,))

    def step(self, now: int) -> int | None:
        # Nothing due, and called all the same: at the start, or since all data was replaced.
        if self._due_at is not None and self._due_at > now:
            return self._due_at
        # Noted before the rows are read: what arrives meanwhile is expected anew.
        self._due_at = None
        next_at: int | None = now
        try:
            next_at = self._compact(now)
        finally:
            if next_at is not None:
                due_at = self._due_at
                self._due_at = next_at if due_at is None else min(due_at, next_at)
        return self._due_at

    def _compact(self, now: int) -> int | None:
        """Merge a bounded number of rows; when to go on."""
        with self._store.write() as tx:
            tx.lock("cloudwatch.compaction")
            left = self._limits.merged_rows_max
            left -= self._tables.merge_arrived(tx, left)
            for period, age in RETENTION:
                if left > 0:
                    before = now - age
                    before -= before % (max(_LONGER[period], period) * SECOND)
                    left -= self._tables.lengthen(tx, period, _LONGER[period], before, left)
            return now if left <= 0 else self._next_at(tx, now)

    def _next_at(self, tx: Tx, now: int) -> int | None:
        """When the oldest numbers of some period are due for the next one."""
        due = []
        for period, age in RETENTION:
            oldest = self._tables.oldest(tx, period)
            if oldest is not None:
                length = max(_LONGER[period], period) * SECOND
                due.append(oldest - oldest % length + length + age)
        return max(min(due), now + self._limits.merging_interval) if due else None
