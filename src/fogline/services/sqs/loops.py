"""Work nobody asked for: messages that outlive their retention are removed, and others are moved."""

from __future__ import annotations

from fogline.services.sqs.move_tasks import RUNNING, TOPIC
from fogline.services.sqs.moving import advance
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
            queues = self._sqs.tables.queues_with_expired(tx, now)
        for queue in queues:
            with self._sqs.store.write() as tx:
                self._sqs.tables.remove_expired(tx, queue, now)
        with self._sqs.store.write() as tx:
            has_more = self._sqs.tables.deduplication.forget_expired(tx, now)
        return now if has_more else now + HOUR


class Moving:
    """Moves the messages of move tasks, each at its rate."""

    name = "sqs.moving"
    topics: tuple[str, ...] = (TOPIC,)

    def __init__(self, sqs: Sqs) -> None:
        self._sqs = sqs

    def step(self, now: int) -> int | None:
        tasks = self._sqs.tables.move_tasks
        with self._sqs.store.read() as tx:
            running = tasks.running(tx)
        due: list[int] = []
        for row in running:
            with self._sqs.store.write() as tx:
                # Another node may have moved some, or a client cancelled it, since it was read.
                tx.lock(f"sqs-moves:{row.document['source']}")
                document = tasks.find(tx, row)
                if document is None or document["status"] != RUNNING:
                    continue
                next_at = advance(self._sqs, tx, row._replace(document=document), now)
            if next_at is not None:
                due.append(next_at)
        return min(due, default=None)
