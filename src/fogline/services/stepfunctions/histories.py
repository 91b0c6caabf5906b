"""Histories: events in chunks, as they were kept together. The first event is told by the execution's own row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from fogline.store.store import Tx

_PAGE_BYTES_MAX = 8_388_608
"""How much of a history is read at once, more or less: an event, or those kept with it, may be larger."""


class Histories:
    """Reads and writes of histories."""

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

    def remove(self, tx: Tx, execution: str) -> None:
        tx.run("DELETE FROM sfn_history WHERE execution = ?", execution)
