"""Expiry: events older than their group's retention are hidden when read, and removed by this loop."""

from __future__ import annotations

from fogline.services.logs.limits import Limits
from fogline.services.logs.tables import Tables
from fogline.store.documents import Document
from fogline.store.store import Store
from fogline.world.clock import DAY

RETENTION_TOPIC = "logs-retention"


def oldest_shown(group: Document, now: int) -> int:
    """The earliest instant whose events the group still shows."""
    days = group.get("retention_days")
    return now - days * DAY if days else 0


class Expiry:
    """Removes what no reader can see any more."""

    name = "logs.expiry"
    topics: tuple[str, ...] = (RETENTION_TOPIC,)

    def __init__(self, store: Store, tables: Tables, limits: Limits) -> None:
        self._store = store
        self._tables = tables
        self._limits = limits

    def step(self, now: int) -> int | None:
        left = self._limits.expired_batches_max
        has_retention = False
        with self._store.write() as tx:
            for _, _, _, group in self._tables.groups.every(tx):
                if not group.get("retention_days"):
                    continue
                has_retention = True
                left -= self._tables.remove_expired(tx, group, oldest_shown(group, now), left)
                if left <= 0:
                    return now
        return now + self._limits.expiry_interval if has_retention else None
