"""Work nobody asked for: archived events that are too old, or whose archive is gone, are removed."""

from __future__ import annotations

from fogline.services.events.archive_tables import ArchiveTables, oldest_number
from fogline.services.events.archiving import TOPIC
from fogline.services.events.service import Events
from fogline.store.store import Tx
from fogline.world.clock import HOUR

_REMOVED_PER_STEP_MAX = 5_000
_EVERYTHING = 1 << 62


class ArchiveExpiry:
    """Frees the rows of archived events. They are hidden from every reader the moment they expire."""

    name = "events.archive-expiry"
    topics: tuple[str, ...] = (TOPIC,)

    def __init__(self, events: Events) -> None:
        self._events = events

    def step(self, now: int) -> int | None:
        tables = self._events.tables.archives
        with self._events.store.write() as tx:
            for archive in tables.discarded(tx):
                if self._remove(tx, tables, archive, _EVERYTHING):
                    return now
                tables.forget_discarded(tx, archive)
            mortal = [each for *_, each in tables.archives.every(tx) if each["days"]]
            for document in mortal:
                if self._remove(tx, tables, document["number"], oldest_number(document, now)):
                    return now
        return now + HOUR if mortal else None

    def _remove(self, tx: Tx, tables: ArchiveTables, archive: int, before: int) -> bool:
        """Remove some; True when there may be more."""
        return tables.remove_events(tx, archive, before, _REMOVED_PER_STEP_MAX) > 0
