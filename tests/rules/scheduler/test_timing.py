from hypothesis import given
from hypothesis import strategies as st

from fogline.services.scheduler.timing import Timing
from fogline.world.clock import DAY, HOUR, MINUTE

NEW_YEAR_2026 = 1_767_225_600_000


def timing(expression="rate(1 hour)", anchor=NEW_YEAR_2026, window=0, age_seconds=86_400, **dates):
    return Timing.of(
        {
            "ScheduleExpression": expression,
            "ScheduleExpressionTimezone": "UTC",
            "FlexibleTimeWindow": {"MaximumWindowInMinutes": window} if window else {},
            "Target": {"RetryPolicy": {"MaximumEventAgeInSeconds": age_seconds}},
            "Anchor": anchor,
            **dates,
        }
    )


def test_a_rate_begins_at_once_and_a_cron_expression_after_now():
    now = NEW_YEAR_2026
    assert timing(anchor=now).first(now, -1) == now
    assert timing("cron(0 * * * ? *)").first(now, -1) == now + HOUR


def test_a_single_time_may_have_passed_for_as_long_as_an_event_lives():
    once = timing("at(2026-01-01T00:00:00)")
    assert once.first(NEW_YEAR_2026 + DAY, -1) == NEW_YEAR_2026
    assert once.first(NEW_YEAR_2026 + DAY + 1, -1) is None
    assert once.first(NEW_YEAR_2026, NEW_YEAR_2026) is None


def test_the_end_date_is_the_last_time_that_counts():
    hourly = timing(EndDate=NEW_YEAR_2026 + 2 * HOUR)
    assert hourly.next(NEW_YEAR_2026 + HOUR) == NEW_YEAR_2026 + 2 * HOUR
    assert hourly.next(NEW_YEAR_2026 + 2 * HOUR) is None


def test_the_start_date_is_the_first_time_that_counts():
    nightly = timing("cron(0 2 * * ? *)", StartDate=NEW_YEAR_2026 + DAY)
    assert nightly.next(NEW_YEAR_2026) == NEW_YEAR_2026 + DAY + 2 * HOUR


def test_what_is_too_old_gives_way_to_the_oldest_that_is_not():
    hourly = timing()
    now = NEW_YEAR_2026 + 3 * DAY + 1
    assert hourly.still_due(now - DAY, now) == now - DAY
    assert hourly.still_due(NEW_YEAR_2026, now) == NEW_YEAR_2026 + 2 * DAY + HOUR


@given(
    st.integers(1, 400),
    st.sampled_from([0, 1, 15, 1440]),
    st.integers(0, 10 * DAY),
    st.floats(0, 1, exclude_max=True),
)
def test_invocations_go_forward_and_stay_in_their_windows(minutes, window, late, fraction):
    rate = timing(f"rate({minutes} minutes)", window=window)
    now = NEW_YEAR_2026 + late
    occurrence = rate.still_due(NEW_YEAR_2026, now)
    assert occurrence >= now - DAY - window * MINUTE
    following = rate.following(occurrence, now)
    assert following > occurrence
    assert (following - NEW_YEAR_2026) % (minutes * MINUTE) == 0
    assert following + window * MINUTE > now
    assert following <= rate.due_at(following, fraction) <= following + window * MINUTE
