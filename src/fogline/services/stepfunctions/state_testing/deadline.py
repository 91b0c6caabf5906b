"""Waiting for somebody's work, but not longer than until an instant of the platform's clock."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any

from fogline.world.clock import Clock


async def within(clock: Clock, until: int, work: Coroutine[Any, Any, Any]) -> tuple[bool, Any]:
    """Whether the work was done in time, and its result. Work that is late is given up."""
    late: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    task = asyncio.ensure_future(work)

    def ring() -> None:
        if not late.done():
            late.set_result(None)

    alarm = clock.call_at(until, ring)
    try:
        await asyncio.wait({task, late}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return True, task.result()
        return False, None
    finally:
        alarm.cancel()
        late.cancel()
        if not task.done():
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task
