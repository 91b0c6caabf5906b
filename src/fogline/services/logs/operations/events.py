"""Log events: put, get from a stream, filter in a group."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.services.logs import batches
from fogline.services.logs.acceptance import accept
from fogline.services.logs.batches import Event, first_key_at, instant_of, read_key, spelled
from fogline.services.logs.errors import InvalidParameterException
from fogline.services.logs.expiry import oldest_shown
from fogline.services.logs.filter_patterns import (
    FilterPattern,
    InvalidFilterPattern,
    compile_filter,
)
from fogline.services.logs.identifiers import requested_group, require_group, require_stream
from fogline.services.logs.service import Logs
from fogline.services.logs.tables import Stream, names_of
from fogline.store.documents import Document
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_logs.type_defs import (
        FilterLogEventsRequestTypeDef,
        GetLogEventsRequestTypeDef,
        PutLogEventsRequestTypeDef,
    )

Result = Mapping[str, Any]

_LATEST = (1 << 62) - 1
_BACKWARD_SINCE = 1_704_067_200_000
"""The year 2024: only from then on can a filter go backward."""


def put_log_events(logs: Logs, call: Call, request: PutLogEventsRequestTypeDef) -> Result:
    """Sequence tokens are given and accepted, and order nothing: so it is on AWS since 2023."""
    name = request["logGroupName"]
    with logs.store.write() as tx:
        group = require_group(logs.tables, tx, call, name)
        stream = require_stream(logs.tables, tx, group, request["logStreamName"])
        accepted = accept(
            request["logEvents"], call.now, oldest_shown(group, call.now), logs.limits
        )
        if accepted.lines:
            key = (call.account, call.region, name)
            token = logs.tables.add_batch(
                tx, key, stream.id, accepted.lines, accepted.size, call.now
            )
        else:
            token = logs.ids.ordered(call.now)
    result: dict[str, Any] = {"nextSequenceToken": spelled(token)}
    if accepted.rejected:
        result["rejectedLogEventsInfo"] = accepted.rejected
    return result


def get_log_events(logs: Logs, call: Call, request: GetLogEventsRequestTypeDef) -> Result:
    """A page of a stream, with tokens for both directions that stay good for what comes later."""
    group_name = requested_group(call, request)
    token = request.get("nextToken")
    is_forward, position = (
        _read_token(token) if token else (request.get("startFromHead", False), None)
    )
    limit = request.get("limit", logs.limits.page_events_max)
    with logs.store.read() as tx:
        group = require_group(logs.tables, tx, call, group_name)
        stream = require_stream(logs.tables, tx, group, request["logStreamName"])
        since = max(request.get("startTime", 0), oldest_shown(group, call.now))
        until = request.get("endTime", _LATEST)
        events: list[Event] = []
        size = 0
        for event in _read(logs, tx, stream, since, until, position, is_forward):
            size += len(event.message) + logs.limits.event_overhead_bytes
            if events and size > logs.limits.page_bytes_max:
                break
            events.append(event)
            if len(events) >= limit:
                break
    if not is_forward:
        events.reverse()
    if events:
        last, first = events[-1].key, events[0].key
    elif position is None:
        first = first_key_at(since)
        last = max(0, first - 1)
    elif is_forward:
        last, first = position, position + 1
    else:
        last, first = max(0, position - 1), position
    return {
        "events": [
            {
                "timestamp": event.timestamp,
                "message": event.message,
                "ingestionTime": event.ingested_at,
            }
            for event in events
        ],
        "nextForwardToken": _token(True, last),
        "nextBackwardToken": _token(False, first),
    }


def filter_log_events(logs: Logs, call: Call, request: FilterLogEventsRequestTypeDef) -> Result:
    """A page of a group's events in the order of time. A page may be empty and still have a next one."""
    group_name = requested_group(call, request)
    pattern = _compile(request.get("filterPattern", ""))
    limit = request.get("limit", logs.limits.page_events_max)
    is_forward = request.get("startFromHead", True)
    token = request.get("nextToken")
    position: int | None = None
    if token:
        is_forward, position = _read_token(token)
    elif not is_forward and request.get("startTime", _BACKWARD_SINCE) < _BACKWARD_SINCE:
        raise InvalidParameterException(
            reason="startFromHead can be false only where startTime is 2024-01-01 or later."
        )
    with logs.store.read() as tx:
        group = require_group(logs.tables, tx, call, group_name)
        streams = _chosen_streams(logs, tx, group, request)
        names = names_of(streams)
        since = max(request.get("startTime", 0), oldest_shown(group, call.now))
        until = min(request.get("endTime", _LATEST) + 1, _LATEST)
        merged = heapq.merge(
            *(_read(logs, tx, stream, since, until, position, is_forward) for stream in streams),
            reverse=not is_forward,
        )
        found: list[Event] = []
        next_token = ""
        size = 0
        seen_key = 0
        for scanned, event in enumerate(merged):
            if (
                len(found) >= limit
                or size > logs.limits.page_bytes_max
                or scanned >= logs.limits.scanned_events_max
            ):
                next_token = _token(is_forward, seen_key)
                break
            seen_key = event.key
            if pattern.matches(event.message):
                found.append(event)
                size += len(event.message) + logs.limits.event_overhead_bytes
    result: dict[str, Any] = {
        "events": [
            {
                "logStreamName": names[event.stream],
                "timestamp": event.timestamp,
                "message": event.message,
                "ingestionTime": event.ingested_at,
                "eventId": spelled(event.key),
            }
            for event in found
        ],
        "searchedLogStreams": [],
    }
    if next_token:
        result["nextToken"] = next_token
    return result


def _read(
    logs: Logs,
    tx: Tx,
    stream: Stream,
    since: int,
    until: int,
    position: int | None,
    is_forward: bool,
) -> Iterator[Event]:
    """The events of a stream within times, past `position`, from the one end or the other."""
    if is_forward:
        if position is not None:
            since = max(since, instant_of(position))
        found = logs.tables.batches_forward(tx, stream.id, since, until)
        events = batches.forward(found, stream.id)
    else:
        if position is not None:
            until = min(until, instant_of(position) + 1)
        found = logs.tables.batches_backward(tx, stream.id, since, until)
        events = batches.backward(found, stream.id)
    for event in events:
        if not since <= event.timestamp < until:
            continue
        if position is None or (event.key > position if is_forward else event.key < position):
            yield event


def _chosen_streams(
    logs: Logs, tx: Tx, group: Document, request: FilterLogEventsRequestTypeDef
) -> list[Stream]:
    names, prefix = request.get("logStreamNames"), request.get("logStreamNamePrefix")
    if names and prefix:
        raise InvalidParameterException(
            reason="logStreamNames and logStreamNamePrefix are mutually exclusive parameters."
        )
    if names:
        return [require_stream(logs.tables, tx, group, name) for name in dict.fromkeys(names)]
    return logs.tables.streams(tx, group, prefix or "")


def _compile(text: str) -> FilterPattern:
    try:
        return compile_filter(text)
    except InvalidFilterPattern as error:
        raise InvalidParameterException(reason=error) from None


def _token(is_forward: bool, key: int) -> str:
    return f"{'f' if is_forward else 'b'}/{spelled(key)}/s"


def _read_token(token: str) -> tuple[bool, int]:
    direction, _, rest = token.partition("/")
    key = read_key(rest.removesuffix("/s"))
    if direction not in ("f", "b") or key is None:
        raise InvalidParameterException(reason="The specified nextToken is invalid.")
    return direction == "f", key
