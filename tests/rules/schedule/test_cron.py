from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogline.aws.schedule import InvalidSchedule, parse_schedule
from fogline.world.clock import DAY, MINUTE


def instant(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1000


def times(expression, after, count, zone="UTC"):
    schedule = parse_schedule(f"cron({expression})", zone=zone)
    found, at = [], instant(after)
    for _ in range(count):
        at = schedule.next_after(at)
        if at is None:
            break
        found.append(datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%dT%H:%M"))
    return found


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("15 10 * * ? *", ["2026-01-01T10:15", "2026-01-02T10:15"]),
        ("0 18 ? * MON-FRI *", ["2026-01-01T18:00", "2026-01-02T18:00", "2026-01-05T18:00"]),
        ("0 18 ? * mon-fri *", ["2026-01-01T18:00", "2026-01-02T18:00", "2026-01-05T18:00"]),
        ("0 8 1 * ? *", ["2026-01-01T08:00", "2026-02-01T08:00"]),
        ("0/15 * * * ? *", ["2026-01-01T00:15", "2026-01-01T00:30", "2026-01-01T00:45"]),
        ("*/15 * * * ? *", ["2026-01-01T00:15", "2026-01-01T00:30", "2026-01-01T00:45"]),
        ("1/30 * * * ? *", ["2026-01-01T00:01", "2026-01-01T00:31", "2026-01-01T01:01"]),
        ("0-59/20 0-23/12 ? * * *", ["2026-01-01T00:20", "2026-01-01T00:40", "2026-01-01T12:00"]),
        ("0 12 1,15 * ? *", ["2026-01-01T12:00", "2026-01-15T12:00", "2026-02-01T12:00"]),
        ("30-30 13-13 ? * 2,4,6 *", ["2026-01-02T13:30", "2026-01-05T13:30", "2026-01-07T13:30"]),
        ("0 0 L * ? *", ["2026-01-31T00:00", "2026-02-28T00:00", "2026-03-31T00:00"]),
        ("0 0 LW * ? *", ["2026-01-30T00:00", "2026-02-27T00:00", "2026-03-31T00:00"]),
        ("0 0 3W * ? *", ["2026-01-02T00:00", "2026-02-03T00:00", "2026-03-03T00:00"]),
        ("0 0 1W FEB,AUG ? *", ["2026-02-02T00:00", "2026-08-03T00:00"]),
        ("0 0 31W MAY-JUL ? *", ["2026-05-29T00:00", "2026-07-31T00:00"]),
        ("15 10 ? * 6L *", ["2026-01-30T10:15", "2026-02-27T10:15"]),
        ("15 10 ? * FRIL *", ["2026-01-30T10:15", "2026-02-27T10:15"]),
        ("0 0 ? * L *", ["2026-01-03T00:00", "2026-01-10T00:00"]),
        ("0 0 ? * 3#2 *", ["2026-01-13T00:00", "2026-02-10T00:00"]),
        ("0 0 ? * THU#5 *", ["2026-01-29T00:00", "2026-04-30T00:00"]),
        ("0 0 ? * FRI-SUN *", ["2026-01-02T00:00", "2026-01-03T00:00", "2026-01-04T00:00"]),
        ("0 22-1 2 1 ? 2026", ["2026-01-02T00:00", "2026-01-02T01:00", "2026-01-02T22:00"]),
        ("0 0 29 2 ? *", ["2028-02-29T00:00", "2032-02-29T00:00"]),
        ("0 0 1 JAN ? 2027-2031/2", ["2027-01-01T00:00", "2029-01-01T00:00", "2031-01-01T00:00"]),
        ("0 0 1 1 ? 2025,2027", ["2027-01-01T00:00"]),
        ("0 0 30 2 ? *", []),
        ("0 0 1 1 ? 2020", []),
        ("59 23 31 12 ? 2199", ["2199-12-31T23:59"]),
    ],
)
def test_a_cron_expression_is_due_when_aws_says(expression, expected):
    found = times(expression, "2026-01-01T00:00", max(len(expected), 1))
    assert found == expected


