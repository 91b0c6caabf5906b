"""The only source of time. Every instant is an integer: milliseconds since 1970 in UTC."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from typing import Protocol

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Alarm(Protocol):
    """A promise to call back, which can be taken back."""

    def cancel(self) -> None: ...


class Clock(Protocol):
    """What the platform may ask of time."""

    def now(self) -> int:
        """The present instant, in milliseconds since the epoch."""

    def call_at(self, instant: int, callback: Callable[[], None]) -> Alarm:
        """Call `callback` on the event loop at `instant`, or in the loop's next turn if it has passed."""


class RealClock:
    """The machine's own time. `call_at` needs a running event loop."""

    # Timers count on the loop's monotonic clock; a timer that is far away is cut into stages, so
    # that a step of the wall clock (a laptop that slept) is noticed within a minute.
    _stage_seconds_max = 60.0

    def now(self) -> int:
        return time.time_ns() // 1_000_000

    def call_at(self, instant: int, callback: Callable[[], None]) -> Alarm:
        return _StagedAlarm(self, instant, callback)

    def _seconds_until(self, instant: int) -> float:
        return max(0.0, (instant - self.now()) / 1000)


class _StagedAlarm:
    __slots__ = ("_callback", "_clock", "_handle", "_instant")

    def __init__(self, clock: RealClock, instant: int, callback: Callable[[], None]) -> None:
        self._clock, self._instant, self._callback = clock, instant, callback
        self._arm()

    def _arm(self) -> None:
        seconds = min(self._clock._seconds_until(self._instant), self._clock._stage_seconds_max)
        self._handle = asyncio.get_running_loop().call_later(seconds, self._ring)

    def _ring(self) -> None:
        if self._clock.now() >= self._instant:
            self._callback()
        else:
            self._arm()

    def cancel(self) -> None:
        self._handle.cancel()


class ManualClock:
    """Time that moves only when told, for tests and for `fogline up --clock=manual`.

    `advance` rings every alarm on its way, in order, each at its own instant.
    """

    def __init__(self, now: int = 1_767_225_600_000) -> None:
        self._now = now
        self._order = itertools.count()
        self._alarms: list[tuple[int, int, _ManualAlarm]] = []

    def now(self) -> int:
        return self._now

    def call_at(self, instant: int, callback: Callable[[], None]) -> Alarm:
        alarm = _ManualAlarm(callback)
        if instant <= self._now:
            asyncio.get_running_loop().call_soon(alarm.ring)
        else:
            heapq.heappush(self._alarms, (instant, next(self._order), alarm))
        return alarm

    def next_alarm_at(self) -> int | None:
        """When the earliest alarm rings, or None if none is set."""
        while self._alarms and self._alarms[0][2].is_cancelled:
            heapq.heappop(self._alarms)
        return self._alarms[0][0] if self._alarms else None

    def move_to(self, instant: int) -> None:
        """Move time to `instant`, never backwards, and ring what is due by then."""
        while (due := self.next_alarm_at()) is not None and due <= instant:
            self._now = max(self._now, due)
            heapq.heappop(self._alarms)[2].ring()
        self._now = max(self._now, instant)


class _ManualAlarm:
    __slots__ = ("_callback", "is_cancelled")

    def __init__(self, callback: Callable[[], None]) -> None:
        self._callback = callback
        self.is_cancelled = False

    def ring(self) -> None:
        if not self.is_cancelled:
            self.is_cancelled = True
            self._callback()

    def cancel(self) -> None:
        self.is_cancelled = True
