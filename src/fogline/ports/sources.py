"""Anything that can be read in batches: queues and streams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from fogline.aws.arn import Arn, find_arn
from fogline.aws.call import Trace
from fogline.background.stream_work import StreamRecord
from fogline.store.store import Tx


@dataclass(frozen=True, slots=True)
class Record:
    """One message, as a function sees it, and the handle by which its source knows it."""

    handle: str
    event: dict[str, Any]
    """The record in the form of Lambda's event (`messageId`, `receiptHandle`, `body`, ...)."""
    trace: Trace | None = None
    """The chain it belongs to, when it was sent with one."""


@dataclass(frozen=True, slots=True)
class QueueFacts:
    """What validation wants to know of a queue."""

    arn: str
    visibility_timeout_seconds: int
    is_fifo: bool
    topic: str
    """Stirs when the queue may have something new."""


@dataclass(frozen=True, slots=True)
class Peeked:
    """One message as somebody sees it who only looks on."""

    id: str
    number: int
    """Its place: messages are looked at in the order of their numbers."""
    sequence_number: str
    """What clients of a FIFO queue know that place by, "" on others."""
    group: str
    deduplication_id: str
    sent_at: int
    state: str
    """`visible`, `in flight`, `delayed`, or `behind` another message of its group that is hidden."""
    visible_at: int
    receive_count: int
    sender: str
    source: str
    """The ARN of the queue that it was moved from as a dead letter, if it was."""
    attributes: Mapping[str, Any]
    body: str


class QueueSource(Protocol):
    """A service whose queues can be read in batches."""

    def facts(self, tx: Tx, arn: Arn) -> QueueFacts | None:
        """The queue of that ARN, or None."""

    def take(self, tx: Tx, arn: Arn, now: int, count_max: int) -> list[Record]:
        """Up to `count_max` visible messages, hidden from others for the queue's visibility timeout.

        Those of a FIFO queue are of one message group, in order, and no more of it are given while they are hidden.
        """

    def visible_count(self, tx: Tx, arn: Arn, now: int, count_max: int) -> int:
        """How many messages could be taken now, counting to `count_max` at most."""

    def next_visible_at(self, tx: Tx, arn: Arn, now: int) -> int | None:
        """When the next message that is hidden at `now` becomes visible, if any is."""

    def remove(self, tx: Tx, arn: Arn, handles: Sequence[str], now: int = 0) -> None:
        """Remove messages that were dealt with.

        A message group that is freed at `now` stands behind those that were ready before; without, before them.
        """

    def peek(self, tx: Tx, arn: Arn, now: int, after: int, count_max: int) -> list[Peeked] | None:
        """The first messages past the number `after`, changed in nothing by being seen; None if there is no queue."""

    def release(self, tx: Tx, arn: Arn, handles: Sequence[str], visible_at: int) -> None:
        """Make messages visible again at `visible_at`."""


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """What validation and readers want to know of a stream."""

    arn: str
    topic: str
    """Stirs when the stream may have something new."""
    shards: Sequence[str]
    """All that can still be read, closed ones too."""


class StreamSource(Protocol):
    """A service whose streams can be read shard by shard. Sequence numbers are decimal texts, "" before the first."""

    def facts(self, tx: Tx, arn: Arn) -> StreamFacts | None:
        """The stream of that ARN, or None."""

    def start_of(
        self, tx: Tx, arn: Arn, shard: str, position: str, at: int | None, now: int
    ) -> str:
        """The sequence number after which reading begins: `TRIM_HORIZON`, `LATEST`, `AT_TIMESTAMP` with `at`."""

    def read(
        self, tx: Tx, arn: Arn, shard: str, after: str, now: int, count_max: int
    ) -> Sequence[StreamRecord]:
        """Up to `count_max` records past `after`, in order, as Lambda's event shows them (with `eventSourceARN`)."""

    def end_of(self, tx: Tx, arn: Arn, shard: str) -> str | None:
        """The sequence number past which a closed shard has nothing, None while it is open."""

    def parents_of(self, tx: Tx, arn: Arn, shard: str) -> Sequence[str]:
        """The shards of the stream that have to be read to their ends before this one."""


class Sources:
    """The registry: which service reads which ARNs."""

    def __init__(self) -> None:
        self._queues: dict[str, QueueSource] = {}
        self._streams: dict[str, StreamSource] = {}

    def register_queues(self, service: str, source: QueueSource) -> None:
        self._queues[service] = source

    def find_queue(self, arn_text: str) -> tuple[Arn, QueueSource] | None:
        """The ARN taken apart and the service that reads it, or None if none reads such queues."""
        arn = find_arn(arn_text)
        source = self._queues.get(arn.service) if arn else None
        return (arn, source) if arn and source else None

    def register_streams(self, service: str, source: StreamSource) -> None:
        self._streams[service] = source

    def find_stream(self, arn_text: str) -> tuple[Arn, StreamSource] | None:
        """The ARN taken apart and the service that reads it, or None if none reads such streams."""
        arn = find_arn(arn_text)
        source = self._streams.get(arn.service) if arn else None
        return (arn, source) if arn and source else None
