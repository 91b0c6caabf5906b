import pytest

from fogline.cli.durations import parse_instant, parse_seconds, show_span


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("90s", 90),
        ("5m", 300),
        ("1h30m", 5400),
        ("2d", 172_800),
        ("1.5h", 5400),
        ("250ms", 0.25),
    ],
)
def test_spans_are_read_as_people_write_them(text, seconds):
    assert parse_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "5 parsecs", "m5", "-5m"])
def test_what_is_no_span_is_refused(text):
    with pytest.raises(ValueError, match="is not a duration"):
        parse_seconds(text)


def test_an_instant_is_a_time_or_how_long_ago():
    assert parse_instant("5m", 1_000_000) == 700_000
    assert parse_instant("1970-01-01T00:01:00Z", 0) == 60_000
    assert parse_instant("1970-01-01T00:01:00", 0) == 60_000
    with pytest.raises(ValueError, match="neither a duration"):
        parse_instant("yesterday", 0)


def test_spans_are_shown_in_their_two_largest_units():
    assert show_span(0) == "0s"
    assert show_span(125) == "2m 5s"
    assert show_span(273_605) == "3d 4h"
