"""How much of a storm of clients is taken up in one turn of the event loop."""

from __future__ import annotations

import asyncio

from fogline.services.apigatewayv2.websocket.turns import Turns


async def _storm(turns: Turns, count: int, passed: list[int]) -> list[asyncio.Task[None]]:
    async def come(number: int) -> None:
        await turns.next()
        passed.append(number)

    return [asyncio.create_task(come(number)) for number in range(count)]


async def _passed_by_turn(passed: list[int], count: int) -> list[int]:
    """How many more had passed after each turn."""
    seen: list[int] = []
    while sum(seen) < count:
        await asyncio.sleep(0)
        seen.append(len(passed) - sum(seen))
    return seen


def test_no_more_than_so_many_pass_in_a_turn_and_all_in_their_order() -> None:
    async def run() -> None:
        turns, passed = Turns(3), list[int]()
        await _storm(turns, 20, passed)
        assert max(await _passed_by_turn(passed, 20)) == 3
        assert passed == list(range(20))

    asyncio.run(run())


def test_few_do_not_wait() -> None:
    async def run() -> None:
        turns = Turns(3)
        for _ in range(4):
            passed = list[int]()
            await _storm(turns, 3, passed)
            await asyncio.sleep(0)
            assert passed == [0, 1, 2]
            await asyncio.sleep(0)

    asyncio.run(run())


def test_who_has_gone_takes_nobodys_place() -> None:
    async def run() -> None:
        turns, passed = Turns(2), list[int]()
        tasks = await _storm(turns, 6, passed)
        await asyncio.sleep(0)
        for gone in tasks[2:4]:
            gone.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert passed == [0, 1, 4, 5]

    asyncio.run(run())
