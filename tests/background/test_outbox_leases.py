"""Deliveries on a store that several nodes share: one of them holds what it delivers, as long as it lives."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

from fogline.aws.call import Trace
from fogline.background import lineage, outbox
from fogline.background.lineage import Lineage
from fogline.background.outbox import Delivery, DeliveryFailed, Outbox
from fogline.background.topics import Topics
from fogline.store.schema import migrate
from fogline.store.sqlite import SqliteStore
from fogline.store.store import Tx
from fogline.world.clock import HOUR, MINUTE, SECOND, ManualClock
from fogline.world.ids import Ids


class SharedStore(SqliteStore):
    """An embedded store that says of itself what PostgreSQL says."""

    is_shared = True


class Slow:
    """Delivers when told to."""

    def __init__(self) -> None:
        self.begun = 0
        self.may_end = asyncio.Event()

    async def perform(self, delivery: Delivery) -> None:
        self.begun += 1
        await self.may_end.wait()

    def succeed(self, tx: Tx, delivery: Delivery, result: Any, now: int) -> None: ...

    def retry_at(self, delivery: Delivery, failure: DeliveryFailed, now: int) -> int | None: ...

    def give_up(self, tx: Tx, delivery: Delivery, failure: DeliveryFailed, now: int) -> None: ...


class Node:
    """One node's outbox, whose steps the test makes."""

    def __init__(self, store: SqliteStore, clock: ManualClock, seed: int) -> None:
        self._clock = clock
        self._tasks: list[asyncio.Task[None]] = []
        self.slow = Slow()
        recorded = Lineage(store, clock, Topics())
        self.outbox = Outbox(store, clock, Ids(seed), recorded, self._run)
        self.outbox.register("test", self.slow)

    def _run(self, work: Awaitable[None], name: str) -> None:
        self._tasks.append(asyncio.ensure_future(work))

    async def step(self) -> int | None:
        due_at = self.outbox.step(self._clock.now())
        await asyncio.sleep(0)
        return due_at

    async def end(self) -> None:
        self.slow.may_end.set()
        await asyncio.gather(*self._tasks)

    def die(self) -> None:
        for task in self._tasks:
            task.cancel()


def make_nodes() -> tuple[Node, Node, ManualClock, SqliteStore]:
    clock = ManualClock()
    store = SharedStore(None)
    migrate(store, (lineage.SCHEMA, outbox.SCHEMA))
    store.group_on(asyncio.get_running_loop())
    first, second = (Node(store, clock, seed) for seed in (1, 2))
    with store.write() as tx:
        first.outbox.promise(
            tx,
            kind="test",
            target="t",
            account="1",
            region="r",
            payload=b"",
            trace=Trace("1-0-0", "cause"),
            now=clock.now(),
        )
    return first, second, clock, store


def test_a_delivery_that_takes_an_hour_is_made_by_one_node_alone() -> None:
    async def scenario() -> None:
        first, second, clock, store = make_nodes()
        due_at = await first.step()
        until = clock.now() + HOUR
        while clock.now() < until:
            assert due_at is not None, "it comes back to renew its lease"
            clock.move_to(due_at)
            due_at = await first.step()
            await second.step()
        assert (first.slow.begun, second.slow.begun) == (1, 0)
        await first.end()
        clock.move_to(clock.now() + HOUR)
        await second.step()
        assert second.slow.begun == 0, "it is done"
        assert await first.step() is None, "there is nothing to come back for"
        store.close()

    asyncio.run(scenario())


def test_what_a_dead_node_had_in_hand_another_one_delivers_within_a_minute() -> None:
    async def scenario() -> None:
        first, second, clock, store = make_nodes()
        await first.step()
        first.die()
        due_at = await second.step()
        assert second.slow.begun == 0
        assert due_at is not None
        assert 10 * SECOND <= due_at - clock.now() <= MINUTE
        clock.move_to(due_at)
        await second.step()
        assert second.slow.begun == 1
        await second.end()
        store.close()

    asyncio.run(scenario())
