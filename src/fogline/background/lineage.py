"""Lineage: what caused what. Requests, deliveries and invocations are recorded, always, and cheaply.

Records are gathered in memory and written in batches by a loop. Under heavy load only a bounded number of
requests that nothing caused is kept from each batch; whatever has a cause is always kept.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fogline.aws.call import Call, Trace
from fogline.aws.errors import AwsError
from fogline.background.topics import Topics
from fogline.store.schema import Schema
from fogline.store.store import Store
from fogline.world.clock import Clock

SCHEMA = Schema(
    "lineage",
    (
        (
            """CREATE TABLE lineage (
                started_at INTEGER NOT NULL, id TEXT NOT NULL, trace_id TEXT NOT NULL,
                parent_id TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, account TEXT NOT NULL,
                region TEXT NOT NULL, milliseconds INTEGER NOT NULL, outcome TEXT NOT NULL,
                PRIMARY KEY (started_at, id))""",
            "CREATE INDEX lineage_by_trace ON lineage (trace_id)",
        ),
    ),
)

_GATHER_MILLISECONDS = 500
_ROOTS_PER_BATCH_MAX = 1_000
_PENDING_MAX = 20_000
_ROWS_MAX = 200_000


@dataclass(frozen=True, slots=True)
class Event:
    """One piece of work: a `request`, `delivery`, `invocation` or `transition`."""

    started_at: int
    id: str
    trace_id: str
    parent_id: str
    kind: str
    name: str
    account: str
    region: str
    milliseconds: int
    outcome: str


class Lineage:
    """Records and reads lineage. It is a Loop: its steps write what was gathered."""

    name = "lineage.writing"
    topics: tuple[str, ...] = ("lineage",)

    def __init__(self, store: Store, clock: Clock, topics: Topics) -> None:
        self._store = store
        self._clock = clock
        self._topics = topics
        # Operations may add from threads while a batch is being taken.
        self._roots: deque[tuple[Any, ...]] = deque()
        self._caused: deque[tuple[Any, ...]] = deque()
        self._due_at: int | None = None
        self._rows: int | None = None

    def request(self, call: Call, result: Mapping[str, Any] | AwsError) -> None:
        """Record a call that was answered."""
        trace = call.trace
        row = (
            call.asked_at,
            trace.id,
            trace.trace_id,
            trace.parent_id,
            "request",
            f"{call.service}:{call.operation}",
            call.account,
            call.region,
            call.now - call.asked_at,
            result.code if isinstance(result, AwsError) else "",
        )
        if trace.parent_id:
            self._caused.append(row)
        elif len(self._roots) < _ROOTS_PER_BATCH_MAX:
            self._roots.append(row)
        if self._due_at is None:
            self._wake(call.now)

    def work(
        self,
        trace: Trace,
        kind: str,
        name: str,
        account: str,
        region: str,
        started_at: int,
        ended_at: int,
        outcome: str = "",
    ) -> None:
        """Record a delivery, an invocation or a transition. `outcome` is "" or the name of its error."""
        if len(self._caused) < _PENDING_MAX:
            self._caused.append(
                (
                    started_at, trace.id, trace.trace_id, trace.parent_id, kind, name, account,
                    region, ended_at - started_at, outcome,
                )
            )  # fmt: skip
        if self._due_at is None:
            self._wake(ended_at)

    def _wake(self, now: int) -> None:
        self._due_at = now + _GATHER_MILLISECONDS
        self._topics.stir(("lineage",))

    def step(self, now: int) -> int | None:
        """Write what was gathered, once it is due."""
        if self._due_at is not None and self._due_at > now:
            return self._due_at
        self.flush()
        return None

    def flush(self) -> None:
        """Write what was gathered, now."""
        self._due_at = None
        if not self._roots and not self._caused:
            return
        rows = [self._roots.popleft() for _ in range(len(self._roots))]
        rows += [self._caused.popleft() for _ in range(len(self._caused))]
        rows = [_storable(row) for row in rows]
        with self._store.write() as tx:
            tx.many(
                "INSERT INTO lineage (started_at, id, trace_id, parent_id, kind, name, account, region,"
                " milliseconds, outcome) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                rows,
            )
            if self._rows is None:
                counted = tx.row("SELECT count(*) FROM lineage")
                self._rows = counted[0] if counted else 0
            self._rows += len(rows)
            if self._rows > _ROWS_MAX * 11 // 10:
                oldest = tx.row(
                    "SELECT started_at FROM lineage ORDER BY started_at DESC LIMIT 1 OFFSET ?",
                    _ROWS_MAX,
                )
                if oldest is not None:
                    tx.run("DELETE FROM lineage WHERE started_at <= ?", oldest[0])
                self._rows = None

    def of_trace(self, trace_id: str) -> list[Event]:
        """All that is recorded of one chain, oldest first."""
        self.flush()
        with self._store.read() as tx:
            return [
                Event(*row)
                for row in tx.rows(
                    "SELECT started_at, id, trace_id, parent_id, kind, name, account, region,"
                    " milliseconds, outcome FROM lineage WHERE trace_id = ? ORDER BY started_at, id",
                    trace_id,
                )
            ]


def _storable(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """The row without what PostgreSQL keeps in no text: one path of a client must not cost all others theirs."""
    if "\0" not in f"{row[1]}{row[2]}{row[3]}{row[5]}{row[9]}":
        return row
    return tuple(each.replace("\0", "\ufffd") if isinstance(each, str) else each for each in row)