def test_the_minute_itself_is_not_after_it_but_a_millisecond_before_it_is_before():
    every = parse_schedule("cron(* * * * ? *)")
    assert every.next_after(60_000) == 120_000
    assert every.next_after(59_999) == 60_000
    assert every.next_after(60_001) == 120_000


def test_a_time_that_daylight_saving_skips_is_skipped():
    assert times("30 2 * * ? *", "2026-03-28T00:00", 2, "Europe/Berlin") == [
        "2026-03-28T01:30",
        "2026-03-30T00:30",
    ]


def test_a_time_that_comes_twice_counts_once():
    assert times("30 2 * * ? *", "2026-10-24T00:00", 3, "Europe/Berlin") == [
        "2026-10-24T00:30",
        "2026-10-25T00:30",
        "2026-10-26T01:30",
    ]


def test_the_second_hour_of_the_same_name_is_passed_over_from_wherever_one_asks():
    for minutes in range(0, 120, 7):
        asked = instant("2026-10-25T00:00") + minutes * MINUTE
        due = parse_schedule("cron(0/5 * * * ? *)", zone="Europe/Berlin").next_after(asked)
        again = instant("2026-10-25T02:00")  # 03:00 in Berlin
        assert due <= again
        assert due == again or due < instant("2026-10-25T01:00")


def test_a_whole_day_that_a_zone_skipped_is_skipped():
    # Samoa crossed the date line: it had no 30 December 2011.
    assert times("0 12 * * ? *", "2011-12-29T00:00", 2, "Pacific/Apia") == [
        "2011-12-29T22:00",
        "2011-12-30T22:00",
    ]


@pytest.mark.parametrize("asked", [-(10**15), -DAY, 0, 10**13, 10**18])
def test_any_instant_may_be_asked_about(asked):
    parse_schedule("cron(0 0 1 1 ? *)", zone="Asia/Tokyo").next_after(asked)


ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]


@st.composite
def fields(draw, low, high, every="*"):
    if draw(st.booleans()):
        return every, set(range(low, high + 1))
    start = draw(st.integers(low, high))
    end = draw(st.integers(start, high))
    step = draw(st.integers(1, high))
    return draw(
        st.sampled_from(
            [
                (f"{start}", {start}),
                (f"{start},{end}", {start, end}),
                (f"{start}-{end}", set(range(start, end + 1))),
                (f"{start}/{step}", set(range(start, high + 1, step))),
                (f"{start}-{end}/{step}", set(range(start, end + 1, step))),
            ]
        )
    )


@given(
    fields(0, 59),
    fields(0, 23),
    fields(1, 31),
    fields(1, 7),
    st.booleans(),
    st.sampled_from(ZONES),
    st.integers(1_700_000_000_000, 1_800_000_000_000),
)
def test_it_agrees_with_looking_at_the_clock_every_minute(
    minutes, hours, days, weekdays, by_week, zone, asked
):
    days_text = f"? * {weekdays[0]}" if by_week else f"{days[0]} * ?"
    due = parse_schedule(f"cron({minutes[0]} {hours[0]} {days_text} *)", zone=zone).next_after(
        asked
    )
    assert due > asked

    there = ZoneInfo(zone)
    for at in range(asked - asked % MINUTE + MINUTE, asked + 3 * DAY, MINUTE):
        wall = datetime.fromtimestamp(at // 1000, there)
        weekday = (wall.weekday() + 1) % 7 + 1
        is_day = weekday in weekdays[1] if by_week else wall.day in days[1]
        if is_day and wall.hour in hours[1] and wall.minute in minutes[1] and wall.fold == 0:
            assert due == at
            return
    assert due > asked + 3 * DAY - MINUTE


@given(st.text(alphabet="0123456789*/,-?LW#MONFRI ", max_size=40), st.integers(0, 7 * 10**12))
def test_no_text_breaks_it(text, asked):
    try:
        schedule = parse_schedule(f"cron({text})", zone="Europe/Berlin")
    except InvalidSchedule:
        return
    due = schedule.next_after(asked)
    assert due is None or due > asked


def test_even_an_expression_that_is_never_due_is_answered_at_once():
    schedule = parse_schedule("cron(0 0 31 2,4,6,9,11 ? *)")
    assert schedule.next_after(0) is None
