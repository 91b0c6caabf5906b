"""The event-source engine: batches are picked from queues and streams and handed to consumers, by push.

A consumer (an event source mapping, a pipe) is asked for work when its topic stirs, when it said so, and whenever
a batch of its own ends. Consumers do not wait for each other, and an idle one costs nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, Protocol

from fogline.background.supervisor import Run
from fogline.background.topics import Topics
from fogline.world.clock import SECOND, Alarm, Clock

log = logging.getLogger("fogline.event_sources")

_RETRY_MILLISECONDS = 1 * SECOND


@dataclass(frozen=True, slots=True)
class Picked:
    """What a consumer found: a batch, or None and when to look again (None: when its topic stirs)."""

    batch: Any = None
    look_at: int | None = None


class Consumer(Protocol):
    """One reader of one source."""

    name: str
    topic: str
    """Stirs when its source may have something new."""
    concurrency_max: int
    """How many batches may be in the hands of `consume` at a time."""

    def pick(self, now: int) -> Picked:
        """Take the next batch from the source, in a transaction of its own."""

    async def consume(self, batch: Any) -> None:
        """Deal with a batch to its end: what succeeded is removed from the source, durably."""


class EventSources:
    """Runs consumers. All calls belong to the event loop's thread; `executor` runs `pick`, where given."""

    def __init__(
        self, clock: Clock, topics: Topics, run: Run, executor: Executor | None = None
    ) -> None:
        self._clock = clock
        self._topics = topics
        self._run = run
        self._executor = executor
        self._pumps: dict[str, _Pump] = {}

    def start(self, consumer: Consumer) -> None:
        """Start a consumer, in place of the one of the same name. Batches in hand are finished."""
        self.stop(consumer.name)
        pump = _Pump(consumer, self._clock, self._topics, self._run, self._executor)
        self._pumps[consumer.name] = pump
        pump.wake()

    def stop(self, name: str) -> None:
        """Pick nothing more for that consumer. Batches in hand are finished."""
        pump = self._pumps.pop(name, None)
        if pump is not None:
            pump.stop()

    def stop_all(self) -> None:
        for name in list(self._pumps):
            self.stop(name)

    def names(self) -> list[str]:
        return list(self._pumps)

    def is_idle(self) -> bool:
        """True when nobody is about to look, and no batch is in hand."""
        return not any(pump.is_due or pump.in_hand for pump in self._pumps.values())


class _Pump:
    """One consumer's life: listening, picking, holding batches."""

    def __init__(
        self,
        consumer: Consumer,
        clock: Clock,
        topics: Topics,
        run: Run,
        executor: Executor | None,
    ) -> None:
        self._consumer = consumer
        self._clock = clock
        self._topics = topics
        self._run = run
        self._executor = executor
        self._cancel_wish: Callable[[], None] | None = None
        self._alarm: Alarm | None = None
        self._is_stopped = False
        self._is_picking = False
        self.is_due = False
        self.in_hand = 0

    def wake(self) -> None:
        if self.is_due or self._is_stopped:
            return
        self.is_due = True
        if not self._is_picking:
            asyncio.get_running_loop().call_soon(self._pick)

    def stop(self) -> None:
        self._is_stopped = True
        self.is_due = False
        self._listen(None, is_listening=False)

    def _listen(self, look_at: int | None, is_listening: bool = True) -> None:
        if self._cancel_wish is not None:
            self._cancel_wish()
            self._cancel_wish = None
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if is_listening and not self._is_stopped:
            self._cancel_wish = self._topics.once(self._consumer.topic, self.wake)
            if look_at is not None:
                self._alarm = self._clock.call_at(look_at, self.wake)

    def _pick(self) -> None:
        self.is_due = False
        if self._is_stopped or self.in_hand >= self._consumer.concurrency_max:
            return  # the end of a batch wakes it
        # Listening begins before looking, so that what comes in between is not missed.
        self._listen(None)
        now = self._clock.now()
        if self._executor is not None:
            self._is_picking = True
            self._run(self._pick_in_thread(self._executor, now), self._consumer.name)
            return
        try:
            picked = self._consumer.pick(now)
        except Exception:
            log.exception("%s could not read its source", self._consumer.name)
            picked = Picked(look_at=now + _RETRY_MILLISECONDS)
        self._take(picked)

    async def _pick_in_thread(self, executor: Executor, now: int) -> None:
        try:
            picked = await asyncio.get_running_loop().run_in_executor(
                executor, self._consumer.pick, now
            )
        except Exception:
            log.exception("%s could not read its source", self._consumer.name)
            picked = Picked(look_at=now + _RETRY_MILLISECONDS)
        self._is_picking = False
        if self.is_due:
            asyncio.get_running_loop().call_soon(self._pick)
        self._take(picked)

    def _take(self, picked: Picked) -> None:
        if picked.batch is not None:
            self.in_hand += 1
            self._run(self._consume(picked.batch), self._consumer.name)
            self.wake()
        elif picked.look_at is not None and not self.is_due:
            self._listen(picked.look_at)

    async def _consume(self, batch: Any) -> None:
        try:
            await self._consumer.consume(batch)
        finally:
            self.in_hand -= 1
            self.wake()
