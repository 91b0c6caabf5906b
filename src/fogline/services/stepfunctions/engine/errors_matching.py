"""Which retriers and catchers an error meets.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

from __future__ import annotations

from collections.abc import Iterable

from fogline.aws.states.failures import DATA_LIMIT_EXCEEDED, RUNTIME

ALL = "States.ALL"
TASK_FAILED = "States.TaskFailed"
TIMEOUT = "States.Timeout"
HEARTBEAT_TIMEOUT = "States.HeartbeatTimeout"

_UNCAUGHT = frozenset({RUNTIME, DATA_LIMIT_EXCEEDED})
_NO_TASK_FAILURE = frozenset({TIMEOUT, HEARTBEAT_TIMEOUT, *_UNCAUGHT})


def matches(names: Iterable[str], error: str | None) -> bool:
    """True if one of `ErrorEquals` names the error. A task may fail without naming one (None)."""
    if error == RUNTIME:
        return False  # "not retriable, and will always cause the execution to fail"
    for name in names:
        if name == error:
            return True
        if name == ALL and error not in _UNCAUGHT:
            return True
        if name == TASK_FAILED and error not in _NO_TASK_FAILURE:
            return True
        if name == TIMEOUT and error == HEARTBEAT_TIMEOUT:
            return True
    return False
