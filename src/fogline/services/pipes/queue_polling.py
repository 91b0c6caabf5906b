"""Consumers: how the messages of a queue become executions of a pipe. Pushed: an idle pipe is never looked at.

A message that fails stays in its queue, and comes back when its visibility timeout has passed; how often is the queue's
own affair (its redrive policy).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fogline.aws.arn import Arn
from fogline.background.event_sources import Picked
from fogline.ports.queue_batches import BatchLimits, QueueBatches
from fogline.ports.sources import QueueSource, Record
from fogline.services.pipes import execution
from fogline.services.pipes.pipe import Pipe
from fogline.services.pipes.service import Pipes
from fogline.store.store import Tx


@dataclass(frozen=True, slots=True)
class Batch:
    """What one execution is given."""

    records: list[Record]


class QueueConsumer:
    """One pipe at work (answers `background/event_sources.py`)."""

    def __init__(self, pipes: Pipes, pipe: Pipe, arn: Arn, source: QueueSource, topic: str) -> None:
        self.name = f"pipes.pipe {pipe.arn}"
        self.topic = topic
        self.revision = pipe.revision
        self.concurrency_max = pipes.limits.concurrency
        self._pipes = pipes
        self._pipe = pipe
        self._is_fifo = arn.resource.endswith(".fifo")
        self._batches = QueueBatches(
            source,
            arn,
            BatchLimits(
                records_max=pipe.settings["BatchSize"],
                bytes_max=pipes.limits.batch_bytes_max,
                window_ms=pipe.settings["MaximumBatchingWindowInSeconds"] * 1000,
                throttle_ms=pipes.limits.throttle_retry_ms_min,
            ),
            pipe.lets_through,
        )

    # ---- taking

    def pick(self, now: int) -> Picked:
        with self._pipes.store.write() as tx:
            if not self._is_current(tx):
                return Picked()  # it was changed, and its successor is about to start
            found = self._batches.pick(tx, now)
        return found if isinstance(found, Picked) else Picked(Batch(found))

    def _is_current(self, tx: Tx) -> bool:
        pipe = self._pipe
        document = self._pipes.tables.find(tx, pipe.account, pipe.region, pipe.name)
        return document is not None and document["revision"] == self.revision

    # ---- running

    async def consume(self, batch: Batch) -> None:
        pipes, records = self._pipes, batch.records
        events: list[dict[str, Any]] = [record.event for record in records]
        cause = next((record.trace for record in records if record.trace is not None), None)
        running = execution.begin(pipes, self._pipe, events, cause, keeps_order=self._is_fifo)
        await execution.perform(pipes, running)

        def end(tx: Tx) -> None:
            now = pipes.clock.now()
            failed = execution.settle(pipes, tx, running, now)
            done = [record.handle for at, record in enumerate(records) if at not in failed]
            self._batches.finish(tx, done, now)
            if running.is_throttled:
                self._batches.put_back(tx, [records[at].handle for at in sorted(failed)], now)

        await pipes.store.transact(end)
        if not running.is_throttled:
            self._batches.unthrottled()
        execution.record(pipes, running)


def find_consumer(pipes: Pipes, tx: Tx, pipe: Pipe) -> QueueConsumer | None:
    """What reads a pipe's queue, None while there is no such queue."""
    found = pipes.sources.find_queue(pipe.source)
    facts = found[1].facts(tx, found[0]) if found else None
    if found is None or facts is None:
        return None
    return QueueConsumer(pipes, pipe, found[0], found[1], facts.topic)
