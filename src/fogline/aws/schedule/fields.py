"""The six fields of a cron expression: numbers, names, lists, ranges, steps, and what only days understand."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

YEAR_MIN, YEAR_MAX = 1970, 2199

# fmt: off
_MONTHS = {
    "JAN": 1, "FEB": 2, "MAR": 3, "APR": 4, "MAY": 5, "JUN": 6,
    "JUL": 7, "AUG": 8, "SEP": 9, "OCT": 10, "NOV": 11, "DEC": 12,
}
# fmt: on
_WEEKDAYS = {"SUN": 1, "MON": 2, "TUE": 3, "WED": 4, "THU": 5, "FRI": 6, "SAT": 7}


class InvalidSchedule(ValueError):
    """A schedule expression that AWS would not take; the text is the reason."""


@dataclass(frozen=True, slots=True)
class Field:
    """What one field may hold."""

    name: str
    low: int
    high: int
    names: Mapping[str, int]

    def number(self, text: str) -> int:
        named = self.names.get(text.upper())
        if named is not None:
            return named
        if not (text.isascii() and text.isdigit() and len(text) <= 4):
            raise InvalidSchedule(f"{self.name}: {text!r} is not a value")
        number = int(text)
        if not self.low <= number <= self.high:
            raise InvalidSchedule(f"{self.name}: {text} is not between {self.low} and {self.high}")
        return number

    def values(self, text: str) -> frozenset[int]:
        """Every number that a list of values, ranges and steps names."""
        found: set[int] = set()
        for part in text.split(","):
            found.update(self.part(part))
        return frozenset(found)

    def part(self, text: str) -> Iterable[int]:
        """The numbers of one member of a list. A range whose end lies before its start goes round."""
        span, slash, step_text = text.partition("/")
        first, dash, last = span.partition("-")
        if span == "*":
            low, high = self.low, self.high
        elif dash:
            low, high = self.number(first), self.number(last)
        else:
            low = self.number(span)
            high = self.high if slash else low
        if high < low:
            high += self.high - self.low + 1
        numbers = range(low, high + 1, self._step(step_text) if slash else 1)
        return [n if n <= self.high else n - self.high + self.low - 1 for n in numbers]

    def _step(self, text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) <= 4) or int(text) == 0:
            raise InvalidSchedule(f"{self.name}: {text!r} is not a step")
        return int(text)


MINUTES = Field("minutes", 0, 59, {})
HOURS = Field("hours", 0, 23, {})
DAYS_OF_MONTH = Field("day-of-month", 1, 31, {})
MONTHS = Field("month", 1, 12, _MONTHS)
DAYS_OF_WEEK = Field("day-of-week", 1, 7, _WEEKDAYS)
YEARS = Field("year", YEAR_MIN, YEAR_MAX, {})


@dataclass(frozen=True, slots=True)
class Month:
    """One month as days see it."""

    first: int
    """The weekday of its first day, 1 for Sunday."""
    length: int

    @classmethod
    def of(cls, year: int, month: int) -> Month:
        monday_is_0, length = monthrange(year, month)
        return cls((monday_is_0 + 1) % 7 + 1, length)

    def weekday(self, day: int) -> int:
        return (self.first + day - 2) % 7 + 1

    def days_on(self, weekday: int) -> range:
        """The days that fall on a weekday."""
        return range((weekday - self.first) % 7 + 1, self.length + 1, 7)

    def working_day_near(self, day: int) -> int:
        """The day from Monday to Friday nearest to `day`, in this month."""
        weekday = self.weekday(day)
        if weekday == 7:
            return day - 1 if day > 1 else 3
        if weekday == 1:
            return day + 1 if day < self.length else day - 2
        return day


DayRule = Callable[[Month], Iterable[int]]
"""Which days of a month a member of a list of days stands for."""


def day_rules(days_of_month: str, days_of_week: str) -> list[DayRule]:
    """The rules of whichever day field is not `?`; exactly one of the two must be."""
    if (days_of_month == "?") == (days_of_week == "?"):
        raise InvalidSchedule("exactly one of day-of-month and day-of-week must be ?")
    if days_of_week == "?":
        return [_rule_of_month(part) for part in days_of_month.upper().split(",")]
    if "#" in days_of_week and "," in days_of_week:
        raise InvalidSchedule("day-of-week: # stands alone")
    return [_rule_of_week(part) for part in days_of_week.upper().split(",")]


def _rule_of_month(part: str) -> DayRule:
    if part == "L":
        return lambda month: (month.length,)
    if part == "LW":
        return lambda month: (month.working_day_near(month.length),)
    if part.endswith("W"):
        near = DAYS_OF_MONTH.number(part[:-1])
        return lambda month: (month.working_day_near(near),) if near <= month.length else ()
    days = sorted(DAYS_OF_MONTH.part(part))
    return lambda month: [day for day in days if day <= month.length]


def _rule_of_week(part: str) -> DayRule:
    if part == "L":
        return lambda month: month.days_on(7)  # the last day of the week
    name, hash_sign, nth_text = part.partition("#")
    if hash_sign:
        weekday = DAYS_OF_WEEK.number(name)
        if nth_text not in ("1", "2", "3", "4", "5"):
            raise InvalidSchedule(f"day-of-week: there is no {nth_text!r}th weekday in a month")
        nth = int(nth_text)
        return lambda month: month.days_on(weekday)[nth - 1 : nth]
    if part.endswith("L"):
        last = DAYS_OF_WEEK.number(part[:-1])
        return lambda month: month.days_on(last)[-1:]
    weekdays = sorted(DAYS_OF_WEEK.part(part))
    return lambda month: [day for weekday in weekdays for day in month.days_on(weekday)]
