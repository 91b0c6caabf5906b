from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogline.aws.states.timestamps import find_nanoseconds


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00Z", 0),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1969-12-31T18:30:00-05:30", 0),
        ("1970-01-01T00:00:01.5Z", 1_500_000_000),
        ("1970-01-01T00:00:00.000000001Z", 1),
        ("1969-12-31T23:59:59.999999999Z", -1),
    ],
)
def test_a_timestamp_is_a_moment(text: str, nanoseconds: int) -> None:
    assert find_nanoseconds(text) == nanoseconds


# Recorded: test_wait_timestamp_path.
@pytest.mark.parametrize(
    "text",
    [
        "2016-12-05 21:29:29Z",
        "2016-12-05T21:29:29",
        "2016-13-05T21:29:29Z",
        "2016-12-05T25:29:29Z",
        "05-12-2016T21:29:29Z",
        "2016-02-30T00:00:00Z",
        "2016-12-05T21:29:29+19:00",
        "2016-12-05T21:29:29+0200",
        "0000-12-05T21:29:29Z",
        "٢٠١٦-12-05T21:29:29Z",
        "",
    ],
)
def test_what_has_no_offset_or_is_not_in_the_calendar_is_none(text: str) -> None:
    assert find_nanoseconds(text) is None


@given(
    moment=st.datetimes(min_value=datetime(1, 1, 2), timezones=st.just(UTC)),
)
def test_every_moment_of_the_calendar_is_understood(moment: datetime) -> None:
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    assert find_nanoseconds(moment.isoformat()) == since // timedelta(microseconds=1) * 1_000
