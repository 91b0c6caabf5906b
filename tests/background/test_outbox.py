"""Deliveries: promised with their cause, performed after it, retried, and ended where the performer says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from fogline.aws.call import Trace
from fogline.background import lineage, outbox
from fogline.background.lineage import Lineage
from fogline.background.outbox import Delivery, DeliveryFailed, Outbox
from fogline.background.supervisor import Supervisor
from fogline.background.topics import Topics
from fogline.store.schema import migrate
from fogline.store.sqlite import SqliteStore
from fogline.store.store import Tx
from fogline.world.clock import MINUTE, ManualClock
from fogline.world.ids import Ids


class Performer:
    """Fails as often as told, then succeeds; tries again a minute later, three times at most."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.performed: list[Delivery] = []
        self.succeeded: list[str] = []
        self.given_up: list[str] = []

    async def perform(self, delivery: Delivery) -> str:
        self.performed.append(delivery)
        if len(self.performed) <= self.failures:
            raise DeliveryFailed("not now")
        return "result"

    def succeed(self, tx: Tx, delivery: Delivery, result: Any, now: int) -> None:
        self.succeeded.append(f"{delivery.id}:{result}")

    def retry_at(self, delivery: Delivery, failure: DeliveryFailed, now: int) -> int | None:
        return now + MINUTE if delivery.attempts < 3 else None

    def give_up(self, tx: Tx, delivery: Delivery, failure: DeliveryFailed, now: int) -> None:
        self.given_up.append(f"{delivery.id}:{delivery.last_failure}")


class Stage:
    """An outbox with what it needs, on a clock that the test moves."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.topics = Topics()
        self.store = SqliteStore(None, on_stir=self.topics.stir)
        migrate(self.store, (lineage.SCHEMA, outbox.SCHEMA))
        self.store.group_on(asyncio.get_running_loop())
        self.supervisor = Supervisor(self.clock, self.topics)
        self.lineage = Lineage(self.store, self.clock, self.topics)
        self.outbox = Outbox(self.store, self.clock, Ids(1), self.lineage, self.supervisor.run)
        self.supervisor.start(self.outbox)

    def promise(self, tx: Tx, id: str, target: str = "t") -> None:
        self.outbox.promise(
            tx,
            kind="test",
            target=target,
            account="1",
            region="r",
            payload=b"payload",
            trace=Trace("1-0-0", "cause"),
            now=self.clock.now(),
            id=id,
        )

    async def settle(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0)

    async def advance(self, milliseconds: int) -> None:
        self.clock.move_to(self.clock.now() + milliseconds)
        await self.settle()


def staged(scenario: Callable[[Stage], Coroutine[Any, Any, None]]) -> None:
    async def run() -> None:
        stage = Stage()
        await scenario(stage)
        await stage.supervisor.stop()
        stage.store.close()

    asyncio.run(run())


def test_a_promise_is_kept_once_its_transaction_has_committed() -> None:
    async def scenario(stage: Stage) -> None:
        performer = Performer()
        stage.outbox.register("test", performer)
        with stage.store.write() as tx:
            stage.promise(tx, "a")
            assert performer.performed == []
        await stage.settle()
        assert performer.succeeded == ["a:result"]
        (delivery,) = performer.performed
        assert (delivery.payload, delivery.attempts) == (b"payload", 1)
        assert (delivery.trace.trace_id, delivery.trace.parent_id) == ("1-0-0", "cause")

    staged(scenario)


def test_a_promise_of_a_transaction_that_fails_was_never_made() -> None:
    async def scenario(stage: Stage) -> None:
        performer = Performer()
        stage.outbox.register("test", performer)
        with pytest.raises(KeyError), stage.store.write() as tx:
            stage.promise(tx, "a")
            raise KeyError
        await stage.settle()
        assert performer.performed == []

    staged(scenario)


def test_a_failed_delivery_is_tried_again_when_its_performer_says() -> None:
    async def scenario(stage: Stage) -> None:
        performer = Performer(failures=2)
        stage.outbox.register("test", performer)
        await stage.store.transact(lambda tx: stage.promise(tx, "a"))
        await stage.settle()
        await stage.advance(MINUTE - 1)
        assert len(performer.performed) == 1
        await stage.advance(1)
        assert len(performer.performed) == 2
        await stage.advance(MINUTE)
        assert performer.succeeded == ["a:result"]
        assert [each.attempts for each in performer.performed] == [1, 2, 3]

    staged(scenario)


def test_a_delivery_that_keeps_failing_ends_with_its_last_failure() -> None:
    async def scenario(stage: Stage) -> None:
        performer = Performer(failures=9)
        stage.outbox.register("test", performer)
        await stage.store.transact(lambda tx: stage.promise(tx, "a"))
        for _ in range(5):
            await stage.settle()
            await stage.advance(MINUTE)
        assert len(performer.performed) == 3
        assert performer.given_up == ["a:not now"]
        with stage.store.read() as tx:
            assert tx.rows("SELECT * FROM deliveries") == []

    staged(scenario)


def test_many_deliveries_are_all_made_though_few_at_a_time() -> None:
    async def scenario(stage: Stage) -> None:
        performer = Performer()
        stage.outbox.register("test", performer)
        with stage.store.write() as tx:
            for index in range(500):
                stage.promise(tx, str(index), target=f"t{index % 3}")
        for _ in range(60):
            await stage.settle()
        assert len(performer.succeeded) == 500

    staged(scenario)


def test_one_stuck_target_does_not_hold_up_the_others() -> None:
    class Stuck(Performer):
        async def perform(self, delivery: Delivery) -> str:
            if delivery.target == "stuck":
                await asyncio.Event().wait()
            return await super().perform(delivery)

    async def scenario(stage: Stage) -> None:
        performer = Stuck()
        stage.outbox.register("test", performer)
        with stage.store.write() as tx:
            for index in range(300):
                stage.promise(tx, f"stuck-{index:03}", target="stuck")
            stage.promise(tx, "zzz", target="free")
        for _ in range(10):
            await stage.settle()
        assert performer.succeeded == ["zzz:result"]

    staged(scenario)


def test_a_delivery_is_recorded_with_its_cause() -> None:
    async def scenario(stage: Stage) -> None:
        stage.outbox.register("test", Performer())
        await stage.store.transact(lambda tx: stage.promise(tx, "a"))
        await stage.settle()
        (event,) = stage.lineage.of_trace("1-0-0")
        assert (event.kind, event.parent_id, event.outcome) == ("delivery", "cause", "")

    staged(scenario)


def test_a_performer_that_breaks_is_asked_again_later_and_no_attempt_is_counted() -> None:
    class Broken(Performer):
        async def perform(self, delivery: Delivery) -> str:
            self.performed.append(delivery)
            if len(self.performed) == 1:
                raise KeyError("a bug")
            return "result"

    async def scenario(stage: Stage) -> None:
        performer = Broken()
        stage.outbox.register("test", performer)
        with stage.store.write() as tx:
            stage.promise(tx, "a")
        await stage.settle()
        with stage.store.write() as tx:
            stage.promise(tx, "b")  # what stirs the outbox does not repeat it
        await stage.settle()
        assert [each.id for each in performer.performed] == ["a", "b"]
        await stage.advance(5 * MINUTE)
        assert [each.id for each in performer.performed] == ["a", "b", "a"]
        assert performer.performed[-1].attempts == 1
        assert performer.succeeded == ["b:result", "a:result"]

    staged(scenario)
