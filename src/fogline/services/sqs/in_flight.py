"""How many more messages of a queue may be in flight: counted when it could matter, not at every receive."""

from __future__ import annotations

from fogline.services.sqs.limits import Limits
from fogline.services.sqs.tables import Queue, Tables
from fogline.store.store import Tx

_QUEUES_MAX = 10_000
_SHARED_BETWEEN_NODES = 8


class InFlight:
    """What is left of each queue's limit, at least: what was left when it was counted, less what was given since."""

    def __init__(self, tables: Tables, limits: Limits, is_shared: bool) -> None:
        self._tables = tables
        self._limits = limits
        self._share = _SHARED_BETWEEN_NODES if is_shared else 1
        self._room: dict[int, int] = {}

    def room(self, tx: Tx, queue: Queue, now: int, wanted: int) -> int:
        """How many of `wanted` messages may be handed out."""
        known = self._room.get(queue.number, 0)
        if known < wanted:
            known = self._count(tx, queue, now)
        return min(known, wanted)

    def take(self, queue: Queue, count: int) -> None:
        """Note that messages were handed out."""
        self._room[queue.number] = self._room.get(queue.number, 0) - count

    def _count(self, tx: Tx, queue: Queue, now: int) -> int:
        limit = self._limits.fifo_in_flight_max if queue.is_fifo else self._limits.in_flight_max
        left = limit - self._tables.in_flight_count(tx, queue, now, limit)
        # Other nodes hand out messages of the same queue: no node reckons with all that is left.
        if len(self._room) >= _QUEUES_MAX:
            self._room.clear()
        self._room[queue.number] = max(left // self._share, min(left, 1))
        return left
