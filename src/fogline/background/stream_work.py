"""What a reader of a stream does: the words between the stream engine and those who use it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from fogline.store.store import Tx

OK = "OK"


@dataclass(frozen=True, slots=True)
class StreamRecord:
    """One record: its sequence number (decimal), when it arrived, its size, and the event that consumers get.

    Records of one `partition` keep their order, however many lanes a shard is read in.
    """

    sequence: str
    event: dict[str, Any]
    arrived_at: int
    size: int
    partition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSettings:
    """How a reader reads. -1 stands for no bound."""

    batch_size: int
    batch_bytes_max: int
    window_ms: int = 0
    retries_max: int = -1
    age_ms_max: int = -1
    bisects: bool = False
    lanes: int = 1


@dataclass(frozen=True, slots=True)
class Ending:
    """How a batch ended: `failed_from` is the first record that failed, None where none did.

    What was throttled never began: it is repeated without being counted.
    """

    failed_from: int | None = None
    is_throttled: bool = False
    result: str = OK


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Records that are passed over: why (`RetryAttemptsExhausted`, `RecordAgeExceeded`), after how many attempts."""

    condition: str
    shard: str
    records: Sequence[StreamRecord]
    attempts: int


class StreamWork(Protocol):
    """What one reader does with what it reads."""

    name: str
    reader: str
    """Under this its positions are kept."""
    topic: str
    revision: str
    settings: StreamSettings

    @property
    def is_stalled(self) -> bool:
        """True when `prepare` found nothing until something but the stream changes."""

    def prepare(self, tx: Tx, now: int) -> Any:
        """What `perform` needs, None when nothing can be done until `topic` stirs."""

    def read(
        self, tx: Tx, shard: str, after: str, now: int, count_max: int
    ) -> Sequence[StreamRecord]:
        """Records of a shard past a sequence number, "" for the oldest."""

    def end_of(self, tx: Tx, shard: str) -> str | None:
        """The sequence number past which a closed shard has nothing, None while it is open."""

    def parents_of(self, tx: Tx, shard: str) -> Sequence[str]:
        """The shards of this stream that have to be read to their ends first."""

    def wants(self, record: StreamRecord) -> bool:
        """True when the reader's filters let a record through."""

    async def perform(self, prepared: Any, records: Sequence[StreamRecord]) -> Any:
        """Do whatever waits for others."""

    def settle(self, tx: Tx, records: Sequence[StreamRecord], outcome: Any, now: int) -> Ending:
        """What follows from it, in the transaction that moves the position."""

    def give_up(self, tx: Tx, given_up: GivenUp, outcome: Any, now: int) -> None:
        """The on-failure end of records, in the transaction that passes over them.

        `outcome` is that of the last attempt, None where there was none.
        """
