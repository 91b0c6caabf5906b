"""Until when a Wait state waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fogline.aws.jsonata import is_expression
from fogline.aws.jsonpath import compile_path
from fogline.aws.states.failures import RUNTIME, StateFailed
from fogline.aws.states.machine.model import WaitState
from fogline.aws.states.path_values import read_seconds, read_timestamp, require_delay
from fogline.aws.states.timestamps import find_nanoseconds
from fogline.services.stepfunctions.engine import numbers
from fogline.services.stepfunctions.engine.jsonata_fields import Field, QueryFailed
from fogline.services.stepfunctions.engine.view import View
from fogline.world.clock import SECOND

_NANOSECONDS = 1_000_000
_SECONDS_MAX = 99_999_999
"""Of a JSONata `Seconds`: the bound that the language gives `Seconds`."""


def wait_until(state: WaitState) -> Callable[[View], int]:
    """What gives the instant (ms) for a view; it raises StateFailed."""
    if state.seconds_path is not None:
        path = compile_path(state.seconds_path)

        def by_path(view: View) -> int:
            seconds = read_seconds(path, view.scope)
            require_delay(seconds)
            return view.now + seconds * SECOND

        return by_path
    if state.timestamp_path is not None:
        moment_path = compile_path(state.timestamp_path)
        return lambda view: _instant(read_timestamp(moment_path, view.scope), view)
    if state.timestamp is not None:
        return _by_timestamp(state.timestamp)
    read = numbers.seconds("Seconds", state.seconds, None)
    if is_expression(state.seconds):
        read = _seconds_field(state.seconds)
    assert read is not None, "a Wait has one of the four"
    return lambda view: view.now + read(view) * SECOND


def _seconds_field(text: Any) -> Callable[[View], int]:
    field = Field("Seconds", text, "number")

    def read(view: View) -> int:
        value = field.value(view)
        if value != int(value) or not 0 <= value <= _SECONDS_MAX:
            raise QueryFailed(
                f"The JSONata expression '{text[2:-2].strip()}' specified for the field 'Seconds' returned "
                f"a value that is not an integer from 0 to {_SECONDS_MAX}: {value}",
                "Seconds",
            )
        return int(value)

    return read


def _by_timestamp(text: str) -> Callable[[View], int]:
    is_query = is_expression(text)
    field = Field("Timestamp", text, "string")

    def read(view: View) -> int:
        value = field.value(view) if is_query else text
        moment = find_nanoseconds(value)
        if moment is None:
            cause = (
                "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time "
                f"format string: {value}"
            )
            raise QueryFailed(cause, "Timestamp") if is_query else StateFailed(RUNTIME, cause)
        return _instant(moment, view)

    return read


def _instant(nanoseconds: int, view: View) -> int:
    # Up to the next millisecond: nobody goes on before the time that was asked for.
    instant = -(-nanoseconds // _NANOSECONDS)
    require_delay((instant - view.now) // SECOND)
    return instant
