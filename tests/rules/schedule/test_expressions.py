import pytest

from fogline.aws.schedule import InvalidSchedule, UnknownZone, parse_schedule
from fogline.world.clock import DAY, HOUR, MINUTE

NEW_YEAR_2026 = 1_767_225_600_000


@pytest.mark.parametrize(
    "text",
    [
        "cron(0 1 * * * *)",
        "cron(0 1 ? * ? *)",
        "cron(7 20 * * NOT *)",
        "cron(INVALID)",
        "cron(0 dummy ? * MON-FRI *)",
        "cron(71 8 1 * ? *)",
        "cron(60 8 1 * ? *)",
        "cron(0 24 1 * ? *)",
        "cron(0 0 32 * ? *)",
        "cron(0 0 0 * ? *)",
        "cron(0 0 1 13 ? *)",
        "cron(0 0 ? * 8 *)",
        "cron(0 0 ? * 0 *)",
        "cron(0 0 1 * ? 1969)",
        "cron(0 0 1 * ? 2200)",
        "cron(0 0 1 * ?)",
        "cron(0 0 1 * ? * *)",
        "cron(0/0 * * * ? *)",
        "cron(0/x * * * ? *)",
        "cron(? * * * ? *)",
        "cron(0, * * * ? *)",
        "cron(0 0 ? * 2#6 *)",
        "cron(0 0 ? * 2#1,3#2 *)",
        "cron(0 0 ? * W *)",
        "cron(0 0 32W * ? *)",
        "cron(0 0 W * ? *)",
        "cron(²  0 1 * ? *)",
        "cron()",
        "Cron(0 0 1 * ? *)",
        "rate(10 seconds)",
        "rate(10 years)",
        "rate()",
        "rate(10)",
        "rate(10 minutess)",
        "rate(foo minutes)",
        "rate(-10 minutes)",
        "rate(0 minutes)",
        "rate( 10 minutes )",
        " rate(10 minutes)",
        "rate(1.5 hours)",
        "rate(1 minutes)",
        "rate(2 minute)",
        "at(2021-12-31T23:59:59)",
        "",
        "rate(1000000000 days)",
    ],
)
def test_what_a_rule_does_not_take_is_refused(text):
    with pytest.raises(InvalidSchedule):
        parse_schedule(text)


@pytest.mark.parametrize(
    "text",
    [
        "at(2021-12-31T23:59:59Z)",
        "at(2021-12-31)",
        "at(2021-02-29T00:00:00)",
        "at(2021-12-31T24:00:00)",
        "at(2021-12-31 23:59:59)",
        "at(0000-01-01T00:00:00)",
    ],
)
def test_a_time_that_is_none_is_refused(text):
    with pytest.raises(InvalidSchedule):
        parse_schedule(text, allow_at=True)


@pytest.mark.parametrize(
    "zone",
    ["Mars/Olympus", "", "../etc/passwd", "/etc/localtime", "Europe", "right/UTC", "localtime"],
)
def test_an_unknown_time_zone_is_refused(zone):
    with pytest.raises(UnknownZone):
        parse_schedule("rate(1 minute)", zone=zone)


def test_times_at_the_ends_of_the_calendar_are_refused_where_no_zone_reaches():
    with pytest.raises(InvalidSchedule):
        parse_schedule("at(0001-01-01T00:00:00)", zone="Asia/Tokyo", allow_at=True)


@pytest.mark.parametrize("text", ["rate(1 minutes)", "rate(1 minute)", "rate(60 minute)"])
def test_scheduler_takes_any_plural(text):
    assert parse_schedule(text, any_plural=True).next_after(0) in (MINUTE, HOUR)


def test_a_rate_counts_from_its_anchor_and_begins_with_it():
    rate = parse_schedule("rate(5 minutes)")
    anchor = NEW_YEAR_2026 + 1
    assert rate.next_after(anchor - 1, anchor) == anchor
    assert rate.next_after(anchor, anchor) == anchor + 5 * MINUTE
    assert rate.next_after(anchor + 12 * MINUTE, anchor) == anchor + 15 * MINUTE


def test_a_day_of_a_rate_is_24_hours():
    assert parse_schedule("rate(2 days)").next_after(0, 0) == 2 * DAY


def test_a_single_time_is_due_once_in_its_zone():
    once = parse_schedule("at(2026-01-01T01:00:00)", zone="Europe/Berlin", allow_at=True)
    assert once.next_after(NEW_YEAR_2026 - 1) == NEW_YEAR_2026
    assert once.next_after(NEW_YEAR_2026) is None


def test_a_single_time_that_daylight_saving_skips_is_refused():
    with pytest.raises(InvalidSchedule, match="skips"):
        parse_schedule("at(2026-03-29T02:30:00)", zone="Europe/Berlin", allow_at=True)
