"""Timestamps on the wire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogline.aws.errors import SerializationException
from fogline.gateway.protocols.codec import http_date, iso_date, parse_instant

_INSTANTS = st.integers(-62_135_596_800_000, 253_402_300_799_999)


@given(_INSTANTS)
def test_what_is_written_is_read_again(instant: int) -> None:
    assert parse_instant(iso_date(instant)) == instant
    assert parse_instant(iso_date(instant, always_with_fraction=True)) == instant


@given(_INSTANTS)
def test_http_dates_are_those_of_the_standard_library(instant: int) -> None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=instant // 1000)
    assert http_date(instant) == format_datetime(moment, usegmt=True)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("1422172800", 1_422_172_800_000),
        ("1422172800.123", 1_422_172_800_123),
        ("2015-01-25T08:00:00Z", 1_422_172_800_000),
        ("2015-01-25t08:00:00.5z", 1_422_172_800_500),
        ("2015-01-25T09:00:00+01:00", 1_422_172_800_000),
        ("2015-01-25", 1_422_144_000_000),
        ("Sun, 25 Jan 2015 08:00:00 GMT", 1_422_172_800_000),
    ],
)
def test_every_form_that_clients_send_is_read(text: str, instant: int) -> None:
    assert parse_instant(text) == instant


@pytest.mark.parametrize(
    "text",
    ["", "soon", "NaN", "inf", "1e300", "2015-13-45T00:00:00Z", "Sun, 99 Foo", ",", "-" * 9999],
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(SerializationException):
        parse_instant(text)
