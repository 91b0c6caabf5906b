"""Execution logs: the events of executions as their machine's logging configuration wants them, in CloudWatch Logs.

https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

import orjson

from fogline.aws.arn import find_arn
from fogline.ports.logs import Line, LogLines
from fogline.services.stepfunctions.engine.execution import Facts, Run
from fogline.services.stepfunctions.engine.journal import WHOLE
from fogline.store.store import Tx
from fogline.world.clock import MINUTE

_DATA_BYTES_MAX = 248 * 1_024
"""Data that is longer, escaped, is left out of an event, which says that it is truncated."""
_STREAM_DIGITS = 8
_REMEMBERED_MAX = 1_024

_FATAL = frozenset({"ExecutionAborted", "ExecutionFailed", "ExecutionTimedOut"})
_FAILURES = ("Failed", "TimedOut", "Aborted")
_DATA = {
    "input": "inputDetails",
    "output": "outputDetails",
    "parameters": "",
    "assignedVariables": "assignedVariablesDetails",
}
"""The members of events that hold what executions work on, and those that say whether it is whole."""
_DATA_AND_DETAILS = frozenset({*_DATA, *_DATA.values()})
_TRUNCATED = {"truncated": True}

Event = Mapping[str, Any]
HasGroup = Callable[[Tx, str, str, str], bool]
"""Whether an account has, in a region, a log group of that name."""


class ExecutionLogs:
    """Writes what executions do into the log groups of their machines (answers `Watcher`)."""

    def __init__(self, lines: LogLines, has_group: HasGroup) -> None:
        self._lines = lines
        self._has_group = has_group

    def began(self, tx: Tx, run: Run, input_text: str, now: int) -> None:
        # One that was started again says so itself, among its events.
        if run.facts.logging and run.facts.redrive_count == 0:
            self._write(tx, run.facts, (_started(run.facts, input_text),))

    def went(self, tx: Tx, run: Run, events: Sequence[Event], now: int) -> None:
        if run.facts.logging:
            self._write(tx, run.facts, events)

    def _write(self, tx: Tx, facts: Facts, events: Iterable[Event]) -> None:
        logging = facts.logging
        level = logging["level"]
        if level == "OFF" or not logging.get("destinations"):
            return
        arn = logging["destinations"][0]["cloudWatchLogsLogGroup"]["logGroupArn"]
        lines = [
            _line(facts, event, has_data=logging["includeExecutionData"])
            for event in events
            if is_told(event["type"], level)
        ]
        group = _group(arn)
        # A group that was deleted is not made again (recorded: test_deleted_log_group).
        if lines and group is not None and self._has_group(tx, *group):
            stream = stream_name(facts.machine_name, facts.started_at)
            self._lines.put_lines(tx, *group, stream, lines)


def is_told(type: str, level: str) -> bool:
    """Whether events of that type are logged at a level: ALL, ERROR or FATAL.

    https://docs.aws.amazon.com/step-functions/latest/dg/cloudwatch-log-level.html
    """
    if level == "ALL":
        return True
    if type in _FATAL:
        return True
    return level == "ERROR" and (type.endswith(_FAILURES) or type == "FailStateEntered")


def stream_name(machine: str, started_at: int) -> str:
    """The stream of executions of a machine that began in the same minute."""
    return _stream_name(machine, started_at // MINUTE)


@lru_cache(_REMEMBERED_MAX)
def _stream_name(machine: str, minute: int) -> str:
    moment = datetime.fromtimestamp(minute * 60, UTC).strftime("%Y-%m-%d-%H-%M")
    mark = sha256(f"{machine}:{minute}".encode()).hexdigest()[:_STREAM_DIGITS]
    return f"states/{machine}/{moment}/{mark}"


class _Group(NamedTuple):
    account: str
    region: str
    name: str


@lru_cache(_REMEMBERED_MAX)
def _group(text: str) -> _Group | None:
    arn = find_arn(text)
    if arn is None:
        return None
    name = arn.resource.removeprefix("log-group:").removesuffix(":*")
    return _Group(arn.account, arn.region, name)


def _started(facts: Facts, input_text: str) -> Event:
    details = {"input": input_text, "inputDetails": WHOLE, "roleArn": facts.role_arn}
    return {
        "timestamp": facts.started_at,
        "type": "ExecutionStarted",
        "id": 1,
        "previousEventId": 0,
        "executionStartedEventDetails": details,
    }


def _line(facts: Facts, event: Event, *, has_data: bool) -> Line:
    details: dict[str, Any] = {}
    for name, value in event.items():
        if name.endswith("EventDetails"):
            details = value
    if has_data:
        details = _shortened(details)
    else:
        details = {name: value for name, value in details.items() if name not in _DATA_AND_DETAILS}
    at = event["timestamp"]
    record = {
        "id": str(event["id"]),
        "type": event["type"],
        "details": details,
        "previous_event_id": str(event["previousEventId"]),
        "event_timestamp": str(at),
        "execution_arn": facts.arn,
        "redrive_count": str(facts.redrive_count),
    }
    return at, orjson.dumps(record).decode()


def _shortened(details: dict[str, Any]) -> dict[str, Any]:
    for name, told in _DATA.items():
        data = details.get(name)
        if data is None or len(orjson.dumps(data)) <= _DATA_BYTES_MAX:
            continue
        details = {other: value for other, value in details.items() if other != name}
        if told:
            details[told] = _TRUNCATED
    return details
