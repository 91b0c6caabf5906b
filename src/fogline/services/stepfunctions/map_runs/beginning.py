"""How a distributed Map begins: its fields are evaluated, and a map run is noted for whoever keeps the execution."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fogline.aws.states.failures import StateFailed
from fogline.aws.states.machine.model import MapState
from fogline.services.stepfunctions.distributed.item_selection import STATE_DATA
from fogline.services.stepfunctions.distributed.limits import MapRunLimits
from fogline.services.stepfunctions.distributed.map_fields import (
    batching,
    max_items,
    service_arguments,
)
from fogline.services.stepfunctions.distributed.reading import Item
from fogline.services.stepfunctions.engine.compiled import CompiledState
from fogline.services.stepfunctions.engine.execution import Branch, Phase, Run, TaskInHand
from fogline.services.stepfunctions.engine.fan_outs import items_of
from fogline.services.stepfunctions.engine.map_states import BegunMapRun
from fogline.services.stepfunctions.engine.view import View
from fogline.services.stepfunctions.map_runs.inputs import effective_view, inputs_of
from fogline.services.stepfunctions.map_runs.labels import label_of
from fogline.services.stepfunctions.map_runs.map_run import Settings
from fogline.world.ids import Ids

_ATTEMPT_DIGITS = 24


class MapRunBeginning:
    """Answers `DistributedMaps`."""

    def __init__(self, ids: Ids, limits: MapRunLimits) -> None:
        self._ids = ids
        self._limits = limits

    def begin(self, run: Run, branch: Branch, state: CompiledState, view: View) -> None:
        """Raises StateFailed."""
        model = state.model
        assert isinstance(model, MapState), "only Maps are distributed"
        items = items_of(state, view) if model.item_reader is None else None
        at_once = state.max_concurrency(view) if state.max_concurrency is not None else 0
        now = view.now
        branch.last_id = run.journal.add(
            now,
            "MapStateStarted",
            branch.last_id,
            "mapStateStartedEventDetails",
            {"length": 0 if items is None else len(items)},
        )
        settings = _settings(state, view, at_once)
        arn = self._arn(run, model)
        branch.last_id = run.journal.add(
            now,
            "MapRunStarted",
            branch.last_id,
            "mapRunStartedEventDetails",
            {"mapRunArn": arn},
        )
        attempt = self._ids.hex(_ATTEMPT_DIGITS)
        begun = BegunMapRun(arn, branch.id, attempt, state.name, settings)
        if items is not None:
            self._take_items(begun, state, view, items)
        run.map_runs.append(begun)
        branch.task = TaskInHand(attempt, None, None, None, awaits=arn)
        branch.phase = Phase.WORKING
        branch.due_at = None
        branch.is_body_changed = True

    def _take_items(
        self, begun: BegunMapRun, state: CompiledState, view: View, items: list[Any]
    ) -> None:
        found = (Item(item, STATE_DATA) for item in items)
        how = begun.settings.read_batching()
        try:
            begun.inputs = list(inputs_of(state, view, found, how, self._limits))
        except StateFailed as failed:
            begun.failure = failed

    def _arn(self, run: Run, model: MapState) -> str:
        facts = run.facts
        # A Map among the children of another one has a label beside theirs, not below it.
        machine = facts.machine_name.partition("/")[0]
        prefix = f"arn:aws:states:{facts.region}:{facts.account}:mapRun"
        return f"{prefix}:{machine}/{label_of(machine, model)}:{self._ids.uuid()}"


class NoMapRuns:
    """In Express executions, which have no map runs (answers `DistributedMaps`)."""

    def begin(self, run: Run, branch: Branch, state: CompiledState, view: View) -> None:
        from fogline.aws.states.failures import RUNTIME

        raise StateFailed(RUNTIME, "Distributed Maps run in Standard workflows only.")


def _settings(state: CompiledState, view: View, at_once: int) -> Settings:
    model, is_jsonata = state.model, state.is_jsonata
    assert isinstance(model, MapState), "only Maps are distributed"
    settings = Settings(max_concurrency=at_once)
    if state.tolerated_count is not None:
        settings.tolerated_count = state.tolerated_count(view)
    if state.tolerated_percentage is not None:
        settings.tolerated_percentage = state.tolerated_percentage(view)
    given = effective_view(state, view)
    if model.item_reader is not None:
        settings.reader = service_arguments(model.item_reader, given, is_jsonata=is_jsonata)
        settings.max_items = max_items(model.item_reader, given)
    if model.item_batcher is not None:
        settings.batching = asdict(batching(model.item_batcher, given, is_jsonata=is_jsonata))
    if model.result_writer is not None and model.result_writer.resource is not None:
        settings.writer = service_arguments(model.result_writer, given, is_jsonata=is_jsonata)
    return settings
