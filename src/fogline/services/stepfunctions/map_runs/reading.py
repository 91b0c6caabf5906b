"""Reading: the items that an ItemReader names become the inputs of children, kept chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice

from fogline.aws.states.failures import StateFailed
from fogline.aws.states.machine.model import MapState
from fogline.services.stepfunctions.distributed.batching import Input
from fogline.services.stepfunctions.distributed.items import (
    Chunk,
    add_chunks,
    chunks_of,
    remove_inputs,
)
from fogline.services.stepfunctions.distributed.limits import MapRunLimits
from fogline.services.stepfunctions.distributed.reading import read_items
from fogline.services.stepfunctions.engine.compiled import CompiledState
from fogline.services.stepfunctions.engine.engine import Engine
from fogline.services.stepfunctions.engine.tokens import Place
from fogline.services.stepfunctions.engine.view import View
from fogline.services.stepfunctions.map_runs import tables
from fogline.services.stepfunctions.map_runs.bridge import Bridge, WorkStopped
from fogline.services.stepfunctions.map_runs.files import Files
from fogline.services.stepfunctions.map_runs.inputs import inputs_of
from fogline.services.stepfunctions.map_runs.map_run import MapRun, Phase
from fogline.store.store import Tx

_CHUNKS_TOGETHER = 16
"""How many are kept in one transaction."""


class ItemReading:
    """Of one map run, in a thread."""

    def __init__(self, engine: Engine, limits: MapRunLimits, run: MapRun, now: int) -> None:
        self._engine = engine
        self._limits = limits
        self._run = run
        self._now = now

    def read(self, bridge: Bridge, files: Files) -> MapRun:
        """Keep all inputs; the map run with its totals. Raises StateFailed, WorkStopped."""
        run = self._run
        while not bridge.transact(lambda tx: remove_inputs(tx, run.id)):
            pass  # what was half read by one that died
        place = Place(run.execution, run.branch, run.attempt)
        seen = bridge.transact(lambda tx: self._engine.view_at(tx, place, self._now))
        if seen is None:
            raise WorkStopped
        chunks = chunks_of(self._inputs(*seen, files), limits=self._limits)
        count = items = 0
        while some := list(islice(chunks, _CHUNKS_TOGETHER)):
            bridge.transact(partial(self._keep, chunks=some))
            count = some[-1].last_index + 1
            items += sum(chunk.items for chunk in some)
        run.executions.total, run.items.total = count, items
        return run

    def _inputs(self, state: CompiledState, view: View, files: Files) -> Iterator[Input]:
        model, settings = state.model, self._run.settings
        assert isinstance(model, MapState), "only Maps read items"
        assert model.item_reader is not None, "its items are to be read"
        found = read_items(
            model.item_reader, settings.reader, files, settings.max_items, self._limits
        )
        try:
            yield from inputs_of(state, view, found, settings.read_batching(), self._limits)
        finally:
            close = getattr(found, "close", None)
            if close is not None:
                close()

    def _keep(self, tx: Tx, chunks: Iterable[Chunk]) -> None:
        require_phase(tx, self._run.arn, Phase.READING)
        add_chunks(tx, self._run.id, chunks)


def end_reading(tx: Tx, run: MapRun, failed: StateFailed | None, now: int) -> None:
    """All is read, or cannot be."""
    current = require_phase(tx, run.arn, Phase.READING)
    current.executions, current.items = run.executions, run.items
    current.phase = Phase.RUNNING
    if failed is not None:
        current.fail(failed.error, failed.cause)
        current.executions.total = current.items.total = 0
        current.phase = Phase.WRITING
    current.due_at = now
    tables.save(tx, current)


def require_phase(tx: Tx, arn: str, phase: str) -> MapRun:
    """The map run, held. Raises WorkStopped when it is in another phase by now."""
    current = tables.hold(tx, arn)
    if current is None or current.phase != phase:
        raise WorkStopped
    return current
