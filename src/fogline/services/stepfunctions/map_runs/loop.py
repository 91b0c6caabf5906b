"""The loop of map runs: counts children that ended, starts others, and begins what is done by coroutines.

A map run is a row. In a step it is taken, its news are counted, and what follows is done, all in one transaction.
Reading items and writing results take time: a row says until when a node does so, and afterwards it is begun again.
"""

from __future__ import annotations

import logging

from fogline.background.supervisor import Run as RunWork
from fogline.services.stepfunctions.distributed.failures import ToleranceExceeded
from fogline.services.stepfunctions.distributed.items import read_inputs, remove_inputs
from fogline.services.stepfunctions.map_runs import tables
from fogline.services.stepfunctions.map_runs.children import Children
from fogline.services.stepfunctions.map_runs.map_run import MapRun, Phase, Status, index_of
from fogline.services.stepfunctions.map_runs.runs import TOPIC
from fogline.services.stepfunctions.map_runs.works import Works
from fogline.store.store import Store, StoreFailure, Tx
from fogline.world.clock import MINUTE, SECOND

log = logging.getLogger("fogline.stepfunctions")

RUNNING_MAX = 50
"""How many children of a map run are under way at once, however many it allows: one machine is not AWS."""
_ROOM_MIN = 16
"""Where that bound is the narrower one, children are started by so many, not one by one."""
_TAKEN_PER_STEP_MAX = 50
_NEWS_PER_STEP_MAX = 500
_STOPPED_PER_STEP_MAX = 50
_LEASE_MS = 30 * SECOND
_RENEW_MS = 10 * SECOND
_TAKEN_BY_OTHERS_MS = 100
"""Until it is seen again whether another node has let go of a map run."""
_PAUSE_AFTER_BUG_MS = 5 * MINUTE


