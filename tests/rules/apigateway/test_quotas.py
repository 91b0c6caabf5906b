"""Quotas: their periods, and what is left."""

from __future__ import annotations

from datetime import date

import pytest

from fogline.services.apigateway.errors import BadRequestException
from fogline.services.apigateway.quotas import period_start, read_days, remaining, usage_rows

WEDNESDAY = date(2024, 5, 15)
LONG_AGO = date(2020, 1, 1)


@pytest.mark.parametrize(
    ("period", "start"),
    [("DAY", WEDNESDAY), ("WEEK", date(2024, 5, 12)), ("MONTH", date(2024, 5, 1))],
)
def test_periods_begin(period: str, start: date) -> None:
    assert period_start(period, WEDNESDAY) == start


def test_a_week_begins_on_its_sunday() -> None:
    assert period_start("WEEK", date(2024, 5, 12)) == date(2024, 5, 12)


def test_what_was_used_in_the_period_counts() -> None:
    usage = {"used": {"2024-05-11": 50, "2024-05-12": 3, "2024-05-15": 4, "2024-05-16": 5}}
    quota = {"limit": 100, "period": "WEEK"}
    assert remaining(quota, usage, WEDNESDAY, LONG_AGO) == 93


def test_the_first_period_may_be_smaller() -> None:
    quota = {"limit": 100, "period": "WEEK", "offset": 40}
    assert remaining(quota, {}, WEDNESDAY, date(2024, 5, 13)) == 60
    assert remaining(quota, {}, WEDNESDAY, LONG_AGO) == 100


def test_rows_tell_use_and_rest_of_each_day() -> None:
    usage = {"used": {"2024-05-14": 3, "2024-05-15": 9}, "granted": {"2024-05-15": 1}}
    days = [date(2024, 5, 14), WEDNESDAY]
    quota = {"limit": 10, "period": "WEEK"}
    assert list(usage_rows(quota, usage, days, LONG_AGO)) == [[3, 7], [9, 0]]


@pytest.mark.parametrize(
    ("start", "end"),
    [("x", "2024-01-01"), ("2024-01-02", "2024-01-01"), ("2024-01-01", "2025-01-01")],
)
def test_ranges_that_are_none_are_refused(start: str, end: str) -> None:
    with pytest.raises(BadRequestException):
        read_days(start, end)
