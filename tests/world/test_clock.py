"""Time that moves only when told, and identifiers that do not repeat."""

from __future__ import annotations

import asyncio
import threading
import uuid

from hypothesis import given
from hypothesis import strategies as st

from fogline.world.clock import ManualClock, RealClock
from fogline.world.ids import Ids, instant_of_ordered, ordered_from


def test_alarms_ring_in_the_order_of_their_instants_each_at_its_own() -> None:
    clock = ManualClock(0)
    rung: list[tuple[str, int]] = []
    for name, at in (("late", 300), ("early", 100), ("same", 100), ("later", 900)):
        clock.call_at(at, lambda name=name: rung.append((name, clock.now())))
    clock.move_to(500)
    assert rung == [("early", 100), ("same", 100), ("late", 300)]
    assert clock.now() == 500


def test_a_cancelled_alarm_is_silent() -> None:
    clock = ManualClock(0)
    rung: list[int] = []
    clock.call_at(100, lambda: rung.append(1)).cancel()
    clock.move_to(1_000)
    assert rung == []
    assert clock.next_alarm_at() is None


def test_an_alarm_set_by_an_alarm_rings_on_the_same_way() -> None:
    clock = ManualClock(0)
    rung: list[int] = []
    clock.call_at(100, lambda: clock.call_at(200, lambda: rung.append(clock.now())))
    clock.move_to(1_000)
    assert rung == [200]


def test_time_never_goes_back() -> None:
    clock = ManualClock(1_000)
    clock.move_to(10)
    assert clock.now() == 1_000


def test_the_real_clock_rings_what_is_past_in_the_next_turn() -> None:
    async def scenario() -> None:
        rung = asyncio.Event()
        clock = RealClock()
        clock.call_at(clock.now() - 5, rung.set)
        await asyncio.wait_for(rung.wait(), 5)

    asyncio.run(scenario())


def test_identifiers_with_a_seed_are_the_same_again() -> None:
    first, second = Ids(7), Ids(7)
    assert [first.uuid(), first.hex(5), first.capitals(8)] == [
        second.uuid(),
        second.hex(5),
        second.capitals(8),
    ]


def test_identifiers_do_not_repeat() -> None:
    ids = Ids()
    assert len({ids.uuid() for _ in range(2_000)}) == 2_000


def test_secrets_come_from_the_operating_system_even_with_a_seed() -> None:
    assert Ids(7).secret(40) != Ids(7).secret(40)


@given(st.lists(st.integers(min_value=0, max_value=4_102_444_800_000), max_size=30))
def test_ordered_numbers_grow_and_tell_when_they_were_given(instants: list[int]) -> None:
    ids = Ids(1)
    instants = sorted(instants)
    numbers = [ids.ordered(instant) for instant in instants]
    assert numbers == sorted(set(numbers))
    for instant, number in zip(instants, numbers, strict=True):
        assert number >= ordered_from(instant)
        assert instant_of_ordered(number) >= instant


def test_identifiers_do_not_repeat_between_threads() -> None:
    ids = Ids()
    made: list[str] = []
    threads = [
        threading.Thread(target=lambda: made.extend(ids.uuid() for _ in range(3_000)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 12_000


def test_uuids_have_their_version_and_variant() -> None:
    found = uuid.UUID(Ids().uuid())
    assert (found.version, found.variant) == (4, uuid.RFC_4122)
