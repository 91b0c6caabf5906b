"""Ranges of bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogline.services.s3.errors import InvalidRange
from fogline.services.s3.ranges import find_range


@pytest.mark.parametrize(
    ("asked", "span"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=0-9", (0, 10)),
        ("bytes=0-99", (0, 10)),
        ("bytes=9-", (9, 10)),
        ("bytes=-1", (9, 10)),
        ("bytes=-99", (0, 10)),
        ("bytes=1-0", None),
        ("bytes=-", None),
        ("bytes=0-1,3-4", None),
        ("0-1", None),
        (None, None),
    ],
)
def test_ranges_of_ten_bytes(asked: str | None, span: tuple[int, int] | None) -> None:
    assert find_range(asked, 10) == span


@pytest.mark.parametrize("asked", ["bytes=10-", "bytes=10-20", "bytes=-0"])
def test_ranges_that_hold_nothing_are_refused(asked: str) -> None:
    with pytest.raises(InvalidRange):
        find_range(asked, 10)


@given(st.text("bytes=-0123456789, ", max_size=30), st.integers(0, 100))
def test_any_text_is_judged_without_failing(asked: str, size: int) -> None:
    try:
        span = find_range(asked, size)
    except InvalidRange:
        return
    if span is not None:
        assert 0 <= span[0] < span[1] <= size
