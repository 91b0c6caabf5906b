"""Works: what takes time for map runs, done by coroutines beside their loop."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from fogline.aws.states.failures import RUNTIME, StateFailed
from fogline.ports.api import Api
from fogline.services.stepfunctions.distributed.limits import MapRunLimits
from fogline.services.stepfunctions.engine.engine import Engine
from fogline.services.stepfunctions.engine.tokens import Place
from fogline.services.stepfunctions.limits import Limits
from fogline.services.stepfunctions.map_runs import tables
from fogline.services.stepfunctions.map_runs.bridge import Bridge, WorkStopped, in_thread
from fogline.services.stepfunctions.map_runs.files import Files
from fogline.services.stepfunctions.map_runs.map_run import MapRun, Phase, Status
from fogline.services.stepfunctions.map_runs.reading import (
    ItemReading,
    end_reading,
    require_phase,
)
from fogline.services.stepfunctions.map_runs.runs import TOPIC
from fogline.services.stepfunctions.map_runs.writing import ResultWriting
from fogline.store.store import Store, StoreFailure, Tx
from fogline.world.clock import Clock
from fogline.world.ids import Ids

log = logging.getLogger("fogline.stepfunctions")

WORKS_MAX = 4
"""How many map runs are read or written at once."""
_BROKEN = "Fogline could not run the Map: its log says why."


class Works:
    """Reads items and writes results, each in a thread, and keeps what came of it."""

    def __init__(
        self,
        store: Store,
        engine: Engine,
        api: Api,
        clock: Clock,
        ids: Ids,
        limits: Limits,
        map_run_limits: MapRunLimits,
    ) -> None:
        self._store = store
        self._engine = engine
        self._api = api
        self._clock = clock
        self._ids = ids
        self._limits = limits
        self._map_run_limits = map_run_limits
        self._executor: ThreadPoolExecutor | None = None
        self.in_hand: set[str] = set()
        """The ARNs of map runs that are being worked for."""

    def has_room(self, more: int) -> bool:
        """True when another work may begin beside those and `more` others."""
        return len(self.in_hand) + more < WORKS_MAX

    async def perform(self, run: MapRun) -> None:
        """Read the items of the map run, or write its results, as its phase says."""
        if run.arn in self.in_hand:
            return
        self.in_hand.add(run.arn)
        try:
            end = await (self._read(run) if run.phase == Phase.READING else self._write(run))
        except WorkStopped:
            return
        finally:
            # Before its end is kept: what follows from that, another work for the same map run perhaps, begins at once.
            self.in_hand.discard(run.arn)
        with suppress(WorkStopped):
            await self._store.transact(end)

    async def _read(self, run: MapRun) -> Callable[[Tx], None]:
        """Read the items; what keeps that they are read. Raises WorkStopped."""
        reading = ItemReading(self._engine, self._map_run_limits, run, self._clock.now())
        failed: StateFailed | None = None
        try:
            await self._in_thread(run, reading.read)
        except StateFailed as failure:
            failed = failure

        def end(tx: Tx) -> None:
            end_reading(tx, run, failed, self._clock.now())
            tx.stir(TOPIC)

        return end

    async def _write(self, run: MapRun) -> Callable[[Tx], None]:
        """Write the results; what keeps that they are written. Raises WorkStopped."""
        place = Place(run.execution, run.branch, run.attempt)
        now = self._clock.now()
        seen = await self._store.transact(lambda tx: self._engine.view_at(tx, place, now))
        if seen is None:
            raise WorkStopped
        writing = ResultWriting(seen[0], self._map_run_limits, self._limits.payload_bytes_max, run)
        results: Any = None
        failed: StateFailed | None = None
        try:
            results = await self._in_thread(run, writing.write)
        except StateFailed as failure:
            failed = failure
        return lambda tx: self._end(tx, run, place, results, failed)

    def _end(
        self, tx: Tx, run: MapRun, place: Place, results: Any, failed: StateFailed | None
    ) -> None:
        """The map run has ended: tell the state. The execution's row is held before the map run's, as ever."""
        now = self._clock.now()
        if run.error is not None:
            failed = StateFailed(run.error, run.cause or "")
        if not self._engine.end_map_run(tx, place, results, failed, now):
            return
        current = require_phase(tx, run.arn, Phase.WRITING)
        current.phase, current.stopped_at = Phase.ENDED, now
        current.due_at = now + self._limits.retained_ms
        current.status = Status.SUCCEEDED if failed is None else Status.FAILED
        for tally in (current.executions, current.items):
            tally.written = tally.succeeded
        if failed is not None:
            current.fail(failed.error, failed.cause)
        tables.save(tx, current)
        tx.stir(TOPIC)

    async def _in_thread(self, run: MapRun, work: Any) -> Any:
        """Raises StateFailed, WorkStopped."""
        if self._executor is None:
            self._executor = ThreadPoolExecutor(WORKS_MAX, "fogline-map-run")

        def begin(bridge: Bridge) -> Any:
            return work(bridge, Files(bridge, self._api, self._clock, self._ids, run))

        try:
            return await in_thread(self._executor, self._store, begin)
        except (StateFailed, StoreFailure, WorkStopped):
            raise
        except Exception:
            log.exception("%s of %s broke", run.phase, run.arn)
            raise StateFailed(RUNTIME, _BROKEN) from None
