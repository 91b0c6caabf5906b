"""Map and Parallel under test: everything but their branches and iterations, whose results the mock says."""

from __future__ import annotations

from typing import Any

from fogline.aws.states.machine import MapState
from fogline.services.stepfunctions.engine.compiled import CompiledState
from fogline.services.stepfunctions.engine.execution import Branch, Phase, Run
from fogline.services.stepfunctions.engine.fan_outs import FanOuts, items_of
from fogline.services.stepfunctions.engine.interpreter import Interpreter
from fogline.services.stepfunctions.engine.view import View
from fogline.services.stepfunctions.state_testing.inspection import Seen


class MockedFanOuts(FanOuts):
    """Begins them, and leaves the rest to whoever asks for what `begun` says."""

    def __init__(self, interpreter: Interpreter, seen: Seen) -> None:
        super().__init__(interpreter, NoMapRuns())
        self._seen = seen
        self.begun: View | None = None
        """What a state that was begun can see."""
        self.read_items: list[Any] | None = None
        """What an ItemReader is to have read."""
        self.items: list[Any] = []

    def begin(self, run: Run, branch: Branch, state: CompiledState, view: View) -> None:
        """Raises StateFailed."""
        if isinstance(state.model, MapState):
            self._begin_iterations(state, view)
        else:
            state.fields.task_input(view)
        branch.phase = Phase.JOINING
        branch.due_at = None
        self.begun = view

    def _begin_iterations(self, state: CompiledState, view: View) -> None:
        numbers = self._seen.numbers
        for name, read in (
            ("maxConcurrency", state.max_concurrency),
            ("toleratedFailureCount", state.tolerated_count),
            ("toleratedFailurePercentage", state.tolerated_percentage),
        ):
            if read is not None:
                numbers[name] = read(view)
        model = state.model
        assert isinstance(model, MapState), "it has iterations"
        if model.item_reader is not None and self.read_items is not None:
            self.items = self.read_items
        elif model.item_reader is None or model.items_path is not None:
            self.items = items_of(state, view)
            if not state.is_jsonata:
                self._seen.note("afterItemsPath", self.items)


class NoMapRuns:
    """Nothing is run (answers `DistributedMaps`)."""

    def begin(self, run: Run, branch: Branch, state: CompiledState, view: View) -> None:
        raise AssertionError("what is tested runs no iterations")

    def stop(self, run: Run, branch: Branch) -> None:
        raise AssertionError("none was begun")
