"""How other services send to a log group: each payload becomes one event, in a stream of its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson

from fogline.aws.arn import Arn
from fogline.ports.logs import LogLines
from fogline.ports.targets import Sending, TargetUnavailable
from fogline.services.logs.tables import Tables
from fogline.store.store import Tx

_GROUP = "log-group:"
_MILLISECONDS_FROM = 100_000_000_000
_INSTANT_END = 10**16


class LogGroupTarget:
    """Answers `ports/targets.py` for log groups. `make_stream` gives names for streams."""

    def __init__(self, tables: Tables, lines: LogLines, make_stream: Callable[[], str]) -> None:
        self._tables = tables
        self._lines = lines
        self._make_stream = make_stream

    def send(self, tx: Tx, arn: Arn, sending: Sending) -> None:
        group = _group_of(arn)
        if self._tables.groups.find(tx, arn.account, arn.region, group) is None:
            raise TargetUnavailable(f"The log group {arn} does not exist")
        stream = sending.facts.get("LogStreamName") or self._make_stream()
        line = _line(sending)
        if sending.facts.get("Timestamp"):
            line = (sending.facts["Timestamp"], sending.payload)
        self._lines.put_lines(tx, arn.account, arn.region, group, stream, [line])

    def exists(self, tx: Tx, arn: Arn) -> bool:
        return self._tables.groups.find(tx, arn.account, arn.region, _group_of(arn)) is not None


def _group_of(arn: Arn) -> str:
    return arn.resource.removeprefix(_GROUP).removesuffix(":*")


def _line(sending: Sending) -> tuple[int, str]:
    """When, and what. A payload of just `timestamp` and `message` says both itself, as AWS's templates for logs do."""
    payload = sending.payload
    if payload.startswith('{"timestamp"'):
        try:
            said = orjson.loads(payload)
        except ValueError:
            return sending.now, payload
        at = _instant(said.get("timestamp"))
        if set(said) == {"timestamp", "message"} and at is not None:
            message = said["message"]
            text = message if isinstance(message, str) else orjson.dumps(message).decode()
            return at, text
    return sending.now, payload


def _instant(value: Any) -> int | None:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,16}", value):
        value = int(value)
    if isinstance(value, str):
        try:
            return int(datetime.fromisoformat(value).timestamp() * 1000)
        except ValueError:
            return None
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < _INSTANT_END:
        return value if value >= _MILLISECONDS_FROM else value * 1000
    return None
