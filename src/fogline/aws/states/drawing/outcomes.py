"""How a state, its items and a whole execution went, as far as they are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    NOT_REACHED = "not reached"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    CAUGHT = "caught"
    """It failed, and a Catch went on from there."""
    FAILED = "failed"
    STOPPED = "stopped"
    """It was still running when something else ended it."""


@dataclass(slots=True)
class Items:
    """The items of a Map: of its iterations, or of the children of its run."""

    total: int = 0
    started: int = 0
    succeeded: int = 0
    failed: int = 0
    aborted: int = 0

    @property
    def ended(self) -> int:
        return self.succeeded + self.failed + self.aborted


@dataclass(slots=True)
class StateProgress:
    """What happened in one state, in all its visits together. Input, output and error are of the last visit."""

    name: str
    status: Status = Status.NOT_REACHED
    entered: int = 0
    exited: int = 0
    running: int = 0
    caught: int = 0
    failed: int = 0
    attempts: int = 0
    """How often its work was begun; more often than it was entered where it was tried again."""
    started_at: int | None = None
    ended_at: int | None = None
    busy: int = 0
    """Milliseconds in all visits that ended."""
    ended: int = 0
    input: str | None = None
    output: str | None = None
    error: str | None = None
    cause: str | None = None
    items: Items | None = None
    map_run_arn: str | None = None
    round: object = None

    @property
    def duration(self) -> int | None:
        """Milliseconds of a visit (on average, where several ended); None before the first has ended."""
        return round(self.busy / self.ended) if self.ended else None

    @property
    def retries(self) -> int:
        return max(self.attempts - self.entered, 0)


@dataclass(slots=True)
class ExecutionProgress:
    """What happened to the whole. `status` is AWS's word."""

    status: str = "RUNNING"
    started_at: int | None = None
    ended_at: int | None = None
    input: str | None = None
    output: str | None = None
    error: str | None = None
    cause: str | None = None
    redrives: int = 0
