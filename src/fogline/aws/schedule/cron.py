"""Cron expressions of six fields: minutes, hours, day-of-month, month, day-of-week, year."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import datetime, tzinfo

from fogline.aws.schedule import fields
from fogline.aws.schedule.fields import InvalidSchedule, Month
from fogline.aws.schedule.zones import instant_at, wall_time
from fogline.world.clock import DAY

_FIRST_INSTANT = -2 * DAY
"""Before the first minute of 1970 in any time zone."""
_LAST_INSTANT = 7_258_118_400_000 + 2 * DAY
"""After the last minute of 2199 in any time zone."""


class Cron:
    """The minutes at which the clock on a wall shows what the six fields say.

    A time that daylight saving skips is skipped; one that comes twice counts the first time only.
    """

    def __init__(self, expression: str, zone: tzinfo) -> None:
        parts = expression.split()
        if len(parts) != 6:
            raise InvalidSchedule(f"a cron expression has six fields, not {len(parts)}")
        self._zone = zone
        self._minutes = sorted(fields.MINUTES.values(parts[0]))
        self._hours = sorted(fields.HOURS.values(parts[1]))
        self._day_rules = fields.day_rules(parts[2], parts[4])
        self._months = sorted(fields.MONTHS.values(parts[3]))
        self._years = sorted(fields.YEARS.values(parts[5]))

    def next_after(self, instant: int, anchor: int = 0) -> int | None:
        """The first such minute after `instant`, or None when there is none until the end of 2199."""
        if instant >= _LAST_INSTANT:
            return None
        wall: datetime | None = wall_time(max(instant, _FIRST_INSTANT), self._zone)
        while wall is not None:
            # More than once only where daylight saving skips or repeats: for as long as it does so.
            wall = self._next_wall(wall)
            due = instant_at(wall, self._zone) if wall is not None else None
            if due is not None and due > instant:
                return due
        return None

    def _next_wall(self, wall: datetime) -> datetime | None:
        if wall.day in self._days(wall.year, wall.month):
            hour = bisect_left(self._hours, wall.hour)
            if hour < len(self._hours) and self._hours[hour] == wall.hour:
                minute = bisect_right(self._minutes, wall.minute)
                if minute < len(self._minutes):
                    return wall.replace(minute=self._minutes[minute])
                hour += 1
            if hour < len(self._hours):
                return wall.replace(hour=self._hours[hour], minute=self._minutes[0])
        return self._next_day(wall)

    def _next_day(self, wall: datetime) -> datetime | None:
        """The first minute of the first day after that of `wall`."""
        for year in self._years[bisect_left(self._years, wall.year) :]:
            is_same_year = year == wall.year
            first = bisect_left(self._months, wall.month) if is_same_year else 0
            for month in self._months[first:]:
                days = self._days(year, month)
                if is_same_year and month == wall.month:
                    days = [day for day in days if day > wall.day]
                if days:
                    return datetime(year, month, min(days), self._hours[0], self._minutes[0])
        return None

    def _days(self, year: int, month: int) -> list[int]:
        if not (_has(self._years, year) and _has(self._months, month)):
            return []
        seen_as_month = Month.of(year, month)
        return [day for rule in self._day_rules for day in rule(seen_as_month)]


def _has(ordered: list[int], number: int) -> bool:
    place = bisect_left(ordered, number)
    return place < len(ordered) and ordered[place] == number
