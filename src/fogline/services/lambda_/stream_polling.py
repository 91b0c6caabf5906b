"""How the records of a stream become invocations: in order, repeated until they succeed or are given up.

What a failure does to the position is the engine's affair (`background/stream_consumer.py`).
"""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from fogline.aws.arn import Arn
from fogline.aws.batch_failures import failed_items
from fogline.aws.dates import iso_milliseconds, iso_seconds
from fogline.aws.errors import AwsError
from fogline.aws.patterns import record_matches
from fogline.background.given_up_records import BATCH_INFO, batch_info
from fogline.background.stream_consumer import StreamConsumer
from fogline.background.stream_work import Ending, GivenUp, StreamRecord, StreamSettings
from fogline.ports.functions import Invocation, Outcome
from fogline.ports.sources import StreamFacts, StreamSource
from fogline.ports.targets import Sending, TargetUnavailable
from fogline.services.lambda_ import invoking, metrics
from fogline.services.lambda_.errors import TooManyRequestsException
from fogline.services.lambda_.lookup import Runnable
from fogline.services.lambda_.mapped_function import MappedFunction, trace_of
from fogline.services.lambda_.mappings import compiled
from fogline.services.lambda_.service import Lambda
from fogline.store.store import Tx

log = logging.getLogger("fogline.lambda")

