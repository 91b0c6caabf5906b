from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fogline.services.logs.batches import Batch, backward, forward, pack, read_key, spelled

_times = st.lists(st.integers(0, 60), min_size=1, max_size=6).map(sorted)


def _batches(all_times: list[list[int]]) -> list[Batch]:
    return [
        Batch(times[0], times[-1], number, pack([(at, f"{number}.{at}") for at in times]))
        for number, times in enumerate(all_times, 1)
    ]


@given(st.lists(_times, max_size=8))
def test_events_come_in_the_order_of_keys_both_ways(all_times) -> None:
    batches = _batches(all_times)
    ahead = list(forward(sorted(batches, key=lambda batch: batch[:3]), stream=7))
    by_end = sorted(batches, key=lambda batch: (batch.last_at, batch.id), reverse=True)
    assert list(backward(by_end, stream=7)) == ahead[::-1]
    assert [event.key for event in ahead] == sorted(event.key for event in ahead)
    assert len({event.key for event in ahead}) == sum(map(len, all_times))
    assert [event.timestamp for event in ahead] == sorted(at for each in all_times for at in each)


@given(st.integers(0, 1 << 130))
def test_keys_survive_being_spelled(key) -> None:
    assert len(spelled(key)) == 56
    assert read_key(spelled(key)) == key


def test_what_is_no_key_is_none() -> None:
    assert read_key("12") is None
    assert read_key("x" * 56) is None
    assert read_key("٣" * 56) is None


def test_text_that_is_no_unicode_is_kept_as_well_as_can_be() -> None:
    (event,) = forward([Batch(1, 1, 1, pack([(1, "a\ud800b")]))], stream=1)
    assert event.message == "a?b"
