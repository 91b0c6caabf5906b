"""The fields of a state that speaks JSONPath: `Parameters`, `ResultSelector`, `Assign` and the paths.

https://states-language.net/spec.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.states.failures import RUNTIME, StateFailed
from fogline.aws.states.machine.model import ABSENT, Catcher, State
from fogline.aws.states.paths import (
    Processing,
    combined_with,
    compile_processing,
    compile_result_path,
)
from fogline.aws.states.payload_templates import PayloadTemplate, compile_template
from fogline.services.stepfunctions.engine.view import View

_FIELDS = {
    "input_path": "InputPath",
    "parameters": "Parameters",
    "result_selector": "ResultSelector",
    "result_path": "ResultPath",
    "output_path": "OutputPath",
}


class JsonPathFields:
    """What a state makes of its input and of its result."""

    __slots__ = ("_assign", "_processing", "is_plain")

    def __init__(self, state: State) -> None:
        fields = {
            name: value
            for attribute, name in _FIELDS.items()
            if (value := getattr(state, attribute, ABSENT)) is not ABSENT
        }
        self._processing: Processing = compile_processing(fields)
        self._assign = _assignment(getattr(state, "assign", None))
        self.is_plain = (
            self._assign is None
            and fields.get("InputPath", "$") == "$"
            and fields.get("OutputPath", "$") == "$"
            and "Parameters" not in fields
        )
        """True where the input is what the state works with, and its result after `ResultPath` the output."""

    def effective_input(self, view: View) -> Any:
        """The input after `InputPath`. Raises StateFailed."""
        return self._processing.effective_input(view.scope)

    def task_input(self, view: View) -> Any:
        """What the state works with. Raises StateFailed."""
        return self._processing.task_input(view.scope)

    def output(self, view: View, result: Any) -> Any:
        """What the state passes on. Raises StateFailed."""
        selected = self._processing.selected_result(view.scope, result)
        return self._processing.output(view.scope, selected)

    def assigned(self, view: View, result: Any) -> dict[str, Any] | None:
        """The variables that the state sets; `$` is its result there. Raises StateFailed."""
        if self._assign is None:
            return None
        return _assigned(self._assign, view, result)


class JsonPathCatch:
    """What a `Catch` passes on, and sets."""

    __slots__ = ("_assign", "_result_path")

    def __init__(self, catcher: Catcher) -> None:
        self._result_path = compile_result_path({"ResultPath": catcher.result_path})
        self._assign = _assignment(catcher.assign)

    def output(self, view: View, error_output: Any) -> Any:
        return combined_with(self._result_path, view.input, error_output)

    def assigned(self, view: View, error_output: Any) -> dict[str, Any] | None:
        return None if self._assign is None else _assigned(self._assign, view, error_output)


class JsonPathAssignment:
    """The `Assign` of a choice rule."""

    __slots__ = ("_assign",)

    def __init__(self, assign: Any) -> None:
        self._assign = _assignment(assign)

    def output(self, view: View, result: Any) -> Any:
        return result

    def assigned(self, view: View, result: Any) -> dict[str, Any] | None:
        return None if self._assign is None else _assigned(self._assign, view, result)


def _assignment(assign: Any) -> PayloadTemplate | None:
    return None if assign is None or assign is ABSENT else compile_template(assign)


def _assigned(template: PayloadTemplate, view: View, result: Any) -> dict[str, Any]:
    assigned = template.apply(view.scope.with_input(result))
    if not isinstance(assigned, Mapping):
        raise StateFailed(RUNTIME, "The Assign field must be an object.")
    return dict(assigned)
