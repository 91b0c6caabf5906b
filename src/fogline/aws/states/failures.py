"""How a state fails, in the names and words that AWS uses."""

from __future__ import annotations

RUNTIME = "States.Runtime"
INTRINSIC_FAILURE = "States.IntrinsicFailure"
RESULT_PATH_MATCH_FAILURE = "States.ResultPathMatchFailure"
DATA_LIMIT_EXCEEDED = "States.DataLimitExceeded"
QUERY_EVALUATION_ERROR = "States.QueryEvaluationError"


class StateFailed(Exception):
    """The state fails with this error. Where it stands is for whoever runs it to say (`cause_in_state`)."""

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause


class InvalidExpression(ValueError):
    """A field of a definition can't be what it is meant to be; `str()` says why."""


def cause_in_state(name: str, entered_event_id: int, cause: str) -> str:
    """The cause as an execution's history tells it."""
    return (
        f"An error occurred while executing the state '{name}' "
        f"(entered at the event id #{entered_event_id}). {cause}"
    )
