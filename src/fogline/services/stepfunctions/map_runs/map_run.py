"""A map run: what it was asked to do, how far it is, and what its children are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fogline.services.stepfunctions.distributed.batching import Batching
from fogline.services.stepfunctions.distributed.tolerance import Tolerance

_PREFIX_DIGITS = 16
_CHANCE_DIGITS = 8


class Status:
    """Of a map run, as AWS names it."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    ABORTED = "ABORTED"


class Phase:
    """What is to be done for it."""

    READING = "READING"
    """Its items are read."""
    RUNNING = "RUNNING"
    """Its children run, or wait for their turn."""
    STOPPING = "STOPPING"
    """Children that still run are stopped."""
    WRITING = "WRITING"
    """The results are gathered, and the state is told."""
    ENDED = "ENDED"
    """Nothing, until it is forgotten or redriven."""


@dataclass(slots=True)
class Settings:
    """What the state's fields say, evaluated. UpdateMapRun changes the first three."""

    max_concurrency: int = 0
    tolerated_count: int = 0
    tolerated_percentage: float = 0.0
    reader: Any = None
    """The reader's arguments."""
    max_items: int = 0
    batching: dict[str, Any] | None = None
    writer: Any = None
    """The writer's arguments."""

    @property
    def tolerance(self) -> Tolerance:
        return Tolerance(self.tolerated_count, self.tolerated_percentage)

    def read_batching(self) -> Batching | None:
        return None if self.batching is None else Batching(**self.batching)


@dataclass(slots=True)
class Tally:
    """How many executions, or items, are in which state."""

    total: int = 0
    started: int = 0
    succeeded: int = 0
    failed: int = 0
    timed_out: int = 0
    aborted: int = 0
    redriving: int = 0
    """Those that ended without success and wait to be started again."""
    written: int = 0

    @property
    def pending(self) -> int:
        return self.total - self.started

    @property
    def unsuccessful(self) -> int:
        """What tolerance counts."""
        return self.failed + self.timed_out

    @property
    def running(self) -> int:
        ended = self.succeeded + self.failed + self.timed_out + self.aborted
        return self.started - ended - self.redriving

    def resume(self) -> None:
        """What ended without success waits to be started again."""
        self.redriving += self.failed + self.timed_out + self.aborted
        self.failed = self.timed_out = self.aborted = self.written = 0

    def give_up_redriving(self) -> None:
        """What still waits stays as it was: failed."""
        self.failed += self.redriving
        self.redriving = 0

    def add_end(self, status: str, count: int) -> None:
        """So many ended like that."""
        if status == "SUCCEEDED":
            self.succeeded += count
        elif status == "FAILED":
            self.failed += count
        elif status == "TIMED_OUT":
            self.timed_out += count
        else:
            self.aborted += count


@dataclass(slots=True)
class MapRun:
    """A map run as it is kept."""

    id: str
    arn: str
    account: str
    region: str
    execution: str
    """The id of the execution that it belongs to."""
    branch: int
    attempt: str
    """Branch and attempt of the Map state that waits for it."""
    status: str
    phase: str
    due_at: int | None
    """When something is to be done without having been told; in READING and WRITING also: until when a node does it."""
    started_at: int
    stopped_at: int | None
    redrives: int
    redriven_at: int | None
    error: str | None
    cause: str | None
    settings: Settings
    facts: Mapping[str, Any]
    """`state`, `execution_arn`, `definition`, `is_express`, and what else its children are started with."""
    executions: Tally = field(default_factory=Tally)
    items: Tally = field(default_factory=Tally)
    redriven_up_to: int = 0
    """Children with smaller indexes have been started again, those that were to be."""

    @property
    def is_resumable(self) -> bool:
        """True when it failed in a way that leaves something to go on with."""
        return self.executions.total > 0 or self.settings.reader is not None

    @property
    def machine(self) -> str:
        """The name of its children's machine: `machine/label`."""
        return self.arn.split(":")[6]

    @property
    def machine_arn(self) -> str:
        return f"arn:aws:states:{self.region}:{self.account}:stateMachine:{self.machine}"

    @property
    def is_batched(self) -> bool:
        return self.settings.batching is not None

    def resume(self, attempt: str, now: int) -> None:
        """Go on after a failure: children that ended without success are started again, others for the first time."""
        self.status, self.attempt, self.stopped_at = Status.RUNNING, attempt, None
        self.phase = Phase.RUNNING if self.executions.total else Phase.READING
        self.error = self.cause = None
        self.redrives += 1
        self.redriven_at = self.due_at = now
        self.redriven_up_to = 0
        for tally in (self.executions, self.items):
            tally.resume()

    def fail(self, error: str, cause: str) -> None:
        """It has failed; what failed first is told."""
        if self.error is None:
            self.error, self.cause = error, cause


def child_id(map_run: str, index: int) -> str:
    """The id of the execution with that index: ids of a map run's children are in the order of its inputs."""
    chance = map_run[_PREFIX_DIGITS : _PREFIX_DIGITS + _CHANCE_DIGITS]
    return f"{map_run[:_PREFIX_DIGITS]}{chance}{index:08x}"


def index_of(execution: str) -> int:
    """The index of a child, from its id."""
    return int(execution[-8:], 16)
