"""The configuration of a state under test: how far it has come before its work ends as the mock says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fogline.aws.errors import ValidationException
from fogline.aws.states.machine import MapState, ParallelState
from fogline.services.stepfunctions.state_testing.states import Tested


@dataclass(frozen=True, slots=True)
class Configuration:
    """https://docs.aws.amazon.com/step-functions/latest/apireference/API_TestStateConfiguration.html"""

    retry_count: int = 0
    failed_iterations: int = 0
    reader_data: str | None = None


def read_configuration(tested: Tested, given: Mapping[str, Any]) -> Configuration:
    """Raises ValidationException for what the state cannot have."""
    state = tested.state
    origin = given.get("errorCausedByState")
    if origin is not None:
        if not isinstance(state, MapState | ParallelState):
            raise ValidationException(
                "errorCausedByState can only be specified for Map or Parallel states."
            )
        if all(one.name != origin for one in tested.inner_states()):
            raise ValidationException(f"There is no state '{origin}' inside the state under test.")
    if given.get("mapIterationFailureCount") is not None and not tested.is_distributed:
        raise ValidationException(
            "mapIterationFailureCount can only be specified for Distributed Map states."
        )
    data = given.get("mapItemReaderData")
    if data is not None and not (isinstance(state, MapState) and state.item_reader is not None):
        raise ValidationException(
            "mapItemReaderData can only be specified for Map states with an ItemReader."
        )
    return Configuration(
        retry_count=given.get("retrierRetryCount") or 0,
        failed_iterations=given.get("mapIterationFailureCount") or 0,
        reader_data=data,
    )
