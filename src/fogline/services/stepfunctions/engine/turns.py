"""Turns of many coroutines on one event loop: together they take so long of each of its rounds, and no longer."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from time import perf_counter

_ROUND_SECONDS_MAX = 0.01
_LET_ON_AT_ONCE = 8
"""Of those that wait; who finds the round's time gone waits again."""


class Turns:
    """Hands them out. A round of the loop also answers requests, so its length is what others wait for."""

    def __init__(self, round_seconds_max: float = _ROUND_SECONDS_MAX) -> None:
        self._round_seconds_max = round_seconds_max
        self._spent = 0.0
        self._is_counting = False
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def take(self, work: Callable[[], None]) -> None:
        """Do that as soon as there is time for it: at once, most of the time."""
        while self._spent > self._round_seconds_max:
            await self.let_others()
        began = perf_counter()
        try:
            work()
        finally:
            self._spent += perf_counter() - began
            self._count()

    async def let_others(self) -> None:
        """Wait behind all who wait."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        self._count()
        await turn

    def _count(self) -> None:
        if not self._is_counting:
            self._is_counting = True
            asyncio.get_running_loop().call_soon(self._next_round)

    def _next_round(self) -> None:
        self._spent = 0.0
        self._is_counting = False
        for _ in range(min(len(self._waiting), _LET_ON_AT_ONCE)):
            turn = self._waiting.popleft()
            if not turn.done():  # else it was cancelled
                turn.set_result(None)
        if self._waiting:
            self._count()
