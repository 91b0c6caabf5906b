"""Loops are called when they are due or woken, and started again when they fail."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from fogline.background.supervisor import Supervisor
from fogline.background.topics import Topics
from fogline.world.clock import ManualClock


class Counting:
    name = "test.counting"
    topics: tuple[str, ...] = ("things",)

    def __init__(self, answer: Callable[[int], int | None]) -> None:
        self.steps: list[int] = []
        self._answer = answer

    def step(self, now: int) -> int | None:
        self.steps.append(now)
        return self._answer(now)


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_a_loop_is_called_again_when_it_said() -> None:
    async def scenario() -> None:
        clock = ManualClock(0)
        loop = Counting(lambda now: now + 100)
        Supervisor(clock, Topics()).start(loop)
        await turns()
        for instant in (99, 100, 200):
            clock.move_to(instant)
            await turns()
        assert loop.steps == [0, 100, 200]

    asyncio.run(scenario())


def test_a_loop_is_called_when_its_topic_stirs_and_once_for_many_stirs() -> None:
    async def scenario() -> None:
        topics = Topics()
        loop = Counting(lambda now: None)
        Supervisor(ManualClock(0), topics).start(loop)
        await turns()
        topics.stir(["things:1", "things:2", "other"])
        topics.stir(["things"])
        await turns()
        assert len(loop.steps) == 2

    asyncio.run(scenario())


def test_a_loop_that_fails_is_tried_again_later_and_later() -> None:
    async def scenario() -> None:
        clock = ManualClock(0)

        def fail(now: int) -> int:
            raise RuntimeError("broken")

        supervisor = Supervisor(clock, Topics())
        loop = Counting(fail)
        supervisor.start(loop)
        for instant in range(0, 1_000, 50):
            clock.move_to(instant)
            await turns()
        assert loop.steps == [0, 100, 300, 700]
        (report,) = supervisor.reports()
        assert (report.failures, report.last_failure) == (4, "RuntimeError: broken")

    asyncio.run(scenario())


def test_a_stopped_loop_is_not_called_again() -> None:
    async def scenario() -> None:
        clock, topics = ManualClock(0), Topics()
        loop = Counting(lambda now: now + 1)
        supervisor = Supervisor(clock, topics)
        supervisor.start(loop)
        await turns()
        await supervisor.stop()
        topics.stir(["things"])
        clock.move_to(10)
        await turns()
        assert len(loop.steps) == 1

    asyncio.run(scenario())


def test_a_loop_is_called_when_its_topic_is_stirred_in_a_thread() -> None:
    async def scenario() -> None:
        topics = Topics()
        loop = Counting(lambda now: None)
        Supervisor(ManualClock(0), topics).start(loop)
        await turns()
        await asyncio.to_thread(topics.stir, ["things"])
        await turns()
        assert len(loop.steps) == 2

    asyncio.run(scenario())
