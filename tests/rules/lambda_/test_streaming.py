"""The way of a streamed answer from its function to whoever reads it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from fogline.services.lambda_.streaming import Passage

MEGABYTE = bytes(1024 * 1024)


def with_passage(work: Callable[[Passage, list[bool]], Coroutine[Any, Any, None]]) -> list[bool]:
    """Runs work with a passage; what comes of it is how often more was wanted again."""
    resumed: list[bool] = []

    async def run() -> None:
        passage = Passage()
        passage.resume = lambda: resumed.append(True)
        await work(passage, resumed)

    asyncio.run(run())
    return resumed


def test_pieces_arrive_in_order_up_to_the_end() -> None:
    async def work(passage: Passage, resumed: list[bool]) -> None:
        passage.begin("text/plain")
        passage.take(b"one ")

        async def write() -> None:
            passage.take(b"two")
            passage.end()

        writing = asyncio.create_task(write())
        assert [piece async for piece in passage.pieces()] == [b"one ", b"two"]
        assert passage.begun.result() == "text/plain"
        await writing

    with_passage(work)


def test_a_writer_waits_while_much_is_unread() -> None:
    async def work(passage: Passage, resumed: list[bool]) -> None:
        assert passage.take(b"a")
        assert not passage.take(MEGABYTE)
        pieces = passage.pieces()
        assert await anext(pieces) == b"a"
        assert not resumed
        assert await anext(pieces) == MEGABYTE
        assert resumed
        await pieces.aclose()

    with_passage(work)


def test_a_reader_who_leaves_holds_nobody_up() -> None:
    async def work(passage: Passage, resumed: list[bool]) -> None:
        passage.take(b"a")
        pieces = passage.pieces()
        await anext(pieces)
        assert not passage.take(MEGABYTE)
        await pieces.aclose()
        assert resumed
        assert passage.take(MEGABYTE)

    with_passage(work)
