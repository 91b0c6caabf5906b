"""Queue batches: how mappings and pipes take messages from a queue, a full batch or what a window brought.

A batch is taken when it is full, or when its window has passed since messages were first seen. Until then nothing is
held: messages stay visible in their queue.
Rules: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fogline.aws.arn import Arn
from fogline.background.event_sources import Picked
from fogline.ports.sources import QueueSource, Record
from fogline.store.store import Tx

_TAKEN_AT_A_TIME = 10
_ROUNDS_MAX = 20
_BACKOFF_DOUBLINGS_MAX = 6


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """What a batch may hold, and when it is taken."""

    records_max: int
    bytes_max: int
    window_ms: int
    throttle_ms: int
    """How long messages wait after the first throttle; twice as long after each further one."""


class QueueBatches:
    """The batches of one reader of one queue. What `lets_through` refuses is removed on the way."""

    def __init__(
        self,
        source: QueueSource,
        arn: Arn,
        limits: BatchLimits,
        lets_through: Callable[[Mapping[str, Any]], bool],
    ) -> None:
        self._source, self._arn = source, arn
        self._limits = limits
        self._lets_through = lets_through
        self._is_fifo = arn.resource.endswith(".fifo")
        self._window_began: int | None = None
        self._throttles = 0

    def pick(self, tx: Tx, now: int) -> list[Record] | Picked:
        """The records of the next batch, or when to look again."""
        if self._limits.window_ms and not self._is_due(tx, now):
            return Picked(look_at=self._look_at(tx, now))
        records = self._take(tx, now)
        if not records:
            return Picked(look_at=self._look_at(tx, now))
        self._window_began = None
        return records

    def _is_due(self, tx: Tx, now: int) -> bool:
        records_max = self._limits.records_max
        visible = self._source.visible_count(tx, self._arn, now, records_max)
        if not visible:
            self._window_began = None
            return False
        if self._window_began is None:
            self._window_began = now
        return visible >= records_max or now >= self._window_began + self._limits.window_ms

    def _look_at(self, tx: Tx, now: int) -> int | None:
        visible_at = self._source.next_visible_at(tx, self._arn, now)
        if self._window_began is None:
            return visible_at
        window_ends = self._window_began + self._limits.window_ms
        return min(window_ends, visible_at) if visible_at else window_ends

    def _take(self, tx: Tx, now: int) -> list[Record]:
        limits, source, arn = self._limits, self._source, self._arn
        batch: list[Record] = []
        size = 0
        for _ in range(max(_ROUNDS_MAX, limits.records_max)):
            wanted = min(limits.records_max - len(batch), _TAKEN_AT_A_TIME)
            taken = source.take(tx, arn, now, wanted) if wanted else []
            if not taken:
                break
            passing = [each for each in taken if self._lets_through(each.event)]
            if len(passing) < len(taken):
                kept = {each.handle for each in passing}
                refused = [each.handle for each in taken if each.handle not in kept]
                source.remove(tx, arn, refused, now)
            for at, record in enumerate(passing):
                size += len(record.event["body"])
                if size > limits.bytes_max and batch:
                    source.release(tx, arn, [each.handle for each in passing[at:]], now)
                    return batch
                batch.append(record)
            if batch and self._is_fifo:
                break  # a batch has messages of one group, so that no other waits when it fails
        return batch

    def finish(self, tx: Tx, handles: Sequence[str], now: int) -> None:
        """Remove messages that were dealt with."""
        if handles:
            self._source.remove(tx, self._arn, handles, now)

    def put_back(self, tx: Tx, handles: Sequence[str], now: int) -> None:
        """Who should have had them was throttled, not their fault: they come back soon, and later each time."""
        wait = self._limits.throttle_ms << min(self._throttles, _BACKOFF_DOUBLINGS_MAX)
        self._throttles += 1
        self._source.release(tx, self._arn, handles, now + wait)

    def unthrottled(self) -> None:
        """A batch got through: the next throttle is a first one."""
        self._throttles = 0