_PROBLEM = "PROBLEM: Function call failed"
_DATA = {"kinesis": "data"}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One invocation with a batch; without an outcome, it was throttled or could not be run."""

    runnable: Runnable
    invocation: Invocation
    outcome: Outcome | None = None


class StreamMapping:
    """One mapping at work (answers `StreamWork`)."""

    def __init__(
        self,
        lambda_: Lambda,
        place: tuple[str, str, str],
        mapping: Mapping[str, Any],
        arn: Arn,
        source: StreamSource,
        topic: str,
    ) -> None:
        self.name = f"lambda.mapping {mapping['UUID']}"
        self.reader = reader_of(mapping)
        self.topic = topic
        self.revision: str = mapping["revision"]
        self._lambda = lambda_
        self._place = place
        self._mapping = mapping
        self._arn, self._source = arn, source
        self._function = MappedFunction(lambda_, mapping, topic)
        self._filters = compiled(mapping.get("FilterCriteria"))
        self._reports_failures = bool(mapping["FunctionResponseTypes"])
        age = mapping["MaximumRecordAgeInSeconds"]
        self.settings = StreamSettings(
            batch_size=mapping["BatchSize"],
            batch_bytes_max=lambda_.limits.batch_bytes_max,
            window_ms=mapping["MaximumBatchingWindowInSeconds"] * 1000,
            retries_max=mapping["MaximumRetryAttempts"],
            age_ms_max=age * 1000 if age >= 0 else -1,
            bisects=mapping["BisectBatchOnFunctionError"],
            lanes=mapping["ParallelizationFactor"],
        )

    @property
    def is_stalled(self) -> bool:
        return self._function.is_stalled

    # ---- reading

    def prepare(self, tx: Tx, now: int) -> Runnable | None:
        mapping = self._lambda.tables.mappings.find(tx, *self._place)
        if mapping is None or mapping["revision"] != self.revision:
            return None  # it was changed, and its successor is about to start
        return self._function.find_free(tx)

    def read(
        self, tx: Tx, shard: str, after: str, now: int, count_max: int
    ) -> Sequence[StreamRecord]:
        return self._source.read(tx, self._arn, shard, after, now, count_max)

    def end_of(self, tx: Tx, shard: str) -> str | None:
        return self._source.end_of(tx, self._arn, shard)

    def parents_of(self, tx: Tx, shard: str) -> Sequence[str]:
        return self._source.parents_of(tx, self._arn, shard)

    def wants(self, record: StreamRecord) -> bool:
        if not self._filters:
            return True
        data = _DATA.get(self._arn.service, "")
        event = _with_data(record.event) if data else record.event
        return record_matches(self._filters, event, data)

    # ---- running

    async def perform(self, prepared: Runnable, records: Sequence[StreamRecord]) -> Attempt:
        lambda_ = self._lambda
        invocation = Invocation(
            request_id=lambda_.ids.uuid(),
            payload=orjson.dumps({"Records": [record.event for record in records]}),
            trace=trace_of(lambda_, ()),
            invoked_arn=prepared.invoked_arn,
        )
        now = lambda_.clock.now()
        sources = metrics.sources_of(prepared.reference, prepared.version)
        lambda_.metrics.add(
            sources.everything, metrics.iterator_age(now - records[-1].arrived_at), now
        )
        try:
            outcome = await invoking.run(lambda_, prepared, invocation)
        except TooManyRequestsException:
            return Attempt(prepared, invocation)
        except AwsError as failure:
            log.warning("%s could not run %s: %s", self.name, prepared.invoked_arn, failure.text)
            return Attempt(prepared, invocation)
        invoking.record(lambda_, prepared, invocation, outcome)
        return Attempt(prepared, invocation, outcome)

    def settle(self, tx: Tx, records: Sequence[StreamRecord], outcome: Attempt, now: int) -> Ending:
        ended = outcome.outcome
        if ended is None:
            return Ending(0, is_throttled=True, result=_PROBLEM)
        invoking.keep(self._lambda, tx, outcome.runnable, ended)
        if ended.function_error:
            return Ending(0, result=_PROBLEM)
        if not self._reports_failures:
            return Ending()
        places = {record.sequence: at for at, record in enumerate(records)}
        failed = failed_items(ended.payload, places)
        if failed is None:
            return Ending(0, result=_PROBLEM)
        if not failed:
            return Ending()
        return Ending(min(places[identifier] for identifier in failed), result=_PROBLEM)

    def give_up(self, tx: Tx, given_up: GivenUp, outcome: Attempt | None, now: int) -> None:
        destination = self._mapping["DestinationConfig"]["OnFailure"].get("Destination")
        if not destination:
            return
        ids = self._lambda.ids
        body: dict[str, Any] = {
            "requestContext": {
                "requestId": outcome.invocation.request_id if outcome else ids.uuid(),
                "functionArn": self._mapping["FunctionArn"],
                "condition": given_up.condition,
                "approximateInvokeCount": given_up.attempts,
            },
            "responseContext": _response_context(outcome),
            "version": "1.0",
            "timestamp": iso_milliseconds(now),
            BATCH_INFO[self._arn.service]: batch_info(given_up, str(self._arn), iso_seconds),
        }
        if body["responseContext"] is None:
            del body["responseContext"]
        trace = outcome.invocation.trace if outcome else trace_of(self._lambda, ())
        try:
            self._lambda.targets.send(
                tx, Sending(destination, orjson.dumps(body).decode(), trace, now)
            )
        except TargetUnavailable as gone:
            log.warning("What %s gave up could not be sent: %s", self.name, gone)


def _response_context(attempt: Attempt | None) -> dict[str, Any] | None:
    if attempt is None or attempt.outcome is None:
        return None
    return {
        "statusCode": 200,
        "executedVersion": attempt.runnable.version,
        "functionError": attempt.outcome.function_error or None,
    }


def _with_data(event: Mapping[str, Any]) -> dict[str, Any]:
    """A record of Kinesis as filters see it: its data decoded, beside what else is said of it."""
    inside = event["kinesis"]
    try:
        data: Any = base64.b64decode(inside["data"], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        data = inside["data"]
    return {**event, **inside, "data": data}


def reader_of(mapping: Mapping[str, Any]) -> str:
    """The name under which the positions of a mapping are kept."""
    return f"lambda:{mapping['UUID']}"


def find_stream(
    lambda_: Lambda, tx: Tx, mapping: Mapping[str, Any]
) -> tuple[Arn, StreamSource, StreamFacts] | None:
    """The stream of a mapping, if there is one."""
    found = lambda_.sources.find_stream(mapping["EventSourceArn"])
    facts = found[1].facts(tx, found[0]) if found else None
    return (*found, facts) if found is not None and facts is not None else None


def begin_reading(lambda_: Lambda, tx: Tx, mapping: Mapping[str, Any], now: int) -> None:
    """Note where a new mapping begins to read."""
    found = find_stream(lambda_, tx, mapping)
    assert found is not None, "the stream was found when the mapping was checked"
    arn, source, facts = found
    position, at = mapping["StartingPosition"], mapping.get("StartingPositionTimestamp")
    lanes = mapping["ParallelizationFactor"]
    for shard in facts.shards:
        after = source.start_of(tx, arn, shard, position, at, now)
        lambda_.streams.positions.begin(tx, reader_of(mapping), shard, lanes, after)


def find_consumers(
    lambda_: Lambda, tx: Tx, place: tuple[str, str, str], mapping: Mapping[str, Any]
) -> list[StreamConsumer]:
    """One consumer for each lane of each shard."""
    found = find_stream(lambda_, tx, mapping)
    if found is None:
        return []
    arn, source, facts = found
    work = StreamMapping(lambda_, place, mapping, arn, source, facts.topic)
    return [
        StreamConsumer(lambda_.streams, work, shard, lane)
        for shard in facts.shards
        for lane in range(work.settings.lanes)
    ]
