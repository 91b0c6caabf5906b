"""Starts every loop, calls it when it is due, starts it again when it fails, and reports on all of them."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from dataclasses import dataclass

from fogline.background.loop import Loop
from fogline.background.topics import Topics
from fogline.world.clock import Alarm, Clock

log = logging.getLogger("fogline.supervisor")

_RETRY_MILLISECONDS_MIN = 100
_RETRY_MILLISECONDS_MAX = 30_000


@dataclass(slots=True)
class LoopReport:
    """How a loop is doing: how often it ran and failed, its last failure, and when it runs next."""

    name: str
    steps: int = 0
    failures: int = 0
    last_failure: str = ""
    next_at: int | None = None


class Supervisor:
    """Runs loops on the event loop, or, when `executor` is given, each step in a thread of it."""

    def __init__(self, clock: Clock, topics: Topics, executor: Executor | None = None) -> None:
        self._clock = clock
        self._topics = topics
        self._executor = executor
        self._runners: list[_Runner] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_stopping = False
        self._event_loop: asyncio.AbstractEventLoop | None = None
        self._thread = 0

    def start(self, loop: Loop) -> None:
        """Start a loop with a first step in the event loop's next turn."""
        self._event_loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        runner = _Runner(self, loop, self._clock, self._executor)
        self._runners.append(runner)
        for prefix in loop.topics:
            self._topics.always(prefix, lambda topic: self._wake(runner))
        runner.wake()

    def _wake(self, runner: _Runner) -> None:
        # What an operation asks of another one is recorded where it is performed, which may be a thread.
        if self._event_loop is not None and threading.get_ident() != self._thread:
            self._event_loop.call_soon_threadsafe(runner.wake)
        else:
            runner.wake()

    def run(self, work: Awaitable[None], name: str) -> None:
        """Keep a coroutine of some loop running to its end; `stop` waits for it or cancels it.

        The work answers for its own failures; one that escapes is logged. A step that runs in a
        thread may call this too: the work begins on the event loop before that step counts as done.
        """
        if self._event_loop is not None and threading.get_ident() != self._thread:
            self._event_loop.call_soon_threadsafe(self.run, work, name)
            return

        async def guarded() -> None:
            try:
                await work
            except asyncio.CancelledError:
                raise
            except Exception:
                log.exception("%s failed", name)

        task = asyncio.get_running_loop().create_task(guarded(), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def wake_all(self) -> None:
        """Step every loop, because the data changed under all of them."""
        for runner in self._runners:
            runner.wake()

    def reports(self) -> list[LoopReport]:
        return [runner.report for runner in self._runners]

    def is_idle(self) -> bool:
        """True when no loop is due now and no work that a loop began is unfinished."""
        return not self._tasks and not any(runner.is_due for runner in self._runners)

    async def stop(self, grace_seconds: float = 0) -> None:
        """Stop all loops; unfinished work gets `grace_seconds` before it is cancelled."""
        self._is_stopping = True
        for runner in self._runners:
            runner.stop()
        if self._tasks and grace_seconds:
            await asyncio.wait(self._tasks, timeout=grace_seconds)
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)


class _Runner:
    """One loop's life: asleep, due, stepping."""

    def __init__(
        self, supervisor: Supervisor, loop: Loop, clock: Clock, executor: Executor | None
    ) -> None:
        self._supervisor = supervisor
        self._loop = loop
        self._clock = clock
        self._executor = executor
        self._alarm: Alarm | None = None
        self._retry_milliseconds = 0
        self._is_stepping = False
        self._is_stopped = False
        self.is_due = False
        self.report = LoopReport(loop.name)

    def wake(self) -> None:
        """Step in the event loop's next turn, unless that is promised already."""
        if self.is_due or self._is_stopped:
            return
        self.is_due = True
        if not self._is_stepping:
            asyncio.get_running_loop().call_soon(self._step)

    def stop(self) -> None:
        self._is_stopped = True
        self.is_due = False
        self._sleep(None)

    def _step(self) -> None:
        if self._is_stopped or not self.is_due:
            return
        self.is_due = False
        self._sleep(None)
        now = self._clock.now()
        self.report.steps += 1
        if self._executor is None:
            try:
                self._plan(self._loop.step(now), now)
            except Exception as failure:
                self._fail(failure, now)
        else:
            self._is_stepping = True
            self._supervisor.run(self._step_in_thread(self._executor, now), self._loop.name)

    async def _step_in_thread(self, executor: Executor, now: int) -> None:
        try:
            step = asyncio.get_running_loop().run_in_executor(executor, self._loop.step, now)
            next_at = await step
        except Exception as failure:
            self._is_stepping = False
            self._fail(failure, now)
        else:
            self._is_stepping = False
            self._plan(next_at, now)
        if self.is_due:
            asyncio.get_running_loop().call_soon(self._step)

    def _plan(self, next_at: int | None, now: int) -> None:
        self._retry_milliseconds = 0
        self.report.next_at = next_at
        if next_at is not None and next_at <= now:
            self.wake()
        else:
            self._sleep(next_at)

    def _fail(self, failure: Exception, now: int) -> None:
        # A loop that fails is tried again later and later: its work is rows, none of it is lost.
        log.error("Loop %s failed", self._loop.name, exc_info=failure)
        self.report.failures += 1
        self.report.last_failure = f"{type(failure).__name__}: {failure}"
        self._retry_milliseconds = min(
            max(_RETRY_MILLISECONDS_MIN, self._retry_milliseconds * 2), _RETRY_MILLISECONDS_MAX
        )
        self.report.next_at = now + self._retry_milliseconds
        self._sleep(self.report.next_at)

    def _sleep(self, until: int | None) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if until is not None and not self._is_stopped:
            self._alarm = self._clock.call_at(until, self.wake)


Run = Callable[[Awaitable[None], str], None]
"""What a loop is handed to run a coroutine beside itself: `Supervisor.run`."""
