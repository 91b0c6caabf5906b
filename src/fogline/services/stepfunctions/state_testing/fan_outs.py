"""Map and Parallel under test: begun as ever, then left to whoever knows the mock; nothing inside them is run."""

from __future__ import annotations

from fogline.aws.states.machine import MapState
from fogline.services.stepfunctions.engine.compiled import CompiledState
from fogline.services.stepfunctions.engine.execution import Branch, Phase, Run
from fogline.services.stepfunctions.engine.fan_outs import FanOuts
from fogline.services.stepfunctions.engine.interpreter import Interpreter
from fogline.services.stepfunctions.engine.view import View
from fogline.services.stepfunctions.state_testing.inspection import Seen


class MockedFanOuts(FanOuts):
    """In place of that part of the interpreter."""

    def __init__(self, interpreter: Interpreter, seen: Seen) -> None:
        super().__init__(interpreter, NoMapRuns())
        self._seen = seen
        self.begun: View | None = None
        """What a state that was begun can see."""

    def begin(self, run: Run, branch: Branch, state: CompiledState, view: View) -> None:
        """Raises StateFailed."""
        if isinstance(state.model, MapState):
            self._read_numbers(state, view)
        else:
            state.fields.task_input(view)
        branch.phase = Phase.JOINING
        branch.due_at = None
        self.begun = view

    def _read_numbers(self, state: CompiledState, view: View) -> None:
        for member, read in (
            ("maxConcurrency", state.max_concurrency),
            ("toleratedFailureCount", state.tolerated_count),
            ("toleratedFailurePercentage", state.tolerated_percentage),
        ):
            if read is not None:
                self._seen.numbers[member] = read(view)


class NoMapRuns:
    """Nothing is run (answers `DistributedMaps`)."""

    def begin(self, run: Run, branch: Branch, state: CompiledState, view: View) -> None:
        raise AssertionError("what is tested runs no iterations")

    def stop(self, run: Run, branch: Branch) -> None:
        raise AssertionError("none was begun")
