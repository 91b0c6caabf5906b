"""The feed: the events that passed event buses lately, kept to be looked at; the oldest make room for new ones.

Nobody is delivered to from here. It answers "what came, and in what form?", which rules that match nothing leave open.
Events that were put together lie in one row, so that remembering ten costs little more than remembering one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from fogline.store.schema import Schema
from fogline.store.store import Tx
from fogline.world.clock import Clock
from fogline.world.ids import Ids

SCHEMA = Schema(
    "feed",
    (
        (
            """CREATE TABLE feed (
                number INTEGER PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL, bus TEXT NOT NULL,
                events BLOB NOT NULL)""",
        ),
    ),
)

ROWS_MAX = 1_000
ROW_BYTES_MAX = 65_536
_TRIM_EVERY = 128


@dataclass(frozen=True, slots=True)
class Passed:
    """Events that passed a bus together, each as its targets get it. `number` rises with time."""

    number: int
    account: str
    region: str
    bus: str
    events: Sequence[Any]


class Feed:
    """Remembers events, in the transactions of those who put them."""

    def __init__(self, ids: Ids, clock: Clock, rows_max: int = ROWS_MAX) -> None:
        self._ids = ids
        self._clock = clock
        self._rows_max = rows_max
        self._rows = 0

    def put(self, tx: Tx, account: str, region: str, bus: str, events: Sequence[bytes]) -> None:
        """Remember events (JSON) that were put together, as many as fit into a row."""
        kept, size = [], 0
        for event in events:
            size += len(event) + 1
            if size > ROW_BYTES_MAX:
                break
            kept.append(event)
        if not kept:
            return
        tx.run(
            "INSERT INTO feed (number, account, region, bus, events) VALUES (?, ?, ?, ?, ?)",
            self._ids.ordered(self._clock.now()),
            account,
            region,
            bus,
            b"[%b]" % b",".join(kept),
        )
        # Counting costs more than putting, so a few more than the bound may be there for a while.
        if self._rows % min(_TRIM_EVERY, self._rows_max) == 0:
            self._trim(tx)
        self._rows += 1

    def _trim(self, tx: Tx) -> None:
        last = tx.row(
            "SELECT number FROM feed ORDER BY number DESC LIMIT 1 OFFSET ?", self._rows_max
        )
        if last is not None:
            tx.run("DELETE FROM feed WHERE number <= ?", last[0])

    def page(
        self, tx: Tx, account: str, region: str, bus: str, after: int, limit: int
    ) -> list[Passed]:
        """What passed that bus past number `after`, the oldest first."""
        rows = tx.rows(
            "SELECT number, account, region, bus, events FROM feed WHERE number > ? AND account = ?"
            " AND region = ? AND bus = ? ORDER BY number LIMIT ?",
            after,
            account,
            region,
            bus,
            limit,
        )
        return [
            Passed(number, account, region, bus, orjson.loads(events))
            for number, account, region, bus, events in rows
        ]
