"""Work nobody asked for: messages that outlive their retention are removed."""

from __future__ import annotations

from fogline.services.sqs.service import Sqs
from fogline.world.clock import HOUR


class Expiry:
    """Removes expired messages. They are hidden from every reader the moment they expire; this frees their rows."""

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
        return now + HOUR
