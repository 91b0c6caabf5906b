"""Tasks that take time: begun after the commit, performed beside the engine, and begun again after a crash."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fogline.background.supervisor import Run as RunWork
from fogline.services.stepfunctions.branches import Branches
from fogline.services.stepfunctions.engine.execution import Beginning
from fogline.services.stepfunctions.engine.performing import Performing
from fogline.services.stepfunctions.engine.tokens import Place
from fogline.services.stepfunctions.tasks.task import TaskFailed
from fogline.store.store import Store, Tx
from fogline.world.clock import SECOND

log = logging.getLogger("fogline.stepfunctions")

_IN_FLIGHT_MAX = 1_000
_TAKEN_PER_STEP_MAX = 100
_LEASE_MS = 30 * SECOND
"""How long others wait for a node that says nothing any more."""
_RENEW_MS = 10 * SECOND
_BROKEN = "Fogline could not perform the task: its log says why."

Begun = list[tuple[str, Beginning]]
"""Tasks to be performed once what is written is durable, by their executions."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a task ended."""

    result: Any = None
    failure: TaskFailed | None = None


EndTask = Callable[[Tx, Place, Outcome], Begun]


class TaskRunner:
    """Performs tasks. Each is leased to this node for as long as it says so, in the rows of its branch."""

    def __init__(
        self,
        store: Store,
        branches: Branches,
        performing: Performing,
        run_work: RunWork,
        end_task: EndTask,
    ) -> None:
        self._store = store
        self._branches = branches
        self._performing = performing
        self._run_work = run_work
        self._end_task = end_task
        self._in_flight: dict[tuple[str, int], str] = {}
        self._renew_at: int | None = None

    def room(self, begun: Begun) -> int:
        """How many tasks more can be begun besides these."""
        return _IN_FLIGHT_MAX - len(self._in_flight) - len(begun)

    def leased_until(self, now: int) -> int:
        """Until when a task begun now is this node's."""
        return now + _LEASE_MS

    def renew(self, tx: Tx, now: int) -> None:
        """Hold on to what is in hand."""
        if not self._in_flight:
            self._renew_at = None
        elif self._renew_at is None or now >= self._renew_at:
            self._branches.lease_tasks(tx, list(self._in_flight), now + _LEASE_MS)
            self._renew_at = now + _RENEW_MS

    def next_at(self) -> int | None:
        """When `renew` is to be called."""
        return self._renew_at if self._in_flight else None

    def take_due(self, tx: Tx, now: int, begun: Begun) -> list[tuple[str, int]]:
        """Tasks that nobody performs, as many as there is room for; they are this node's now."""
        room = min(self.room(begun), _TAKEN_PER_STEP_MAX)
        if room <= 0:
            return []  # one that ends wakes the loop
        # Where the task before it is just ending, it stays due: the next step takes it.
        found = self._branches.due_tasks(tx, now, room)
        due = [each for each in found if each not in self._in_flight]
        self._branches.lease_tasks(tx, due, self.leased_until(now))
        return due

    def begin(self, begun: Begun) -> None:
        """Perform these."""
        for execution, beginning in begun:
            self._in_flight[execution, beginning.branch] = beginning.attempt
            self._run_work(
                self._perform(execution, beginning), f"task of {beginning.work.execution_arn}"
            )

    async def _perform(self, execution: str, beginning: Beginning) -> None:
        key = (execution, beginning.branch)
        begun: Begun = []
        try:
            try:
                outcome = Outcome(await self._performing.perform_waiting(beginning.work))
            except TaskFailed as failed:
                outcome = Outcome(failure=failed)
            except Exception:
                log.exception("A task of %s broke", beginning.work.execution_arn)
                outcome = Outcome(failure=TaskFailed("States.Runtime", _BROKEN))
            place = Place(execution, beginning.branch, beginning.attempt)
            begun = await self._store.transact(lambda tx: self._end_task(tx, place, outcome))
        finally:
            if self._in_flight.get(key) == beginning.attempt:
                del self._in_flight[key]
        self.begin(begun)
