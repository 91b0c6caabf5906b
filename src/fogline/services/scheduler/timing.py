"""When a schedule is due: its expression, from its start date to its end date, moved about in its window.

An invocation that was missed (the platform was down, the machine slept, a single time had passed when the schedule
was created or enabled again) is made late, as long as it is younger than the target's maximum event age. Of
several missed ones of a recurring schedule only the first is made: nobody wants a night's worth of five-minute jobs
at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fogline.aws.schedule import Once, Rate, Schedule, parse_schedule
from fogline.world.clock import MINUTE, SECOND

_DECIDING = (
    "ScheduleExpression",
    "ScheduleExpressionTimezone",
    "StartDate",
    "EndDate",
    "State",
    "FlexibleTimeWindow",
)


def parse(expression: str, zone: str) -> Schedule:
    """An expression as EventBridge Scheduler takes it. Raises InvalidSchedule, UnknownZone."""
    return parse_schedule(expression, zone=zone, allow_at=True, any_plural=True)


@dataclass(frozen=True, slots=True)
class Timing:
    """What of a schedule says when it is due."""

    schedule: Schedule
    anchor: int
    start: int | None
    end: int | None
    window: int
    age_max: int

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Timing:
        schedule = parse(document["ScheduleExpression"], document["ScheduleExpressionTimezone"])
        is_once = isinstance(schedule, Once)
        return cls(
            schedule=schedule,
            anchor=document["Anchor"],
            start=None if is_once else document.get("StartDate"),
            end=None if is_once else document.get("EndDate"),
            window=document["FlexibleTimeWindow"].get("MaximumWindowInMinutes", 0) * MINUTE,
            age_max=document["Target"]["RetryPolicy"]["MaximumEventAgeInSeconds"] * SECOND,
        )

    def first(self, now: int, made: int) -> int | None:
        """What is due first for a schedule that is created, changed or enabled at `now`."""
        if isinstance(self.schedule, Once):
            after = now - self.age_max - 1
        elif isinstance(self.schedule, Rate):
            after = now - 1  # a rate begins at once
        else:
            after = now
        return self.next(max(after, made))

    def next(self, after: int) -> int | None:
        """The first time after an instant, within the dates."""
        if self.start is not None:
            after = max(after, self.start - 1)
        occurrence = self.schedule.next_after(after, self.anchor)
        if occurrence is None or (self.end is not None and occurrence > self.end):
            return None
        return occurrence

    def still_due(self, occurrence: int, now: int) -> int | None:
        """That time, or where it is too old the next one that is not; it may lie ahead."""
        oldest = now - self.age_max - self.window
        return occurrence if occurrence >= oldest else self.next(oldest - 1)

    def following(self, occurrence: int, now: int) -> int | None:
        """The time after that one, past those that were missed."""
        found = self.next(occurrence)
        if found is not None and found + self.window <= now:
            found = self.next(now - self.window)
        return found

    def due_at(self, occurrence: int, fraction: float) -> int:
        """When it is made: somewhere in its window."""
        return occurrence + int(self.window * fraction)


def anchor_of(document: Mapping[str, Any], before: Mapping[str, Any] | None, now: int) -> int:
    """Where a rate begins to count: at its start date, or when it was given."""
    same = ("ScheduleExpression", "StartDate")
    if before is not None and all(before.get(name) == document.get(name) for name in same):
        anchor: int = before["Anchor"]
        return anchor
    start: int | None = document.get("StartDate")
    return now if start is None else start


def is_timed_alike(document: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """True when a change leaves alone when the schedule is due."""
    return all(document.get(name) == before.get(name) for name in _DECIDING)


def keeps_expression(document: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """True when what was made already under the old description counts under the new one."""
    return all(document.get(name) == before.get(name) for name in _DECIDING[:2])
