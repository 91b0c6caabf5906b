"""Quotas of usage plans: the periods that they are for, and what is left in one.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from fogline.services.apigateway.errors import BadRequestException

_DAYS_MAX = 90


def day_of(instant: int) -> date:
    """The day of an instant (milliseconds), in UTC, in which all periods are."""
    return datetime.fromtimestamp(instant / 1000, UTC).date()


def period_start(period: str, day: date) -> date:
    """The first day of the period in which that day is. Weeks begin on Sunday."""
    if period == "DAY":
        return day
    if period == "WEEK":
        return day - timedelta(days=(day.weekday() + 1) % 7)
    return day.replace(day=1)


def read_days(start: str, end: str) -> list[date]:
    """The days from one to another, both included. Raises BadRequestException."""
    try:
        first, last = date.fromisoformat(start), date.fromisoformat(end)
    except ValueError:
        raise BadRequestException(
            "Invalid date specified. Dates have the form YYYY-MM-DD"
        ) from None
    if last < first:
        raise BadRequestException("Usage start date must be before the end date")
    if (last - first).days >= _DAYS_MAX:
        raise BadRequestException(f"Usage can be asked for {_DAYS_MAX} days at most")
    return [first + timedelta(days=days) for days in range((last - first).days + 1)]


def remaining(quota: Mapping[str, Any], usage: Mapping[str, Any], day: date, created: date) -> int:
    """What is left of a quota at the end of that day.

    `usage` has `used` and `granted` by day; what is granted is a change of what is left, made by hand.
    """
    start = period_start(quota["period"], day)
    limit: int = quota["limit"]
    if period_start(quota["period"], created) == start:
        limit -= quota.get("offset", 0)
    for name, sign in (("used", -1), ("granted", 1)):
        for when, count in usage.get(name, {}).items():
            if start <= date.fromisoformat(when) <= day:
                limit += sign * count
    return limit


def usage_rows(
    quota: Mapping[str, Any], usage: Mapping[str, Any], days: list[date], created: date
) -> Iterator[list[int]]:
    """What was used on each day, and what was left."""
    for day in days:
        used = usage.get("used", {}).get(day.isoformat(), 0)
        yield [used, max(0, remaining(quota, usage, day, created))]
