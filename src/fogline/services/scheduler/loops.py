"""Work nobody asked for: schedules that are due are fired."""

from __future__ import annotations

from fogline.services.scheduler.firing import fire
from fogline.services.scheduler.service import TOPIC, Scheduler

_FIRED_PER_STEP_MAX = 100


class Firing:
    """Fires what is due and sleeps until something is: idle schedules cost nothing, however many.

    Rows are taken, so that of several nodes on one store only one fires a schedule, in the transaction that
    says when it is due next.
    """

    name = "scheduler.firing"
    topics: tuple[str, ...] = (TOPIC,)

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler

    def step(self, now: int) -> int | None:
        scheduler = self._scheduler
        with scheduler.store.write() as tx:
            taken = scheduler.tables.take_due(tx, now, _FIRED_PER_STEP_MAX)
            for address, due in taken:
                fire(scheduler, tx, address, due, now)
            if taken and scheduler.store.is_shared:
                tx.stir(TOPIC)  # other nodes, too, must know when these are due next
            if len(taken) == _FIRED_PER_STEP_MAX:
                return now
            return scheduler.tables.next_due_at(tx, now)
