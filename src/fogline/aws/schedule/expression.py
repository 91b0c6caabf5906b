"""Schedule expressions: what one says, and when it is due next."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from typing import Protocol

from fogline.aws.schedule.cron import Cron
from fogline.aws.schedule.fields import InvalidSchedule
from fogline.aws.schedule.zones import find_zone, instant_at
from fogline.world.clock import DAY, HOUR, MINUTE

_EXPRESSION = re.compile(r"(rate|cron|at)\((\S(?:.*\S)?)\)", re.ASCII)
_RATE = re.compile(r"([0-9]{1,9})\s+(minute|hour|day)(s?)", re.ASCII)
_AT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}", re.ASCII)
_UNITS = {"minute": MINUTE, "hour": HOUR, "day": DAY}
_CHARACTERS_MAX = 256


class Schedule(Protocol):
    """When something is due."""

    def next_after(self, instant: int, anchor: int = 0) -> int | None:
        """The first time after `instant` (milliseconds), or None when there is none.

        `anchor` is where a rate begins to count; it is its first time. Others do not look at it.
        """


class Rate:
    """Every so often, counted from an anchor. A day is 24 hours, whatever the time zone does."""

    def __init__(self, period: int) -> None:
        self.period = period

    def next_after(self, instant: int, anchor: int = 0) -> int | None:
        if instant < anchor:
            return anchor
        return anchor + ((instant - anchor) // self.period + 1) * self.period


class Once:
    """A single time."""

    def __init__(self, at: int) -> None:
        self.at = at

    def next_after(self, instant: int, anchor: int = 0) -> int | None:
        return self.at if instant < self.at else None


@lru_cache(maxsize=4_096)
def parse_schedule(
    text: str, *, zone: str = "UTC", allow_at: bool = False, any_plural: bool = False
) -> Schedule:
    """Understand an expression. Raises InvalidSchedule with a reason, or UnknownZone.

    EventBridge's rules want `rate(1 minute)` and `rate(2 minutes)`; EventBridge Scheduler takes either with any
    number, which is `any_plural`, and `at(...)`, which is `allow_at`.
    """
    there = find_zone(zone)
    shape = _EXPRESSION.fullmatch(text) if len(text) <= _CHARACTERS_MAX else None
    if shape is None:
        raise InvalidSchedule("an expression is rate(...), cron(...) or at(...)")
    kind, inside = shape.groups()
    if kind == "rate":
        return _parse_rate(inside, any_plural)
    if kind == "cron":
        return Cron(inside, there)
    if not allow_at:
        raise InvalidSchedule("at(...) is not taken here")
    try:
        at = instant_at(_parse_at(inside), there)
    except OverflowError:
        raise InvalidSchedule("a time lies between the years 1 and 9999") from None
    if at is None:
        raise InvalidSchedule("daylight saving skips that time")
    return Once(at)


def _parse_rate(text: str, any_plural: bool) -> Rate:
    shape = _RATE.fullmatch(text)
    if shape is None:
        raise InvalidSchedule("a rate is a number and a unit: minutes, hours or days")
    value, unit, plural = int(shape[1]), shape[2], shape[3]
    if value == 0:
        raise InvalidSchedule("a rate is at least 1")
    if not any_plural and (value == 1) == bool(plural):
        raise InvalidSchedule("the unit is singular for 1, and plural for more")
    return Rate(value * _UNITS[unit])


def _parse_at(text: str) -> datetime:
    if not _AT.fullmatch(text):
        raise InvalidSchedule("a time is yyyy-mm-ddThh:mm:ss")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidSchedule(str(error)) from None
