"""A bridge from a thread to the event loop: for work that reads or writes much, and is written as plain code."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, ThreadPoolExecutor
from typing import Any, TypeVar

from fogline.store.store import Store, Tx

T = TypeVar("T")

_LOOK_SECONDS = 0.2
"""How often a thread that waits looks whether it should."""


class WorkStopped(Exception):
    """Nobody wants the work any more."""


class Bridge:
    """What such work may ask of the event loop."""

    def __init__(self, store: Store, loop: asyncio.AbstractEventLoop) -> None:
        self._store = store
        self._loop = loop
        self._is_closed = False

    def close(self) -> None:
        """Let nobody wait any more."""
        self._is_closed = True

    def _has_closed(self) -> bool:
        return self._is_closed

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """What the coroutine gives. Raises WorkStopped, and what it raises."""
        if self._has_closed():
            work.close()
            raise WorkStopped
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        while True:
            try:
                return future.result(_LOOK_SECONDS)
            except CancelledError:
                raise WorkStopped from None
            except TimeoutError:
                if future.done():
                    raise
                if self._has_closed():
                    future.cancel()
                    raise WorkStopped from None

    def transact(self, work: Callable[[Tx], T]) -> T:
        """What `work` gives, in a transaction of its own that has committed."""
        return self.wait(self._store.transact(work))


async def in_thread(executor: ThreadPoolExecutor, store: Store, work: Callable[[Bridge], T]) -> T:
    """Do the work in a thread. Raises what it raises."""
    loop = asyncio.get_running_loop()
    bridge = Bridge(store, loop)
    try:
        return await loop.run_in_executor(executor, work, bridge)
    finally:
        bridge.close()
