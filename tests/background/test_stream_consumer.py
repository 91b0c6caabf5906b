"""The stream engine: order, repetition, cutting, giving up, and what is left when a reader is replaced."""

from __future__ import annotations

import asyncio
import random
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

import pytest

from fogline.background import stream_positions
from fogline.background.stream_consumer import StreamConsumer, StreamParts
from fogline.background.stream_work import Ending, GivenUp, StreamRecord, StreamSettings
from fogline.store.schema import migrate
from fogline.store.sqlite import SqliteStore
from fogline.store.store import Tx
from fogline.world.clock import ManualClock


class Work:
    """A reader of a list of records. `says` tells from which record on a batch fails, None for none."""

    name = reader = "reader"
    topic = "stream"
    revision = "1"
    is_stalled = False

    def __init__(self, **settings: Any) -> None:
        self.settings = StreamSettings(
            **{"batch_size": 10, "batch_bytes_max": 1_000_000, **settings}
        )
        self.records: list[StreamRecord] = []
        self.parents: Sequence[str] = ()
        self.closed_at: str | None = None
        self.batches: list[list[str]] = []
        self.done: list[str] = []
        self.given_up: list[GivenUp] = []
        self.failing: set[str] = set()
        self.reports = False
        self.is_throttled = False

    def add(self, *partitions: str, arrived_at: int = 0, size: int = 1) -> None:
        for partition in partitions:
            sequence = str(len(self.records) + 1)
            self.records.append(
                StreamRecord(sequence, {"n": sequence}, arrived_at, size, partition)
            )

    def prepare(self, tx: Tx, now: int) -> Any:
        return self

    def read(
        self, tx: Tx, shard: str, after: str, now: int, count_max: int
    ) -> Sequence[StreamRecord]:
        first = bisect_right(self.records, int(after or 0), key=lambda each: int(each.sequence))
        return self.records[first : first + count_max]

    def end_of(self, tx: Tx, shard: str) -> str | None:
        return self.closed_at

    def parents_of(self, tx: Tx, shard: str) -> Sequence[str]:
        return self.parents if shard == "child" else ()

    def wants(self, record: StreamRecord) -> bool:
        return record.partition != "noise"

    async def perform(self, prepared: Any, records: Sequence[StreamRecord]) -> int | None:
        sequences = [record.sequence for record in records]
        self.batches.append(sequences)
        if self.is_throttled:
            return 0
        failed = [at for at, sequence in enumerate(sequences) if sequence in self.failing]
        if not failed:
            self.done += sequences
            return None
        if self.reports:
            self.done += sequences[: failed[0]]
            return failed[0]
        return 0

    def settle(self, tx: Tx, records: Sequence[StreamRecord], outcome: Any, now: int) -> Ending:
        return Ending(outcome, is_throttled=self.is_throttled)

    def give_up(self, tx: Tx, given_up: GivenUp, outcome: Any, now: int) -> None:
        self.given_up.append(given_up)


class Stage:
    """A store and a clock for consumers, driven by hand."""

    def __init__(self) -> None:
        self.store = SqliteStore(None)
        migrate(self.store, (stream_positions.SCHEMA,))
        self.clock = ManualClock()
        self.parts = StreamParts(self.store, self.clock, "here")

    def run(self, consumer: StreamConsumer, steps: int = 100) -> int | None:
        """Let it deal with all that is due; when it wants to look again."""
        for _ in range(steps):
            picked = consumer.pick(self.clock.now())
            if picked.batch is not None:
                asyncio.run(consumer.consume(picked.batch))
            elif picked.look_at is None or picked.look_at > self.clock.now():
                return picked.look_at
        raise AssertionError("it never rests")

    def advance(self, milliseconds: int) -> None:
        self.clock.move_to(self.clock.now() + milliseconds)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def sequences_of(given_up: GivenUp) -> list[str]:
    return [record.sequence for record in given_up.records]


def test_records_are_read_in_order_and_once(stage: Stage) -> None:
    work = Work(batch_size=4)
    work.add(*"abcdefghij")
    consumer = StreamConsumer(stage.parts, work, "shard")
    stage.run(consumer)
    assert [len(batch) for batch in work.batches] == [4, 4, 2]
    assert work.done == [str(at) for at in range(1, 11)]


def test_a_batch_holds_no_more_bytes_than_it_may(stage: Stage) -> None:
    work = Work(batch_bytes_max=10)
    work.add("a", "b", "c", size=6)
    stage.run(StreamConsumer(stage.parts, work, "shard"))
    assert work.batches == [["1"], ["2"], ["3"]]


def test_what_is_not_wanted_is_passed_over_for_good(stage: Stage) -> None:
    work = Work()
    work.add(*["noise"] * 60_000, "a")
    stage.run(StreamConsumer(stage.parts, work, "shard"), steps=1_000)
    assert work.batches == [["60001"]]
    work.records.clear()
    assert stage.run(StreamConsumer(stage.parts, work, "shard")) is None


