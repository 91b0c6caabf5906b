"""Execution logs: one record for each step of an execution, as far as a pipe's LogConfiguration wants them.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-logs-schema.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from fogline.aws.arn import Arn, find_arn
from fogline.ports.logs import Line, LogLines
from fogline.store.store import Tx

_LEVELS = {"OFF": 0, "ERROR": 1, "INFO": 2, "TRACE": 3}


@dataclass(frozen=True, slots=True)
class LogSettings:
    """Where a pipe's log goes, and how much of it."""

    level: int = 0
    group: Arn | None = None
    has_data: bool = False

    @staticmethod
    def of(configuration: Mapping[str, Any] | None) -> LogSettings:
        """What a LogConfiguration says; nothing is logged without one."""
        if not configuration:
            return LogSettings()
        destination = configuration.get("CloudwatchLogsLogDestination") or {}
        group = find_arn(destination.get("LogGroupArn", ""))
        level = _LEVELS[configuration["Level"]] if group is not None else 0
        return LogSettings(level, group, "ALL" in (configuration.get("IncludeExecutionData") or ()))


class ExecutionLog:
    """The records of one execution, kept until they are written with what follows from its end."""

    def __init__(
        self, settings: LogSettings, pipe_arn: str, execution_id: str, field_characters_max: int
    ) -> None:
        self._settings = settings
        self._pipe_arn = pipe_arn
        self._execution_id = execution_id
        self._field_characters_max = field_characters_max
        self._lines: list[Line] = []

    @property
    def has_data(self) -> bool:
        """True when payloads are wanted, so that nobody makes them in vain."""
        return self._settings.has_data and self._settings.level > 0

    def error(self, now: int, step: str, error: Mapping[str, Any], payload: str = "") -> None:
        self._add(now, 1, "ERROR", step, payload, error)

    def info(self, now: int, step: str, payload: str = "") -> None:
        self._add(now, 2, "INFO", step, payload, None)

    def trace(self, now: int, step: str, payload: str = "", **data: str) -> None:
        """`data` are `awsRequest` and `awsResponse`."""
        self._add(now, 3, "TRACE", step, payload, None, data)

    def _add(
        self,
        now: int,
        level: int,
        name: str,
        step: str,
        payload: str,
        error: Mapping[str, Any] | None,
        data: Mapping[str, str] | None = None,
    ) -> None:
        if level > self._settings.level:
            return
        record: dict[str, Any] = {
            "resourceArn": self._pipe_arn,
            "timestamp": now,
            "executionId": self._execution_id,
            "messageType": step,
            "logLevel": name,
        }
        if self._settings.has_data:
            cut = []
            for field, text in {"payload": payload, **(data or {})}.items():
                if text:
                    record[field] = text[: self._field_characters_max]
                    if len(text) > self._field_characters_max:
                        cut.append(field)
            if cut:
                record["truncatedFields"] = cut
        if error is not None:
            record["error"] = error
        self._lines.append((now, orjson.dumps(record).decode()))

    def write(self, tx: Tx, logs: LogLines, stream: str) -> None:
        """Put the records into the pipe's log group."""
        group = self._settings.group
        if group is None or not self._lines:
            return
        name = group.resource.removeprefix("log-group:").removesuffix(":*")
        logs.put_lines(tx, group.account, group.region, name, stream, self._lines)
        self._lines = []
