"""Streams, as the client of DynamoDB Streams reads them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import orjson

from fogline.aws.arn import find_arn
from fogline.aws.call import Call
from fogline.services.dynamodb.errors import (
    ExpiredIteratorException,
    ResourceNotFoundException,
    TrimmedDataAccessException,
    ValidationException,
)
from fogline.services.dynamodb.service import DynamoDb
from fogline.services.dynamodb.streams import read_record, sequence_number, sequence_text, shard_id
from fogline.services.dynamodb.table import Stream
from fogline.store.store import Tx

Request = Mapping[str, Any]
Result = Mapping[str, Any]

_LISTED_MAX = 100


def list_streams(dynamodb: DynamoDb, call: Call, request: Request) -> Result:
    limit = request.get("Limit", _LISTED_MAX)
    prefix = f"{request['TableName']}/" if "TableName" in request else ""
    after = request.get("ExclusiveStartStreamArn", "")
    if after:
        after = "/".join(_parts(after)[2:])
    with dynamodb.store.read() as tx:
        streams = dynamodb.tables.list_streams(
            tx, call.account, call.region, prefix, after, limit + 1
        )
    result: dict[str, Any] = {
        "Streams": [
            {
                "StreamArn": stream.arn,
                "StreamLabel": stream.label,
                "TableName": stream.table_name,
            }
            for stream in streams[:limit]
        ]
    }
    if len(streams) > limit:
        result["LastEvaluatedStreamArn"] = streams[limit - 1].arn
    return result


def describe_stream(dynamodb: DynamoDb, call: Call, request: Request) -> Result:
    with dynamodb.store.read() as tx:
        stream = _require(dynamodb, tx, request["StreamArn"])
    document = stream.document
    shards = [_shard(stream)]
    if request.get("ExclusiveStartShardId"):
        shards = [each for each in shards if each["ShardId"] > request["ExclusiveStartShardId"]]
    return {
        "StreamDescription": {
            "StreamArn": stream.arn,
            "StreamLabel": stream.label,
            "StreamStatus": "ENABLED" if stream.ended_at is None else "DISABLED",
            "StreamViewType": stream.view,
            "CreationRequestDateTime": document["CreatedAt"],
            "TableName": stream.table_name,
            "KeySchema": document["KeySchema"],
            "Shards": shards,
        }
    }


def _shard(stream: Stream) -> dict[str, Any]:
    document = stream.document
    sequences = {"StartingSequenceNumber": sequence_text(document["First"])}
    if "Last" in document:
        sequences["EndingSequenceNumber"] = sequence_text(document["Last"])
    return {"ShardId": shard_id(stream), "SequenceNumberRange": sequences}


def get_shard_iterator(dynamodb: DynamoDb, call: Call, request: Request) -> Result:
    kind = request["ShardIteratorType"]
    oldest = call.now - dynamodb.limits.stream_retention_milliseconds
    with dynamodb.store.read() as tx:
        stream = _require(dynamodb, tx, request["StreamArn"])
        if request["ShardId"] != shard_id(stream):
            raise ResourceNotFoundException(
                f"Requested resource not found: Shard: {request['ShardId']} in Stream: "
                f"{stream.arn} not found"
            )
        first: int = stream.document["First"]
        if kind == "TRIM_HORIZON":
            sequence = first
        elif kind == "LATEST":
            last = dynamodb.tables.last_sequence(tx, stream.number)
            sequence = first if last is None else last + 1
        else:
            sequence = _given_sequence(request, kind)
            kept = dynamodb.tables.read_records(tx, stream.number, first, oldest, 1)
            if sequence < first or (kept and first < sequence < kept[0][0]):
                raise TrimmedDataAccessException()
            if kind == "AFTER_SEQUENCE_NUMBER":
                sequence += 1
    return {"ShardIterator": _iterator(stream, sequence, call.now)}


def _given_sequence(request: Request, kind: str) -> int:
    text = request.get("SequenceNumber")
    sequence = sequence_number(text) if text is not None else None
    if text is None:
        raise ValidationException(
            f"SequenceNumber must be given with a ShardIteratorType of {kind}"
        )
    if sequence is None:
        raise ValidationException(f"Invalid SequenceNumber: {text}")
    return sequence


def get_records(dynamodb: DynamoDb, call: Call, request: Request) -> Result:
    limits = dynamodb.limits
    arn, sequence, issued_at = _read_iterator(request["ShardIterator"])
    if issued_at + limits.stream_iterator_milliseconds < call.now:
        raise ExpiredIteratorException()
    count = min(request.get("Limit", limits.stream_records_max), limits.stream_records_max)
    oldest = call.now - limits.stream_retention_milliseconds
    records: list[dict[str, Any]] = []
    size = 0
    with dynamodb.store.read() as tx:
        stream = _require(dynamodb, tx, arn)
        rows = dynamodb.tables.read_records(tx, stream.number, sequence, oldest, count)
        for number, created_at, kept in rows:
            records.append(read_record(stream, number, created_at, kept))
            sequence = number + 1
            size += len(kept)
            if size >= limits.stream_page_bytes_max:
                break
    result: dict[str, Any] = {"Records": records}
    is_at_end = len(records) == len(rows) and len(rows) < count
    if stream.ended_at is None or not is_at_end:
        result["NextShardIterator"] = _iterator(stream, sequence, call.now)
    return result


def _iterator(stream: Stream, sequence: int, now: int) -> str:
    inside = base64.b64encode(orjson.dumps([sequence, now])).decode()
    return f"{stream.arn}|1|{inside}"


def _read_iterator(text: str) -> tuple[str, int, int]:
    arn, _, rest = text.partition("|1|")
    try:
        sequence, issued_at = orjson.loads(base64.b64decode(rest, validate=True))
        return arn, int(sequence), int(issued_at)
    except (binascii.Error, ValueError, TypeError):
        raise ValidationException("Invalid ShardIterator") from None


def _require(dynamodb: DynamoDb, tx: Tx, text: str) -> Stream:
    account, region, table, label = _parts(text)
    stream = dynamodb.tables.find_stream(tx, account, region, table, label)
    if stream is None:
        raise ResourceNotFoundException(f"Requested resource not found: Stream: {text} not found")
    return stream


def _parts(text: str) -> tuple[str, str, str, str]:
    """Account, region, table and label of a stream's ARN."""
    arn = find_arn(text)
    parts = arn.resource.split("/") if arn is not None else []
    if arn is None or len(parts) != 4 or (parts[0], parts[2]) != ("table", "stream"):
        raise ValidationException(f"Invalid StreamArn: {text[:1024]}")
    return arn.account, arn.region, parts[1], parts[3]
