"""Mocks: what takes the place of a state's work, a result or an error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fogline.aws.errors import ValidationException
from fogline.aws.states.machine import MapState, ParallelState, TaskState
from fogline.ports.api import Api
from fogline.services.stepfunctions.state_testing.mocked_results import STRICT, check_result
from fogline.services.stepfunctions.state_testing.states import Tested
from fogline.services.stepfunctions.state_testing.texts import NOT_JSON, Texts, find_json


@dataclass(frozen=True, slots=True)
class Mock:
    """What the work comes to; an error where `is_failure`."""

    result: Any = None
    is_failure: bool = False
    error: str | None = None
    cause: str | None = None


def read_mock(api: Api, tested: Tested, given: Mapping[str, Any], texts: Texts) -> Mock:
    """The mock of a request. Raises ValidationException."""
    if not isinstance(tested.state, TaskState | MapState | ParallelState):
        raise ValidationException(
            "A mock can only be specified for Task, Map, or Parallel states. "
            f"The state under test is of type {tested.state.type}."
        )
    output, error = given.get("result"), given.get("errorOutput")
    if output is not None and error is not None:
        raise ValidationException("A mock cannot specify both a result and an errorOutput.")
    if output is None and error is None:
        raise ValidationException("A mock must specify a result or an errorOutput.")
    if error is not None:
        if error.get("error") is None:
            raise ValidationException("The error of the mocked errorOutput is required.")
        return Mock(is_failure=True, error=error["error"], cause=error.get("cause"))
    assert output is not None, "one of them is there"
    result = find_json(output)
    if result is NOT_JSON:
        raise ValidationException("Mocked result must be valid JSON.")
    texts.know(result, output)
    _check(api, tested, result, given.get("fieldValidationMode", STRICT))
    return Mock(result)


def _check(api: Api, tested: Tested, result: Any, mode: str) -> None:
    state = tested.state
    if isinstance(state, TaskState):
        check_result(api, state.resource, result, mode)
        return
    # Recorded: test_mock_result_is_not_array_on_map_state_without_result_writer.
    may_be_object = isinstance(state, MapState) and state.result_writer is not None
    if not isinstance(result, list) and not (may_be_object and isinstance(result, dict)):
        raise ValidationException("Mocked result must be an array.")
    if isinstance(state, ParallelState) and len(result) != len(state.branches):
        raise ValidationException(
            f"Mocked result must have one element for each of the {len(state.branches)} branches, "
            f"but has {len(result)}."
        )
