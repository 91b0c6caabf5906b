"""A flight: one Express execution on its way, in memory alone."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Any

from fogline.services.stepfunctions.engine.compiled import CompiledMachine
from fogline.services.stepfunctions.engine.execution import (
    UNREAD,
    Branch,
    Facts,
    Phase,
    Run,
)
from fogline.services.stepfunctions.engine.interpreter import Interpreter
from fogline.services.stepfunctions.engine.journal import Journal
from fogline.services.stepfunctions.tasks.task import TaskFailed
from fogline.world.clock import Alarm, Clock

_TRANSITIONS_PER_TURN_MAX = 100
"""Before others have their turn."""
_WOKEN = frozenset({Phase.ATTEMPTING, Phase.WAITING, Phase.WORKING})
"""What a branch is about that the clock may change."""


@dataclass(frozen=True, slots=True)
class TaskEnd:
    """How a task ended, and which attempt of which branch's it was."""

    branch: int
    attempt: str
    result: Any = None
    failure: TaskFailed | None = None


class Flight:
    """Moved by one coroutine at a time; what happens meanwhile waits in `ends` for its next turn."""

    __slots__ = (
        "_alarm",
        "_due",
        "_input_text",
        "_landed",
        "begun_at",
        "bug",
        "ends",
        "expires_at",
        "has_landed",
        "is_logged",
        "is_moving",
        "is_promised",
        "run",
    )

    def __init__(
        self,
        facts: Facts,
        machine: CompiledMachine,
        input_text: str,
        *,
        begun_at: int,
        expires_at: int,
        keeps_events: bool,
        is_promised: bool,
    ) -> None:
        self._input_text = input_text
        self.begun_at = begun_at
        self.expires_at = expires_at
        self.is_promised = is_promised
        """True for one that a row promises."""
        self.run = Run(facts, machine, Journal(2, keeps=keeps_events), 0, self)
        self.run.add_branch(None, 0, machine.start_at, UNREAD, input_text, 0)
        self.ends: deque[TaskEnd] = deque()
        self.is_moving = False
        self.is_logged = not keeps_events
        """False until its beginning is logged, where anything of it is to be."""
        self.has_landed = False
        self.bug: Exception | None = None
        self._alarm: Alarm | None = None
        self._landed: asyncio.Future[None] | None = None
        self._due: list[tuple[int, int]] = []

    # ---- the branches that are not in hand: there are none (this answers `Shelf`)

    def find(self, id: int) -> Branch | None:
        return None

    def children_of(self, parent: int) -> list[Branch]:
        return []

    def input_text(self) -> str:
        return self._input_text

    # ---- turns

    def turn(self, interpreter: Interpreter, now: int) -> None:
        """Go on a bounded way: with what can go on, else with tasks that ended and what the clock says."""
        run = self.run
        self._still()
        if now >= self.expires_at:
            interpreter.time_out(run, now)
            return
        if not run.queue:
            self._take_ends(interpreter, now)
            self._wake(interpreter, now)
        interpreter.go(run, now, _TRANSITIONS_PER_TURN_MAX)
        for id in run.touched:
            branch = run.branches.get(id)
            if branch is None or branch.due_at is None or branch.due_at <= now:
                continue
            if branch.phase in _WOKEN:
                heappush(self._due, (branch.due_at, id))
        run.touched.clear()

    def can_go_on(self, now: int) -> bool:
        """True when another turn would change something."""
        return bool(self.run.queue or self.ends or self.next_at <= now)

    @property
    def next_at(self) -> int:
        """When the clock changes something."""
        return min(self._due[0][0], self.expires_at) if self._due else self.expires_at

    def wait_for(self, clock: Clock, callback: Callable[[], None]) -> None:
        """Call back when the clock changes something."""
        self._still()
        self._alarm = clock.call_at(self.next_at, callback)

    def _still(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def land(self) -> None:
        """It has come to its end, and whoever waits for that is told."""
        self._still()
        self.has_landed = True
        if self._landed is not None and not self._landed.done():
            self._landed.set_result(None)

    async def until_landed(self) -> None:
        if not self.has_landed:
            self._landed = asyncio.get_running_loop().create_future()
            await self._landed

    def _take_ends(self, interpreter: Interpreter, now: int) -> None:
        run, ends = self.run, self.ends
        while ends and not run.has_ended:
            end = ends.popleft()
            branch = run.branch(end.branch)
            if branch is None or branch.phase is not Phase.WORKING:
                continue
            if branch.task is None or branch.task.attempt != end.attempt:
                continue  # it comes too late
            run.touched.add(branch.id)
            if end.failure is not None:
                interpreter.tasks.fail(run, branch, end.failure.error, end.failure.cause, now)
            else:
                interpreter.tasks.answer(run, branch, end.result, now)

    def _wake(self, interpreter: Interpreter, now: int) -> None:
        run, due = self.run, self._due
        while due and due[0][0] <= now and not run.has_ended:
            branch = run.branch(heappop(due)[1])
            # What the branch waited for then may be over.
            if branch is None or branch.due_at is None or branch.due_at > now:
                continue
            if branch.phase in _WOKEN:
                interpreter.wake(run, branch, now)
