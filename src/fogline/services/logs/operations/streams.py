"""Log streams: create, describe, delete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.services.logs.batches import spelled
from fogline.services.logs.errors import InvalidParameterException, ResourceAlreadyExistsException
from fogline.services.logs.expiry import oldest_shown
from fogline.services.logs.identifiers import (
    requested_group,
    require_group,
    require_stream,
    stream_arn,
)
from fogline.services.logs.pages import position_of, token_after
from fogline.services.logs.service import Logs
from fogline.services.logs.tables import Stream
from fogline.world.ids import instant_of_ordered

if TYPE_CHECKING:
    from types_boto3_logs.type_defs import (
        CreateLogStreamRequestTypeDef,
        DeleteLogStreamRequestTypeDef,
        DescribeLogStreamsRequestTypeDef,
    )

Result = Mapping[str, Any]


def create_log_stream(logs: Logs, call: Call, request: CreateLogStreamRequestTypeDef) -> Result:
    name = request["logStreamName"]
    with logs.store.write() as tx:
        logs.tables.lock_group(tx, (call.account, call.region, request["logGroupName"]))
        group = require_group(logs.tables, tx, call, request["logGroupName"])
        if logs.tables.find_stream(tx, group, name) is not None:
            raise ResourceAlreadyExistsException(resource="log stream")
        logs.tables.add_stream(tx, group, name, call.now)
    return {}


def delete_log_stream(logs: Logs, call: Call, request: DeleteLogStreamRequestTypeDef) -> Result:
    name = request["logGroupName"]
    with logs.store.write() as tx:
        group = require_group(logs.tables, tx, call, name)
        stream = require_stream(logs.tables, tx, group, request["logStreamName"])
        logs.tables.remove_stream(tx, (call.account, call.region, name), stream)
    return {}


def describe_log_streams(
    logs: Logs, call: Call, request: DescribeLogStreamsRequestTypeDef
) -> Result:
    group_name = requested_group(call, request)
    prefix = request.get("logStreamNamePrefix", "")
    by_time = request.get("orderBy") == "LastEventTime"
    is_descending = request.get("descending", False)
    limit = request.get("limit", logs.limits.described_max)
    if by_time and prefix:
        raise InvalidParameterException(
            reason="Cannot order by LastEventTime with a logStreamNamePrefix."
        )
    after = position_of(request.get("nextToken"))
    with logs.store.read() as tx:
        group = require_group(logs.tables, tx, call, group_name)
        streams = logs.tables.streams(tx, group, prefix)
        if by_time:
            streams = [logs.tables.with_times(tx, stream) for stream in streams]
        ordered = sorted(
            ((_position(stream, by_time), stream) for stream in streams), reverse=is_descending
        )
        rest = [
            (position, stream)
            for position, stream in ordered
            if not after or (position < after if is_descending else position > after)
        ]
        page = rest[:limit]
        described = [
            _described(
                call, group_name, logs.tables.with_times(tx, stream), oldest_shown(group, call.now)
            )
            for _, stream in page
        ]
    if len(rest) > limit:
        return {"logStreams": described, "nextToken": token_after(*page[-1][0])}
    return {"logStreams": described}


def _position(stream: Stream, by_time: bool) -> tuple[str, ...]:
    return (f"{stream.last_at or 0:020d}", stream.name) if by_time else (stream.name,)


def _described(call: Call, group: str, stream: Stream, oldest: int) -> dict[str, Any]:
    described = {
        "logStreamName": stream.name,
        "creationTime": stream.created_at,
        "arn": stream_arn(call, group, stream.name),
        "storedBytes": 0,
    }
    if stream.first_at is not None and stream.last_at is not None and stream.last_at >= oldest:
        assert stream.last_batch is not None, "a stream with events has batches"
        described["firstEventTimestamp"] = max(stream.first_at, oldest)
        described["lastEventTimestamp"] = stream.last_at
        described["lastIngestionTime"] = instant_of_ordered(stream.last_batch)
        described["uploadSequenceToken"] = spelled(stream.last_batch)
    return described
