"""What a reader reads is what was put, in whatever pieces it came and goes."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from fogline.services.logs.expiry import Expiry
from fogline.services.logs.operations.groups import put_retention_policy

_put = st.tuples(st.sampled_from("ab"), st.lists(st.integers(0, 40), min_size=1, max_size=5))
_puts = st.lists(_put, max_size=8)
_limit = st.integers(1, 4)


def _fill(bench, puts) -> dict[str, list[tuple[int, str]]]:
    """Put all, and say what each stream must hold: by time, then in the order of arrival."""
    streams: dict[str, list[tuple[int, str]]] = {"a": [], "b": []}
    for number, (stream, times) in enumerate(puts):
        lines = [(at, f"{number}.{place}") for place, at in enumerate(sorted(times))]
        bench.put(*lines, stream=stream)
        streams[stream] += lines
    for lines in streams.values():
        lines.sort(key=lambda line: line[0])
    return streams


def _lines(page) -> list[tuple[int, str]]:
    return [(each["timestamp"], each["message"]) for each in page["events"]]


@settings(max_examples=60)
@given(_puts, _limit)
def test_pages_of_a_stream_hold_every_event_once_in_both_directions(
    make_bench, puts, limit
) -> None:
    bench = make_bench()
    for stream, expected in _fill(bench, puts).items():
        if not expected:
            continue
        page = bench.read(stream, startFromHead=True, limit=limit)
        ahead = _lines(page)
        while _lines(page):
            page = bench.read(stream, nextToken=page["nextForwardToken"], limit=limit)
            ahead += _lines(page)
        assert ahead == expected
        back: list[tuple[int, str]] = []
        while lines := _lines(
            page := bench.read(stream, nextToken=page["nextBackwardToken"], limit=limit)
        ):
            back = lines + back
        assert back == expected


@settings(max_examples=60)
@given(_puts, _limit, st.booleans(), st.integers(0, 40), st.integers(0, 40))
def test_pages_of_a_group_hold_every_event_between_two_times(
    make_bench, puts, limit, is_ahead, since, until
) -> None:
    bench = make_bench()
    everything = [line for lines in _fill(bench, puts).values() for line in lines]
    if not everything:
        return
    request = {"startTime": since} if is_ahead else {}
    since = since if is_ahead else 0
    found = bench.found(endTime=until, limit=limit, startFromHead=is_ahead, **request)
    expected = {text: at for at, text in everything if since <= at <= until}
    times = [expected[text] for text in found]
    assert sorted(found) == sorted(expected)
    assert times == sorted(times, reverse=not is_ahead)


@settings(max_examples=40)
@given(st.lists(_put, min_size=1, max_size=6), st.integers(0, 40))
def test_expiry_removes_only_what_no_reader_sees(make_bench, puts, hidden) -> None:
    bench = make_bench(hidden + 86_400_000)
    everything = [line for lines in _fill(bench, puts).values() for line in lines]
    request = {"logGroupName": "/aws/lambda/orders", "retentionInDays": 1}
    put_retention_policy(bench.logs, bench.call(), request)
    before = bench.found()
    Expiry(bench.store, bench.logs.tables, bench.logs.limits).step(bench.clock.now())
    assert bench.found() == before
    assert sorted(before) == sorted(text for at, text in everything if at >= hidden)
