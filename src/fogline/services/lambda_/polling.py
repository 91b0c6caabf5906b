"""Consumers: how the messages of a queue become invocations. Pushed: an idle mapping is never looked at.

A batch is taken when it is full, or when its window has passed since messages were first seen.
Until then nothing is held: messages stay visible in their queue.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from fogline.aws.arn import Arn
from fogline.aws.batch_failures import failed_items
from fogline.aws.errors import AwsError
from fogline.aws.patterns import record_matches
from fogline.background.event_sources import Picked
from fogline.ports.functions import Invocation, Outcome
from fogline.ports.sources import QueueSource, Record
from fogline.services.lambda_ import invoking
from fogline.services.lambda_.errors import TooManyRequestsException
from fogline.services.lambda_.lookup import Runnable
from fogline.services.lambda_.mapped_function import MappedFunction, trace_of
from fogline.services.lambda_.mappings import compiled
from fogline.services.lambda_.service import Lambda
from fogline.store.store import Tx

log = logging.getLogger("fogline.lambda")

_TAKEN_AT_A_TIME = 10
_ROUNDS_MAX = 20
_BACKOFF_DOUBLINGS_MAX = 6


@dataclass(frozen=True, slots=True)
class Batch:
    """What one invocation is given."""

    runnable: Runnable
    records: list[Record]


class QueueConsumer:
    """One mapping at work (answers `background/event_sources.py`)."""

    def __init__(
        self,
        lambda_: Lambda,
        place: tuple[str, str, str],
        mapping: Mapping[str, Any],
        arn: Arn,
        source: QueueSource,
        topic: str,
    ) -> None:
        self.name = f"lambda.mapping {mapping['UUID']}"
        self.topic = topic
        self.revision = mapping["revision"]
        self._place = place
        self._lambda = lambda_
        self._arn, self._source = arn, source
        self._is_fifo = arn.resource.endswith(".fifo")
        self._function = MappedFunction(lambda_, mapping, topic)
        self._batch_size: int = mapping["BatchSize"]
        self._window_ms: int = mapping["MaximumBatchingWindowInSeconds"] * 1000
        self._filters = compiled(mapping.get("FilterCriteria"))
        self._reports_failures = bool(mapping["FunctionResponseTypes"])
        scaling = mapping.get("ScalingConfig", {}).get("MaximumConcurrency")
        self.concurrency_max = scaling or lambda_.limits.mapping_concurrency
        self._window_began: int | None = None
        self._throttles = 0

    @property
    def is_stalled(self) -> bool:
        """True when it stopped looking until something but the queue changes."""
        return self._function.is_stalled

    # ---- taking

    def pick(self, now: int) -> Picked:
        with self._lambda.store.write() as tx:
            mapping = self._lambda.tables.mappings.find(tx, *self._place)
            if mapping is None or mapping["revision"] != self.revision:
                return Picked()  # it was changed, and its successor is about to start
            runnable = self._function.find_free(tx)
            if runnable is None:
                return Picked()
            if self._window_ms and not self._is_due(tx, now):
                return Picked(look_at=self._look_at(tx, now))
            records = self._take(tx, now)
            if not records:
                return Picked(look_at=self._look_at(tx, now))
        self._window_began = None
        return Picked(Batch(runnable, records))

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
        """Messages for one batch. Those that no filter lets through are removed on the way."""
        batch: list[Record] = []
        size = 0
        for _ in range(max(_ROUNDS_MAX, self._batch_size)):
            wanted = min(self._batch_size - len(batch), _TAKEN_AT_A_TIME)
            taken = self._source.take(tx, self._arn, now, wanted) if wanted else []
            if not taken:
                break
            refused = [
                each.handle for each in taken if not record_matches(self._filters, each.event)
            ]
            if refused:
                self._source.remove(tx, self._arn, refused, now)
                left_out = set(refused)
                taken = [each for each in taken if each.handle not in left_out]
            for at, record in enumerate(taken):
                size += len(record.event["body"])
                if size > self._lambda.limits.batch_bytes_max and batch:
                    rest = [each.handle for each in taken[at:]]
                    self._source.release(tx, self._arn, rest, now)
                    return batch
                batch.append(record)
            if batch and self._is_fifo:
                break  # a batch has messages of one group, so that no other waits when it fails
        return batch

    # ---- running

    async def consume(self, batch: Batch) -> None:
        lambda_, runnable = self._lambda, batch.runnable
        payload = orjson.dumps({"Records": [record.event for record in batch.records]})
        invocation = Invocation(
            request_id=lambda_.ids.uuid(),
            payload=payload,
            trace=trace_of(lambda_, (record.trace for record in batch.records)),
            invoked_arn=runnable.invoked_arn,
        )
        try:
            outcome = await invoking.run(lambda_, runnable, invocation)
        except TooManyRequestsException:
            await self._release(batch)
            return
        except AwsError as failure:
            # As after an error of the function: the messages come back when they become visible.
            log.warning("%s could not run %s: %s", self.name, runnable.invoked_arn, failure.text)
            return
        self._throttles = 0
        done = self._done(batch, outcome)

        def end(tx: Tx) -> None:
            invoking.keep(lambda_, tx, runnable, outcome)
            if done:
                self._source.remove(tx, self._arn, done, lambda_.clock.now())

        await lambda_.store.transact(end)
        invoking.record(lambda_, runnable, invocation, outcome)

    def _done(self, batch: Batch, outcome: Outcome) -> list[str]:
        """The handles of the messages that were dealt with."""
        if outcome.function_error:
            return []
        handles = {record.event["messageId"]: record.handle for record in batch.records}
        if not self._reports_failures:
            return list(handles.values())
        failed = failed_items(outcome.payload, handles)
        if failed is None:
            return []
        return [handle for identifier, handle in handles.items() if identifier not in failed]

    async def _release(self, batch: Batch) -> None:
        """The function was throttled between taking and running: back they go, for longer each time."""
        limits = self._lambda.limits
        wait = limits.throttle_retry_ms_min << min(self._throttles, _BACKOFF_DOUBLINGS_MAX)
        self._throttles += 1
        visible_at = self._lambda.clock.now() + wait
        handles = [record.handle for record in batch.records]
        await self._lambda.store.transact(
            lambda tx: self._source.release(tx, self._arn, handles, visible_at)
        )
