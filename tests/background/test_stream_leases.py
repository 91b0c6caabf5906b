"""Streams on a store that several nodes share: one of them holds a batch, as long as it lives."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from tests.background.test_stream_consumer import Work

from fogline.background import stream_positions
from fogline.background.stream_consumer import StreamConsumer, StreamParts
from fogline.background.stream_work import StreamRecord
from fogline.store.schema import migrate
from fogline.store.sqlite import SqliteStore
from fogline.world.clock import SECOND, ManualClock


class SharedStore(SqliteStore):
    """An embedded store that says of itself what PostgreSQL says."""

    is_shared = True


class SlowWork(Work):
    """Deals with a batch when told to."""

    def __init__(self) -> None:
        super().__init__()
        self.may_end = asyncio.Event()

    async def perform(self, prepared: Any, records: Sequence[StreamRecord]) -> int | None:
        await self.may_end.wait()
        return await super().perform(prepared, records)


def make_store() -> SqliteStore:
    store = SharedStore(None)
    migrate(store, (stream_positions.SCHEMA,))
    store.group_on(asyncio.get_running_loop())
    return store


async def move(clock: ManualClock, seconds: int) -> None:
    """Move time second by second, with room for what it wakes."""
    for _ in range(seconds):
        clock.move_to(clock.now() + SECOND)
        for _ in range(5):
            await asyncio.sleep(0)


def test_a_batch_that_takes_long_stays_with_its_node() -> None:
    async def story() -> None:
        store, clock = make_store(), ManualClock()
        work = SlowWork()
        work.add("a")
        first = StreamConsumer(StreamParts(store, clock, "first"), work, "shard")
        second = StreamConsumer(StreamParts(store, clock, "second"), work, "shard")
        picked = first.pick(clock.now())
        busy = asyncio.ensure_future(first.consume(picked.batch))
        await move(clock, 300)
        assert second.pick(clock.now()).batch is None
        work.may_end.set()
        await busy
        assert second.pick(clock.now()).batch is None
        assert work.done == ["1"]

    asyncio.run(story())


def test_a_batch_of_a_node_that_died_goes_to_another() -> None:
    async def story() -> None:
        store, clock = make_store(), ManualClock()
        work = Work()
        work.add("a")
        first = StreamConsumer(StreamParts(store, clock, "first"), work, "shard")
        second = StreamConsumer(StreamParts(store, clock, "second"), work, "shard")
        first.pick(clock.now())
        assert second.pick(clock.now()).look_at == clock.now() + 30 * SECOND
        await move(clock, 30)
        await second.consume(second.pick(clock.now()).batch)
        assert work.done == ["1"]

    asyncio.run(story())


def test_a_node_that_lost_its_batch_does_not_move_the_position() -> None:
    async def story() -> None:
        store, clock = make_store(), ManualClock()
        work = Work(batch_size=1)
        work.add("a", "b")
        first = StreamConsumer(StreamParts(store, clock, "first"), work, "shard")
        second = StreamConsumer(StreamParts(store, clock, "second"), work, "shard")
        late = first.pick(clock.now())
        await move(clock, 30)
        held = second.pick(clock.now())
        await first.consume(late.batch)
        await second.consume(held.batch)
        await second.consume(second.pick(clock.now()).batch)
        assert work.batches == [["1"], ["1"], ["2"]]

    asyncio.run(story())
