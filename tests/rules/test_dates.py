"""Instants as AWS writes them."""

from __future__ import annotations

from fogline.aws.dates import iso_milliseconds, iso_seconds, iso_shortest

AT = 1_422_172_800_123


def test_an_instant_is_written_to_the_second_or_to_the_millisecond() -> None:
    assert iso_seconds(AT) == "2015-01-25T08:00:00Z"
    assert iso_milliseconds(AT) == "2015-01-25T08:00:00.123Z"
    assert iso_milliseconds(AT - 123) == "2015-01-25T08:00:00.000Z"


def test_the_shortest_form_has_milliseconds_where_there_are_any() -> None:
    assert iso_shortest(AT) == "2015-01-25T08:00:00.123Z"
    assert iso_shortest(AT - 123) == "2015-01-25T08:00:00Z"


def test_instants_before_1970_are_written_too() -> None:
    assert iso_milliseconds(-1) == "1969-12-31T23:59:59.999Z"
