"""Input and output processing: which part of its input a state works with, and where its result goes.

`InputPath`, then `Parameters`, then the work itself, `ResultSelector`, `ResultPath` and `OutputPath`.
https://states-language.net/spec.html#filters
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fogline.aws.jsonpath import (
    InvalidPath,
    Path,
    PathFailed,
    ReferencePath,
    compile_path,
    compile_reference,
)
from fogline.aws.states.expressions import invalid_path, variables_of
from fogline.aws.states.failures import (
    RESULT_PATH_MATCH_FAILURE,
    InvalidExpression,
    StateFailed,
)
from fogline.aws.states.payload_templates import PayloadTemplate, compile_template
from fogline.aws.states.scope import Scope
from fogline.aws.states.texts import json_text

_WHOLE = "$"


def read_path(path: Path, scope: Scope) -> Any:
    """What a field such as `ItemsPath` or `TimeoutSecondsPath` names. Raises StateFailed.

    Recorded: INVALID_JSONPATH_IN_TIMEOUTSECONDSPATH.
    """
    try:
        return scope.value(path)
    except PathFailed as failed:
        raise invalid_path(path.text, failed) from None


@dataclass(frozen=True, slots=True)
class Processing:
    """What a state does to its input and output. Safe to use from any thread."""

    input_path: Path | None
    """None where the field is null: the state works with an empty object."""
    parameters: PayloadTemplate | None
    result_selector: PayloadTemplate | None
    result_path: ReferencePath | None
    """None where the field is null: the result is dropped."""
    output_path: Path | None

    @property
    def variables(self) -> set[str]:
        """The names of the variables that its fields read."""
        paths = [path for path in (self.input_path, self.output_path) if path is not None]
        templates = [one for one in (self.parameters, self.result_selector) if one is not None]
        return variables_of(paths).union(*(template.variables for template in templates))

    def effective_input(self, scope: Scope) -> Any:
        """The input after `InputPath`. Raises StateFailed."""
        return _selected(self.input_path, scope)

    def task_input(self, scope: Scope) -> Any:
        """What the state works with: its input after `InputPath` and `Parameters`. Raises StateFailed."""
        selected = _selected(self.input_path, scope)
        if self.parameters is None:
            return selected
        return self.parameters.apply(scope.with_input(selected))

    def selected_result(self, scope: Scope, result: Any) -> Any:
        """The result after `ResultSelector`, which sees it as its input. Raises StateFailed."""
        if self.result_selector is None:
            return result
        return self.result_selector.apply(scope.with_input(result))

    def output(self, scope: Scope, result: Any) -> Any:
        """What the state passes on of a result (after `ResultSelector`); the scope's input is its raw one.

        Raises StateFailed.
        """
        combined = combined_with(self.result_path, scope.input, result)
        return _selected(self.output_path, scope.with_input(combined))


def combined_with(result_path: ReferencePath | None, raw_input: Any, result: Any) -> Any:
    """The raw input with the result at its `ResultPath`; also of a `Catch`. Raises StateFailed."""
    if result_path is None:
        return raw_input
    try:
        return result_path.set(raw_input, result)
    except PathFailed:
        raise StateFailed(
            RESULT_PATH_MATCH_FAILURE,
            f"Unable to apply ReferencePath {result_path.text} to input {json_text(raw_input)}",
        ) from None


def _selected(path: Path | None, scope: Scope) -> Any:
    if path is None:
        return {}
    if path.text == _WHOLE:
        return scope.input
    return read_path(path, scope)


# ---- compiling


def compile_processing(
    state: Mapping[str, Any], parameters_field: str = "Parameters"
) -> Processing:
    """What a state's own fields say (`ItemSelector` takes the place of `Parameters` in a Map's iterations).

    Raises InvalidExpression.
    """
    return Processing(
        input_path=_path_field(state, "InputPath"),
        parameters=_template_field(state, parameters_field),
        result_selector=_template_field(state, "ResultSelector"),
        result_path=compile_result_path(state),
        output_path=_path_field(state, "OutputPath"),
    )


def compile_result_path(fields: Mapping[str, Any]) -> ReferencePath | None:
    """The `ResultPath` of a state or of a `Catch`; `$` if there is none. Raises InvalidExpression."""
    text = fields.get("ResultPath", _WHOLE)
    if text is None:
        return None
    if not isinstance(text, str):
        raise InvalidExpression("ResultPath: a path is a string")
    try:
        return compile_reference(text)
    except InvalidPath as invalid:
        raise InvalidExpression(f"ResultPath: {invalid}") from None


def _path_field(state: Mapping[str, Any], field: str) -> Path | None:
    text = state.get(field, _WHOLE)
    if text is None:
        return None
    if not isinstance(text, str):
        raise InvalidExpression(f"{field}: a path is a string")
    try:
        return compile_path(text)
    except InvalidPath as invalid:
        raise InvalidExpression(f"{field}: {invalid}") from None


def _template_field(state: Mapping[str, Any], field: str) -> PayloadTemplate | None:
    if field not in state:
        return None
    try:
        return compile_template(state[field])
    except InvalidExpression as invalid:
        raise InvalidExpression(f"{field}{invalid}") from None
