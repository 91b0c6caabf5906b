"""Streaming: a run of a function whose answer is passed on while it comes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

from fogline.ports.functions import Invocation, Outcome
from fogline.services.lambda_ import invoking
from fogline.services.lambda_.lookup import Runnable
from fogline.services.lambda_.service import Lambda

_WAITING_BYTES_MAX = 1024 * 1024
"""What may wait for whoever reads before the function has to."""


class Passage:
    """Where the pieces of one answer wait (answers `ports/functions.py: Receiver`)."""

    def __init__(self) -> None:
        self.begun: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.resume: Callable[[], None] = lambda: None
        self._pieces: deque[bytes] = deque()
        self._bytes = 0
        self._stirred = asyncio.Event()
        self._is_ended = self._is_left = False

    def begin(self, content_type: str) -> None:
        if not self.begun.done():
            self.begun.set_result(content_type)

    def take(self, piece: bytes) -> bool:
        if self._is_left:
            return True
        self._pieces.append(piece)
        self._bytes += len(piece)
        self._stirred.set()
        return self._bytes < _WAITING_BYTES_MAX

    def end(self) -> None:
        """Nothing more will come."""
        self._is_ended = True
        self._stirred.set()

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """What comes, to its end. The function goes on also if nobody reads to the end."""
        try:
            while True:
                while self._pieces:
                    piece = self._pieces.popleft()
                    was_full = self._bytes >= _WAITING_BYTES_MAX
                    self._bytes -= len(piece)
                    if was_full and self._bytes < _WAITING_BYTES_MAX:
                        self.resume()
                    yield piece
                if self._is_ended:
                    return
                self._stirred.clear()
                await self._stirred.wait()
        finally:
            self._is_left = True
            self._pieces.clear()
            self.resume()


@dataclass(frozen=True, slots=True)
class Streamed:
    """An answer on its way. `outcome` is known after the last piece, and kept by then."""

    content_type: str
    pieces: AsyncGenerator[bytes, None]
    outcome: asyncio.Task[Outcome]


async def run(lambda_: Lambda, runnable: Runnable, invocation: Invocation) -> Streamed | Outcome:
    """Run a function once, to its first piece; or to its end, where it does not stream. What comes of it is kept.

    Raises as `invoking.run` does.
    """
    passage = Passage()

    async def whole() -> Outcome:
        try:
            outcome = await invoking.run(lambda_, runnable, invocation, passage)
        finally:
            passage.end()
        await lambda_.store.transact(lambda tx: invoking.keep(lambda_, tx, runnable, outcome))
        invoking.record(lambda_, runnable, invocation, outcome)
        return outcome

    task = asyncio.get_running_loop().create_task(whole())
    try:
        await asyncio.wait((task, passage.begun), return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        task.cancel()
        raise
    if not passage.begun.done():
        return await task
    # Whoever reads may leave before the end: then nobody asks the task.
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return Streamed(passage.begun.result(), passage.pieces(), task)
