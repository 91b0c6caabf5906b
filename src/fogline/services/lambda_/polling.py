"""Consumers: how the messages of a queue become invocations. Pushed: an idle mapping is never looked at."""

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
from fogline.ports.queue_batches import BatchLimits, QueueBatches
from fogline.ports.sources import QueueSource, Record
from fogline.services.lambda_ import invoking
from fogline.services.lambda_.errors import TooManyRequestsException
from fogline.services.lambda_.lookup import Runnable
from fogline.services.lambda_.mapped_function import MappedFunction, trace_of
from fogline.services.lambda_.mappings import compiled
from fogline.services.lambda_.service import Lambda
from fogline.store.store import Tx

log = logging.getLogger("fogline.lambda")


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
        self._function = MappedFunction(lambda_, mapping, topic)
        filters = compiled(mapping.get("FilterCriteria"))
        self._batches = QueueBatches(
            source,
            arn,
            BatchLimits(
                records_max=mapping["BatchSize"],
                bytes_max=lambda_.limits.batch_bytes_max,
                window_ms=mapping["MaximumBatchingWindowInSeconds"] * 1000,
                throttle_ms=lambda_.limits.throttle_retry_ms_min,
            ),
            lambda event: record_matches(filters, event),
        )
        self._reports_failures = bool(mapping["FunctionResponseTypes"])
        scaling = mapping.get("ScalingConfig", {}).get("MaximumConcurrency")
        self.concurrency_max = scaling or lambda_.limits.mapping_concurrency

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
            found = self._batches.pick(tx, now)
        return found if isinstance(found, Picked) else Picked(Batch(runnable, found))

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
        self._batches.unthrottled()
        done = self._done(batch, outcome)

        def end(tx: Tx) -> None:
            invoking.keep(lambda_, tx, runnable, outcome)
            self._batches.finish(tx, done, lambda_.clock.now())

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
        handles = [record.handle for record in batch.records]
        await self._lambda.store.transact(
            lambda tx: self._batches.put_back(tx, handles, self._lambda.clock.now())
        )
