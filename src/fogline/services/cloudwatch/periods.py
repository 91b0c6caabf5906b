"""Periods: which lengths may be asked for, where the first begins, and how long numbers are kept at which."""

from __future__ import annotations

from dataclasses import dataclass

from fogline.world.clock import DAY, HOUR, MINUTE, SECOND

RETENTION = ((1, 3 * HOUR), (60, 15 * DAY), (300, 63 * DAY), (3600, 455 * DAY))
"""Periods in seconds, and the age up to which numbers are kept in them; then they go into the next."""

_SHORT = (1, 5, 10, 20, 30)


def is_period(seconds: int) -> bool:
    return seconds in _SHORT or (seconds > 0 and seconds % 60 == 0)


@dataclass(frozen=True, slots=True)
class Slots:
    """The periods from a start to an end. The end is not among them."""

    start: int
    end: int
    period: int
    """In seconds."""

    @property
    def length(self) -> int:
        return self.period * SECOND

    @property
    def count(self) -> int:
        return -(-(self.end - self.start) // self.length)

    def at(self, number: int) -> int:
        return self.start + number * self.length


def slots_of(start: int, end: int, period: int, now: int) -> Slots:
    """The periods that a request for `start` until `end` gets, which begin a little earlier."""
    if start < now - 63 * DAY:
        step = HOUR
    elif start < now - 15 * DAY:
        step = 5 * MINUTE
    elif period < 60:
        step = period * SECOND
    else:
        step = MINUTE
    return Slots(start - start % step, end, period)


def oldest_in(period: int, now: int) -> int:
    """The earliest instant whose numbers can still be told apart in periods of so many seconds."""
    if period % 60:
        return now - 3 * HOUR
    if period % 300:
        return now - 15 * DAY
    if period % 3600:
        return now - 63 * DAY
    return now - 455 * DAY
