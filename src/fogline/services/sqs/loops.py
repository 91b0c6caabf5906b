"""Work nobody asked for: messages that outlive their retention are removed, and what is remembered long enough."""

from __future__ import annotations

from fogline.services.sqs.service import Sqs
from fogline.world.clock import HOUR


class Expiry:
    """Removes expired messages, and deduplication ids whose time is over.

    They count for nobody from the moment they expire; this frees their rows.
    """

    name = "sqs.expiry"
    topics: tuple[str, ...] = ()

    def __init__(self, sqs: Sqs) -> None:
        self._sqs = sqs

    def step(self, now: int) -> int | None:
        with self._sqs.store.read() as tx:
            queues = self._sqs.tables.every_queue(tx)
        for queue in queues:
            with self._sqs.store.write() as tx:
                self._sqs.tables.remove_expired(tx, queue, now)
        with self._sqs.store.write() as tx:
            has_more = self._sqs.tables.deduplication.forget_expired(tx, now)
        return now if has_more else now + HOUR