class MapRunLoop:
    """A Loop."""

    name = "stepfunctions.map_runs"
    topics: tuple[str, ...] = (TOPIC,)

    def __init__(
        self,
        store: Store,
        children: Children,
        works: Works,
        run_work: RunWork,
        retained_ms: int,
    ) -> None:
        self._store = store
        self.children = children
        self._works = works
        self._run_work = run_work
        self._retained_ms = retained_ms
        self._renew_at: int | None = None
        self._has_begun = False

    def step(self, now: int) -> int | None:
        begun: list[MapRun] = []
        with self._store.write() as tx:
            if not self._has_begun:
                # Whoever worked before was this process' forerunner.
                if not self._store.is_shared:
                    tables.release_all(tx)
                self._has_begun = True
            self._renew(tx, now)
            arns = dict.fromkeys(tables.with_news(tx, _TAKEN_PER_STEP_MAX))
            arns.update(dict.fromkeys(tables.due(tx, now, _TAKEN_PER_STEP_MAX)))
            soonest = [self._advance(tx, arn, now, begun) for arn in arns]
            soonest.append(tables.next_due(tx, now))
        for run in begun:
            self._run_work(self._works.perform(run), f"{run.phase} of {run.arn}")
        if self._works.in_hand:
            soonest.append(self._renew_at or now + _RENEW_MS)
        return min((at for at in soonest if at is not None), default=None)

    def _renew(self, tx: Tx, now: int) -> None:
        if not self._works.in_hand:
            self._renew_at = None
        elif self._renew_at is None or now >= self._renew_at:
            tables.lease(tx, list(self._works.in_hand), now + _LEASE_MS)
            self._renew_at = now + _RENEW_MS

    def _advance(self, tx: Tx, arn: str, now: int, begun: list[MapRun]) -> int | None:
        """Do what is to be done for a map run; when to come again for more of it."""
        begun_before = len(begun)
        try:
            with self._store.write() as own:
                run = tables.take(own, arn)
                if run is None:
                    return self._miss(own, arn, now)
                return self._go_on(own, run, now, begun)
        except StoreFailure:
            raise
        except Exception:
            # A bug must not be met again without a pause, nor hold up all others.
            log.exception("Map run %s broke", arn)
            del begun[begun_before:]
            tables.postpone(tx, [arn], now + _PAUSE_AFTER_BUG_MS)
            return None

    def _miss(self, tx: Tx, arn: str, now: int) -> int | None:
        if tables.find(tx, arn) is not None:
            return now + _TAKEN_BY_OTHERS_MS
        tables.take_news(tx, arn, _NEWS_PER_STEP_MAX)  # of one that is forgotten
        return now

    # ---- one map run

    def _go_on(self, tx: Tx, run: MapRun, now: int, begun: list[MapRun]) -> int | None:
        if run.phase == Phase.ENDED and run.due_at is not None and run.due_at <= now:
            return self._forget(tx, run, now)
        is_more = self._count(tx, run)
        if run.phase in (Phase.READING, Phase.WRITING):
            self._begin_work(run, now, begun)
        elif run.phase == Phase.RUNNING:
            run.due_at = None
            self._run_children(tx, run, now, begun)
        if run.phase == Phase.STOPPING:
            run.due_at = None
            is_more |= self._stop_children(tx, run, now, begun)
        tables.save(tx, run)
        return now if is_more else None

    def _count(self, tx: Tx, run: MapRun) -> bool:
        """Count children that have ended; True when there may be more of them."""
        news = tables.take_news(tx, run.arn, _NEWS_PER_STEP_MAX)
        items = [1] * len(news)
        if run.is_batched:
            items = tables.items_of_children(tx, [one.execution for one in news])
        for one, count in zip(news, items, strict=True):
            run.executions.add_end(one.status, 1)
            run.items.add_end(one.status, count)
        return len(news) == _NEWS_PER_STEP_MAX

    def _run_children(self, tx: Tx, run: MapRun, now: int, begun: list[MapRun]) -> None:
        items = run.items
        if run.settings.tolerance.is_exceeded(items.unsuccessful, items.total):
            exceeded = ToleranceExceeded()
            run.fail(exceeded.error, exceeded.cause)
            run.phase = Phase.STOPPING
            return
        if run.executions.redriving:
            self._restart(tx, run, now)
        count = min(self._room(run), run.executions.pending)
        if count:
            self._start(tx, run, count, now)
        elif not run.executions.pending and not run.executions.running:
            self._begin_writing(run, now, begun)

    def _room(self, run: MapRun) -> int:
        running, most = run.executions.running, run.settings.max_concurrency
        if 0 < most <= RUNNING_MAX:
            return max(most - running, 0)
        room = RUNNING_MAX - running
        waiting = run.executions.pending + run.executions.redriving
        return room if room >= min(_ROOM_MIN, waiting) else 0

    def _start(self, tx: Tx, run: MapRun, count: int, now: int) -> None:
        first = run.executions.started
        inputs = read_inputs(tx, run.id, first, count)
        assert len(inputs) == count, "all inputs are kept"
        self.children.start(tx, run, first, inputs, now)
        run.executions.started += count
        run.items.started += sum(given.items for given in inputs)

    def _restart(self, tx: Tx, run: MapRun, now: int) -> None:
        room = self._room(run)
        if not room:
            return
        found = tables.ended_unsuccessfully(tx, run.id, run.redriven_up_to, room)
        self.children.restart(tx, run, found, now)
        run.executions.redriving -= len(found)
        run.items.redriving -= sum(tables.items_of_children(tx, found))
        if len(found) < room:
            run.executions.give_up_redriving()
            run.items.give_up_redriving()
        else:
            run.redriven_up_to = index_of(found[-1]) + 1

    def _stop_children(self, tx: Tx, run: MapRun, now: int, begun: list[MapRun]) -> bool:
        """True when there is more to stop, or to count."""
        is_more = self.children.stop_some(tx, run, _STOPPED_PER_STEP_MAX, now)
        is_more |= self._count(tx, run)
        if is_more or run.executions.running:
            return is_more
        if run.status == Status.ABORTED:
            run.phase = Phase.ENDED
            run.due_at = now + self._retained_ms
        else:
            self._begin_writing(run, now, begun)
        return False

    def _begin_writing(self, run: MapRun, now: int, begun: list[MapRun]) -> None:
        run.phase, run.due_at = Phase.WRITING, now
        self._begin_work(run, now, begun)

    def _begin_work(self, run: MapRun, now: int, begun: list[MapRun]) -> None:
        """Begin what a coroutine does for it, unless that is being done, or too much else is."""
        if run.due_at is None or run.due_at > now:
            return
        if run.arn in self._works.in_hand:
            run.due_at = now + _LEASE_MS
        elif self._works.has_room(len(begun)):
            run.due_at = now + _LEASE_MS
            begun.append(run)
        else:
            run.due_at = now + _TAKEN_BY_OTHERS_MS

    def _forget(self, tx: Tx, run: MapRun, now: int) -> int | None:
        if not remove_inputs(tx, run.id):
            return now
        tables.remove(tx, run.arn)
        return None
