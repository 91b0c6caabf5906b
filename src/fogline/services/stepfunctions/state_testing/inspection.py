"""What is seen of a state while it works: its data after each of its fields, in place of which these stand.

They do what the fields of any state do, and note what comes of it.
"""

from __future__ import annotations

import contextlib
from typing import Any

from fogline.aws.states.failures import StateFailed
from fogline.aws.states.paths import combined_with
from fogline.services.stepfunctions.engine.compiled import Catch, CompiledState
from fogline.services.stepfunctions.engine.jsonata_fields import JsonataFields
from fogline.services.stepfunctions.engine.jsonpath_fields import JsonPathFields
from fogline.services.stepfunctions.engine.view import View

_FAN_OUTS = frozenset({"Parallel", "Map"})
_WITH_PARAMETERS = frozenset({"Task", "Pass"})


class Seen:
    """Values by the members of `inspectionData` that show them, and the catcher that caught."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.texts: dict[str, str] = {}
        """Others that are known as texts alone."""
        self.numbers: dict[str, Any] = {}
        self.caught_by: int | None = None

    def note(self, member: str, value: Any) -> None:
        self.values[member] = value


def watch(state: CompiledState, seen: Seen) -> None:
    """Let the state be seen."""
    if state.is_jsonata:
        state.fields = _WatchedJsonata(state, seen)
    else:
        state.fields = _WatchedJsonPath(state, seen)
    state.catches = tuple(
        (catcher, _WatchedCatch(catch, at, seen))
        for at, (catcher, catch) in enumerate(state.catches)
    )
    state.passes_through = False


class _WatchedJsonata(JsonataFields):
    __slots__ = ("_seen", "_shows_input", "_shows_result")

    def __init__(self, state: CompiledState, seen: Seen) -> None:
        super().__init__(state.model)
        self._seen = seen
        self._shows_input = state.type == "Task" or self._arguments is not None
        self._shows_result = state.type == "Task"

    def task_input(self, view: View) -> Any:
        given = super().task_input(view)
        if self._shows_input:
            self._seen.note("afterArguments", given)
        return given

    def assigned(self, view: View, result: Any) -> dict[str, Any] | None:
        if self._shows_result:
            self._seen.note("result", result)
        return super().assigned(view, result)


class _WatchedJsonPath(JsonPathFields):
    __slots__ = ("_has_parameters", "_seen", "_type")

    def __init__(self, state: CompiledState, seen: Seen) -> None:
        super().__init__(state.model)
        self._seen = seen
        self._type = state.type
        # Recorded: test_io_parallel_state_mock_success, where the state has an InputPath.
        self._has_parameters = state.type in _WITH_PARAMETERS or (
            state.type == "Parallel" and self._processing.parameters is not None
        )

    def effective_input(self, view: View) -> Any:
        given = super().effective_input(view)
        if self._type not in _FAN_OUTS:
            self._seen.note("afterInputPath", given)
        return given

    def task_input(self, view: View) -> Any:
        self.effective_input(view)
        given = super().task_input(view)
        if self._has_parameters:
            self._seen.note("afterParameters", given)
        return given

    def assigned(self, view: View, result: Any) -> dict[str, Any] | None:
        if self._type == "Task":
            self._seen.note("result", result)
        return super().assigned(view, result)

    def output(self, view: View, result: Any) -> Any:
        if self._type in _FAN_OUTS or self._type in _WITH_PARAMETERS:
            if "afterInputPath" not in self._seen.values and self._type == "Pass":
                self._show_input(view)
            processing, scope = self._processing, view.scope
            result = processing.selected_result(scope, result)
            self._seen.note("afterResultSelector", result)
            combined = combined_with(processing.result_path, scope.input, result)
            self._seen.note("afterResultPath", combined)
            return processing.output(scope, result)
        return super().output(view, result)

    def _show_input(self, view: View) -> None:
        """What a Pass with a `Result` of its own would have worked with."""
        with contextlib.suppress(StateFailed):
            self.task_input(view)


class _WatchedCatch:
    """A catcher's fields."""

    def __init__(self, catch: Catch, at: int, seen: Seen) -> None:
        self._catch = catch
        self._at = at
        self._seen = seen

    def assigned(self, view: View, error_output: Any) -> dict[str, Any] | None:
        return self._catch.assigned(view, error_output)

    def output(self, view: View, error_output: Any) -> Any:
        output = self._catch.output(view, error_output)
        self._seen.caught_by = self._at
        return output
