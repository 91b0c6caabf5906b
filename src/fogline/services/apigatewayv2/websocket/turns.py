"""Turns of the event loop: so much begins in each, so that a storm of clients holds up nobody else for long."""

from __future__ import annotations

import asyncio
from collections import deque


class Turns:
    """Lets so many pass in a turn of the loop; others wait for the next ones, in the order in which they came.

    It belongs to the event loop's thread.
    """

    def __init__(self, passing_max: int) -> None:
        self._passing_max = passing_max
        self._passed = 0
        self._is_counting = False
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def next(self) -> None:
        """Wait until there is room in a turn; at once where there is in this one."""
        loop = asyncio.get_running_loop()
        if not self._is_counting:
            self._is_counting = True
            loop.call_soon(self._begin_turn, loop)
        if self._passed < self._passing_max and not self._waiting:
            self._passed += 1
            return
        passes = loop.create_future()
        self._waiting.append(passes)
        await passes

    def _begin_turn(self, loop: asyncio.AbstractEventLoop) -> None:
        self._passed = 0
        while self._waiting and self._passed < self._passing_max:
            passes = self._waiting.popleft()
            if not passes.done():  # as it is when who waited has gone
                passes.set_result(None)
                self._passed += 1
        self._is_counting = bool(self._passed)
        if self._is_counting:
            loop.call_soon(self._begin_turn, loop)
