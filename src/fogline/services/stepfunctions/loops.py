"""What happens without being asked: executions are forgotten long after their end."""

from __future__ import annotations

from fogline.services.stepfunctions.executions import Executions
from fogline.services.stepfunctions.limits import Limits
from fogline.store.store import Store
from fogline.world.clock import DAY, SECOND
from fogline.world.ids import ordered_from

_REMOVED_PER_STEP_MAX = 50


class Forgetting:
    """Removes executions, with their histories, that nobody may see any more, and offers that nobody took (a Loop)."""

    name = "stepfunctions.forgetting"
    topics: tuple[str, ...] = ()

    def __init__(self, store: Store, executions: Executions, limits: Limits) -> None:
        self._store = store
        self._executions = executions
        self._limits = limits

    def step(self, now: int) -> int | None:
        retained = self._limits.retained_ms
        # No execution runs longer than that: whoever offered has ended.
        offered_since = ordered_from(max(now - self._limits.standard_seconds_max * SECOND - DAY, 0))
        with self._store.write() as tx:
            removed = self._executions.remove_ended(tx, now - retained, _REMOVED_PER_STEP_MAX)
            removed += self._executions.offers.remove(tx, offered_since, _REMOVED_PER_STEP_MAX)
            first_end = self._executions.first_end(tx)
        if removed:
            return now
        soonest = now + DAY
        return soonest if first_end is None else min(soonest, first_end + retained + 1)
