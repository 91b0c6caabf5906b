"""How the records of a stream become executions of a pipe: in order, repeated until they succeed or are given up.

What a failure does to the position is the engine's affair (`background/stream_consumer.py`).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from fogline.aws.arn import Arn
from fogline.aws.dates import iso_milliseconds
from fogline.background.given_up_records import BATCH_INFO, batch_info
from fogline.background.stream_consumer import StreamConsumer
from fogline.background.stream_work import Ending, GivenUp, StreamRecord, StreamSettings
from fogline.ports.sources import StreamSource
from fogline.ports.targets import Sending, TargetUnavailable
from fogline.services.pipes import execution
from fogline.services.pipes.calls import trace_of
from fogline.services.pipes.execution import Execution
from fogline.services.pipes.pipe import Pipe
from fogline.services.pipes.reading import reader_of
from fogline.services.pipes.service import Pipes
from fogline.store.store import Tx

log = logging.getLogger("fogline.pipes")

_BISECT = "AUTOMATIC_BISECT"


class StreamPipe:
    """One pipe at work (answers `StreamWork`)."""

    is_stalled = False

    def __init__(
        self,
        pipes: Pipes,
        document: Mapping[str, Any],
        pipe: Pipe,
        arn: Arn,
        source: StreamSource,
        topic: str,
    ) -> None:
        self.name = f"pipes.pipe {pipe.arn}"
        self.reader = reader_of(document)
        self.topic = topic
        self.revision = pipe.revision
        self._pipes = pipes
        self._pipe = pipe
        self._arn, self._source = arn, source
        settings = pipe.settings
        age = settings["MaximumRecordAgeInSeconds"]
        self.settings = StreamSettings(
            batch_size=settings["BatchSize"],
            batch_bytes_max=pipes.limits.batch_bytes_max,
            window_ms=settings["MaximumBatchingWindowInSeconds"] * 1000,
            retries_max=settings["MaximumRetryAttempts"],
            age_ms_max=age * 1000 if age >= 0 else -1,
            bisects=settings.get("OnPartialBatchItemFailure") == _BISECT,
            lanes=settings["ParallelizationFactor"],
        )

    # ---- reading

    def prepare(self, tx: Tx, now: int) -> Pipe | None:
        pipe = self._pipe
        document = self._pipes.tables.find(tx, pipe.account, pipe.region, pipe.name)
        if document is None or document["revision"] != self.revision:
            return None  # it was changed, and its successor is about to start
        return pipe

    def read(
        self, tx: Tx, shard: str, after: str, now: int, count_max: int
    ) -> Sequence[StreamRecord]:
        return self._source.read(tx, self._arn, shard, after, now, count_max)

    def end_of(self, tx: Tx, shard: str) -> str | None:
        return self._source.end_of(tx, self._arn, shard)

    def parents_of(self, tx: Tx, shard: str) -> Sequence[str]:
        return self._source.parents_of(tx, self._arn, shard)

    def wants(self, record: StreamRecord) -> bool:
        return self._pipe.lets_through(_event_of(record))

    # ---- running

    async def perform(self, prepared: Pipe, records: Sequence[StreamRecord]) -> Execution:
        events = [_event_of(record) for record in records]
        running = execution.begin(self._pipes, prepared, events, None, keeps_order=True)
        await execution.perform(self._pipes, running)
        return running

    def settle(
        self, tx: Tx, records: Sequence[StreamRecord], outcome: Execution, now: int
    ) -> Ending:
        failed = execution.settle(self._pipes, tx, outcome, now)
        execution.record(self._pipes, outcome)
        if not failed:
            return Ending()
        return Ending(min(failed), is_throttled=outcome.is_throttled)

    def give_up(self, tx: Tx, given_up: GivenUp, outcome: Execution | None, now: int) -> None:
        destination = (self._pipe.settings.get("DeadLetterConfig") or {}).get("Arn")
        if not destination:
            return
        body = {
            "context": {
                "partnerResourceArn": self._pipe.arn,
                "condition": given_up.condition,
            },
            "version": "1.0",
            "timestamp": iso_milliseconds(now),
            BATCH_INFO[self._arn.service]: batch_info(given_up, str(self._arn), iso_milliseconds),
        }
        trace = trace_of(self._pipes, outcome.trace if outcome is not None else None, now)
        try:
            self._pipes.targets.send(
                tx, Sending(destination, orjson.dumps(body).decode(), trace, now)
            )
        except TargetUnavailable as gone:
            log.warning("What %s gave up could not be sent: %s", self.name, gone)


def _event_of(record: StreamRecord) -> dict[str, Any]:
    """A record as pipes show it: one of Kinesis lies flat."""
    inside = record.event.get("kinesis")
    if not isinstance(inside, dict):
        return record.event
    outside = {name: value for name, value in record.event.items() if name != "kinesis"}
    return {**inside, **outside}


def find_consumers(
    pipes: Pipes, tx: Tx, document: Mapping[str, Any], pipe: Pipe
) -> list[StreamConsumer]:
    """What reads a pipe's stream: one consumer for each lane of each shard."""
    found = pipes.sources.find_stream(pipe.source)
    facts = found[1].facts(tx, found[0]) if found else None
    if found is None or facts is None:
        return []
    work = StreamPipe(pipes, document, pipe, found[0], found[1], facts.topic)
    return [
        StreamConsumer(pipes.streams, work, shard, lane)
        for shard in facts.shards
        for lane in range(work.settings.lanes)
    ]
