"""Consumers: how the messages of a queue become executions of a pipe. Pushed: an idle pipe is never looked at.

A message that fails stays in its queue, and comes back when its visibility timeout has passed; how often is the queue's
own affair (its redrive policy).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fogline.aws.arn import Arn
from fogline.background.event_sources import Picked
from fogline.ports.sources import QueueSource, Record
from fogline.services.pipes import execution
from fogline.services.pipes.pipe import Pipe
from fogline.services.pipes.service import Pipes
from fogline.store.store import Tx

_TAKEN_AT_A_TIME = 10
_ROUNDS_MAX = 20
_BACKOFF_DOUBLINGS_MAX = 6


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
        self._arn, self._source = arn, source
        self._is_fifo = arn.resource.endswith(".fifo")
        self._batch_size: int = pipe.settings["BatchSize"]
        self._window_ms: int = pipe.settings["MaximumBatchingWindowInSeconds"] * 1000
        self._window_began: int | None = None
        self._throttles = 0

    # ---- taking

    def pick(self, now: int) -> Picked:
        with self._pipes.store.write() as tx:
            if not self._is_current(tx):
                return Picked()  # it was changed, and its successor is about to start
            if self._window_ms and not self._is_due(tx, now):
                return Picked(look_at=self._look_at(tx, now))
            records = self._take(tx, now)
            if not records:
                return Picked(look_at=self._look_at(tx, now))
        self._window_began = None
        return Picked(Batch(records))

    def _is_current(self, tx: Tx) -> bool:
        pipe = self._pipe
        document = self._pipes.tables.find(tx, pipe.account, pipe.region, pipe.name)
        return document is not None and document["revision"] == self.revision

    def _is_due(self, tx: Tx, now: int) -> bool:
        visible = self._source.visible_count(tx, self._arn, now, self._batch_size)
        if not visible:
            self._window_began = None
            return False
        if self._window_began is None:
            self._window_began = now
        return visible >= self._batch_size or now >= self._window_began + self._window_ms

    def _look_at(self, tx: Tx, now: int) -> int | None:
        visible_at = self._source.next_visible_at(tx, self._arn, now)
        if self._window_began is None:
            return visible_at
        window_ends = self._window_began + self._window_ms
        return min(window_ends, visible_at) if visible_at else window_ends

    def _take(self, tx: Tx, now: int) -> list[Record]:
        """Messages for one batch. Those that the pipe's filters do not let through are removed on the way."""
        batch: list[Record] = []
        size = 0
        for _ in range(max(_ROUNDS_MAX, self._batch_size)):
            wanted = min(self._batch_size - len(batch), _TAKEN_AT_A_TIME)
            taken = self._source.take(tx, self._arn, now, wanted) if wanted else []
            if not taken:
                break
            passing = [each for each in taken if self._pipe.lets_through(each.event)]
            if len(passing) < len(taken):
                kept = {each.handle for each in passing}
                refused = [each.handle for each in taken if each.handle not in kept]
                self._source.remove(tx, self._arn, refused, now)
            for at, record in enumerate(passing):
                size += len(record.event["body"])
                if size > self._pipes.limits.batch_bytes_max and batch:
                    rest = [each.handle for each in passing[at:]]
                    self._source.release(tx, self._arn, rest, now)
                    return batch
                batch.append(record)
            if batch and self._is_fifo:
                break  # a batch has messages of one group, so that no other waits when it fails
        return batch

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
            if done:
                self._source.remove(tx, self._arn, done, now)
            if running.is_throttled:
                # Not the message's fault: it comes back soon, and later each time.
                wait = pipes.limits.throttle_retry_ms_min << min(
                    self._throttles, _BACKOFF_DOUBLINGS_MAX
                )
                handles = [records[at].handle for at in sorted(failed)]
                self._source.release(tx, self._arn, handles, now + wait)

        await pipes.store.transact(end)
        self._throttles = self._throttles + 1 if running.is_throttled else 0
        execution.record(pipes, running)


def find_consumer(pipes: Pipes, tx: Tx, pipe: Pipe) -> QueueConsumer | None:
    """What reads a pipe's queue, None while there is no such queue."""
    found = pipes.sources.find_queue(pipe.source)
    facts = found[1].facts(tx, found[0]) if found else None
    if found is None or facts is None:
        return None
    return QueueConsumer(pipes, pipe, found[0], found[1], facts.topic)