def test_pauses_between_attempts_grow_to_a_minute(stage: Stage) -> None:
    work = Work()
    work.add("a")
    work.failing = {"1"}
    consumer = StreamConsumer(stage.parts, work, "shard")
    pauses = []
    for _ in range(9):
        look_at = stage.run(consumer)
        assert look_at is not None
        pauses.append((look_at - stage.clock.now()) // 1000)
        stage.advance(look_at - stage.clock.now())
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_throttle_is_not_counted_as_an_attempt(stage: Stage) -> None:
    work = Work(retries_max=0)
    work.add("a")
    work.is_throttled = True
    consumer = StreamConsumer(stage.parts, work, "shard")
    for _ in range(3):
        stage.run(consumer)
        stage.advance(60_000)
    work.is_throttled = False
    stage.run(consumer)
    assert (work.given_up, work.done) == ([], ["1"])


def test_a_batch_that_grew_meanwhile_is_repeated_as_it_was(stage: Stage) -> None:
    work = Work()
    work.add("a", "b")
    work.failing = {"2"}
    consumer = StreamConsumer(stage.parts, work, "shard")
    stage.run(consumer)
    work.add("c")
    work.failing = set()
    stage.advance(1_000)
    stage.run(consumer)
    assert work.batches == [["1", "2"], ["1", "2"], ["3"]]


def test_records_that_left_the_stream_are_not_waited_for(stage: Stage) -> None:
    work = Work()
    work.add("a", "b")
    work.failing = {"1"}
    consumer = StreamConsumer(stage.parts, work, "shard")
    stage.run(consumer)
    work.add("c")
    del work.records[:2]
    stage.advance(1_000)
    stage.run(consumer)
    assert work.done == ["3"]


def test_only_the_old_at_the_head_are_given_up(stage: Stage) -> None:
    work = Work(age_ms_max=1_000)
    now = stage.clock.now()
    work.add("a", "b", arrived_at=now - 1_001)
    work.add("c", arrived_at=now - 1_000)
    stage.run(StreamConsumer(stage.parts, work, "shard"))
    assert [sequences_of(each) for each in work.given_up] == [["1", "2"]]
    assert work.given_up[0].condition == "RecordAgeExceeded"
    assert work.done == ["3"]


def test_a_child_waits_until_its_parent_is_read(stage: Stage) -> None:
    work = Work()
    work.parents = ["parent"]
    work.add("a")
    child = StreamConsumer(stage.parts, work, "child")
    stage.run(child)
    assert work.batches == []
    work.closed_at = "7"
    stage.run(StreamConsumer(stage.parts, work, "parent"))
    stage.run(child)
    assert work.batches == [["1"], ["1"]]


def test_one_batch_at_a_time_even_when_the_consumer_is_replaced(stage: Stage) -> None:
    work = Work()
    work.add("a")
    before = StreamConsumer(stage.parts, work, "shard")
    picked = before.pick(stage.clock.now())
    after = StreamConsumer(stage.parts, work, "shard")
    assert after.pick(stage.clock.now()).batch is None
    asyncio.run(before.consume(picked.batch))
    stage.run(after)
    assert work.batches == [["1"]]


def test_what_a_process_that_died_had_in_hand_is_read_again(stage: Stage) -> None:
    work = Work()
    work.add("a", "b")
    StreamConsumer(stage.parts, work, "shard").pick(stage.clock.now())
    reborn = StreamParts(stage.store, stage.clock, "again")
    stage.run(StreamConsumer(reborn, work, "shard"))
    assert work.done == ["1", "2"]


def test_a_batch_of_a_reader_that_is_gone_leaves_no_position(stage: Stage) -> None:
    work = Work()
    work.add("a")
    consumer = StreamConsumer(stage.parts, work, "shard")
    picked = consumer.pick(stage.clock.now())
    with stage.store.write() as tx:
        stage.parts.positions.remove(tx, "reader")
    asyncio.run(consumer.consume(picked.batch))
    with stage.store.read() as tx:
        assert tx.rows("SELECT * FROM stream_positions") == []


def test_a_batch_that_ends_after_the_lanes_changed_moves_nothing(stage: Stage) -> None:
    work = Work()
    work.add("a", "b")
    before = StreamConsumer(stage.parts, work, "shard")
    picked = before.pick(stage.clock.now())
    with stage.store.write() as tx:
        stage.parts.positions.set_lanes(tx, "reader", 2)
    asyncio.run(before.consume(picked.batch))
    with stage.store.read() as tx:
        assert tx.rows("SELECT lane, lanes, sequence FROM stream_positions ORDER BY lane") == [
            (0, 2, ""),
            (1, 2, ""),
        ]


def test_lanes_share_the_records_and_keep_the_order_of_each_partition(stage: Stage) -> None:
    work = Work(lanes=4, batch_size=3)
    work.add(*"abcdefgh" * 10)
    for lane in range(4):
        stage.run(StreamConsumer(stage.parts, work, "shard", lane))
    assert sorted(work.done, key=int) == [str(at) for at in range(1, 81)]
    for partition in range(8):
        mine = [int(each) for each in work.done if (int(each) - 1) % 8 == partition]
        assert mine == sorted(mine)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("reports", [False, True])
def test_whatever_fails_each_record_is_done_or_given_up_and_in_order(
    stage: Stage, seed: int, reports: bool
) -> None:
    chance = random.Random(seed)
    work = Work(bisects=True, retries_max=2, batch_size=chance.randint(1, 12))
    work.reports = reports
    count = chance.randint(1, 60)
    work.add(*["a"] * count)
    names = [str(at) for at in range(1, count + 1)]
    work.failing = set(chance.sample(names, chance.randint(0, min(5, count))))
    for _ in range(200):
        consumer = StreamConsumer(stage.parts, work, "shard")
        if stage.run(consumer) is None:
            break
        stage.advance(60_000)
    lost = [sequence for each in work.given_up for sequence in sequences_of(each)]
    assert set(lost) == work.failing
    assert work.done == [each for each in names if each not in work.failing]
