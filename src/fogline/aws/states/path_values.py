"""Numbers and timestamps that fields such as `SecondsPath` and `MaxConcurrencyPath` refer to."""

from __future__ import annotations

import math
import re
from typing import Any, NoReturn

from fogline.aws.jsonpath import Path
from fogline.aws.states.failures import RUNTIME, StateFailed
from fogline.aws.states.paths import read_path
from fogline.aws.states.scope import Scope
from fogline.aws.states.texts import json_text
from fogline.aws.states.timestamps import find_nanoseconds

WAIT_SECONDS_MAX = 2**31 - 1
"""Recorded: test_timestamp_too_far_in_future_boundary."""
_WAIT_SECONDS = "SecondsPath"
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_FRACTION = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?([eE][+-]?[0-9]{1,2})?")


def read_seconds(path: Path, scope: Scope, field: str = _WAIT_SECONDS) -> int:
    """A whole number of seconds, not negative. Raises StateFailed (recorded: test_base_wait_seconds_path)."""
    value = _waited_for(path, scope, field) if field == _WAIT_SECONDS else read_path(path, scope)
    seconds = _whole(value)
    if seconds is None:
        raise _failed(
            f"The {field} parameter cannot be parsed as a long value: {path.text} == {_told(value)}"
        )
    if seconds < 0:
        raise _failed(
            f"The {field} parameter references a negative value: {path.text} == {_told(value)}"
        )
    return seconds


def read_timestamp(path: Path, scope: Scope) -> int:
    """The nanoseconds since 1970 of a `TimestampPath`. Raises StateFailed (recorded: test_wait_timestamp_path)."""
    value = _waited_for(path, scope, "TimestampPath")
    moment = find_nanoseconds(value) if isinstance(value, str) else None
    if moment is None:
        raise _failed(
            "The TimestampPath parameter does not reference a valid ISO-8601 extended offset "
            f"date-time format string: {path.text} == {_told(value)}"
        )
    return moment


def _waited_for(path: Path, scope: Scope, field: str) -> Any:
    """What a Wait state refers to; it has words of its own for nothing (recorded: wait_seconds_path)."""
    try:
        return read_path(path, scope)
    except StateFailed:
        raise _failed(
            f"The {field} parameter does not reference an input value: {path.text}"
        ) from None


def require_delay(seconds: int) -> None:
    """Raises StateFailed where a Wait state would wait longer than AWS can."""
    if seconds > WAIT_SECONDS_MAX:
        raise _failed("Wait state delay is too long.")


def read_integer(path: Path, scope: Scope, field: str) -> int:
    """The whole number of a Map's `MaxConcurrencyPath` and the like; a text may spell it.

    Raises StateFailed (recorded: test_max_concurrency_path, test_reference_in_map_state).
    """
    value = read_path(path, scope)
    number = _whole(value)
    if number is None:
        _refuse(path, field, value, "integer")
    return number


def read_percentage(path: Path, scope: Scope) -> float:
    """`ToleratedFailurePercentagePath`. Raises StateFailed.

    Recorded: test_map_state_tolerated_failure_percentage_path.
    """
    value = read_path(path, scope)
    if isinstance(value, str) and _FRACTION.fullmatch(value):
        number = float(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        number = float(value) if abs(value) < 1e300 else math.inf
    else:
        _refuse(path, "ToleratedFailurePercentagePath", value, "float")
    if not 0 <= number <= 100:
        raise _failed("ToleratedFailurePercentage must be between 0 and 100.")
    return number


def _whole(value: Any) -> int | None:
    if isinstance(value, str):
        return int(value) if _WHOLE.fullmatch(value) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _told(value: Any) -> str:
    return value if isinstance(value, str) else json_text(value)


def _failed(cause: str) -> StateFailed:
    return StateFailed(RUNTIME, cause)


def _refuse(path: Path, field: str, value: Any, kind: str) -> NoReturn:
    raise _failed(
        f'The {field} field refers to value "{_told(value)}" which is not a valid {kind}: '
        f"{path.text}"
    )
