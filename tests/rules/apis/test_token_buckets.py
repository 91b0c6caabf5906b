"""Token buckets: what passes of a crowd."""

from __future__ import annotations

import pytest

from fogline.apis.token_buckets import TokenBuckets


def passed(buckets: TokenBuckets, per_second: int, seconds: int, rate: float, burst: int) -> int:
    count = 0
    for at in range(0, seconds * 1000 * per_second // 1000):
        count += buckets.take("k", rate, burst, at * 1000 // per_second)
    return count


def test_a_crowd_gets_its_burst_and_then_its_rate() -> None:
    count = passed(TokenBuckets(), per_second=1_000, seconds=10, rate=100, burst=200)
    assert count == pytest.approx(200 + 100 * 10, rel=0.02)


def test_who_asks_slowly_always_passes() -> None:
    assert passed(TokenBuckets(), per_second=5, seconds=60, rate=5, burst=1) == 300


def test_a_bucket_holds_no_more_than_its_burst() -> None:
    buckets = TokenBuckets()
    assert buckets.take("k", 100, 2, 0)
    assert [buckets.take("k", 100, 2, 3_600_000) for _ in range(3)] == [True, True, False]


def test_nothing_passes_a_bucket_without_burst() -> None:
    assert not TokenBuckets().take("k", 100, 0, 0)


def test_keys_have_buckets_of_their_own() -> None:
    buckets = TokenBuckets()
    assert buckets.take("a", 1, 1, 0)
    assert not buckets.take("a", 1, 1, 0)
    assert buckets.take("b", 1, 1, 0)


def test_time_that_goes_back_takes_nothing_away() -> None:
    buckets = TokenBuckets()
    assert buckets.take("k", 1, 2, 10_000)
    assert buckets.take("k", 1, 2, 5_000)
    assert not buckets.take("k", 1, 2, 6_000)


def test_only_so_many_buckets_are_kept() -> None:
    buckets = TokenBuckets(buckets_max=2)
    for key in ("a", "b", "c"):
        assert buckets.take(key, 0, 1, 0)
    assert buckets.take("a", 0, 1, 0)
    assert not buckets.take("c", 0, 1, 0)
