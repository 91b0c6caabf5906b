"""Streams: what a change of an item leaves for readers, in the transaction of the change itself.

A stream has one shard, so all of a table's changes keep their order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from fogline.aws.call import Call
from fogline.aws.dates import iso_milliseconds
from fogline.services.dynamodb.packing import packed, unpacked
from fogline.services.dynamodb.service import DynamoDb
from fogline.services.dynamodb.table import Stream, Table
from fogline.services.dynamodb.values import Item, item_bytes
from fogline.store.store import Tx

_SEQUENCE_BASE = 10**20
"""Sequence numbers have 21 digits at least."""
_EXPIRED_BY = {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}
_IMAGES = {
    "NEW_IMAGE": (True, False),
    "OLD_IMAGE": (False, True),
    "NEW_AND_OLD_IMAGES": (True, True),
    "KEYS_ONLY": (False, False),
}


def start(
    dynamodb: DynamoDb,
    tx: Tx,
    call: Call,
    document: dict[str, Any],
    wanted: Mapping[str, Any],
) -> None:
    """Give a table a new stream; `document` is the table's, and is changed."""
    before = document.get("Stream", {}).get("CreatedAt", 0)
    # Two streams of one table never share a label, even when they are made in one millisecond.
    created_at = max(call.now, before + 1)
    number = dynamodb.ids.ordered(call.now)
    document["Stream"] = {
        "Number": number,
        "Label": iso_milliseconds(created_at).removesuffix("Z"),
        "TableName": document["TableName"],
        "ViewType": wanted["StreamViewType"],
        "KeySchema": document["KeySchema"],
        "CreatedAt": created_at,
        "First": dynamodb.ids.ordered(call.now),
    }
    dynamodb.tables.save_stream(tx, Stream(call.account, call.region, document["Stream"]))


def end(dynamodb: DynamoDb, tx: Tx, table: Table, document: dict[str, Any], now: int) -> None:
    """Close a table's stream, if it has one. What it holds can be read for a day more."""
    stream = table.stream
    if stream is None:
        return
    document["Stream"] = {
        **stream.document,
        "EndedAt": now,
        "Last": dynamodb.ids.ordered(now),
    }
    dynamodb.tables.save_stream(tx, Stream(stream.account, stream.region, document["Stream"]))
    tx.stir(stream.topic)


def record(
    dynamodb: DynamoDb,
    tx: Tx,
    table: Table,
    stream: Stream,
    old: Item | None,
    new: Item | None,
    now: int,
    *,
    by_expiry: bool = False,
) -> None:
    """Add a change to a table's stream."""
    if new is None:
        assert old is not None, "a change has a before or an after"
        name, item = "REMOVE", old
    else:
        name, item = ("INSERT" if old is None else "MODIFY"), new
    kept: dict[str, Any] = {"id": dynamodb.ids.hex(32), "name": name}
    if by_expiry:
        kept["by"] = _EXPIRED_BY
    with_new, with_old = _IMAGES[stream.view]
    images = {"Keys": table.schema.key_of(item)}
    if with_new and new is not None:
        images["NewImage"] = new
    if with_old and old is not None:
        images["OldImage"] = old
    kept["size"] = sum(map(item_bytes, images.values()))
    kept["images"] = {name: packed(image).decode() for name, image in images.items()}
    sequence = _next_sequence(dynamodb, tx, stream, now)
    dynamodb.tables.add_record(tx, stream, sequence, now, orjson.dumps(kept))
    tx.stir(stream.topic)


def shard_id(stream: Stream) -> str:
    """The name of the one shard of a stream."""
    created_at = stream.document["CreatedAt"]
    return f"shardId-{created_at:020d}-{stream.number & 0xFFFFFFFF:08x}"


def lock_name(stream: Stream) -> str:
    return f"dynamodb:stream:{stream.number}"


def _next_sequence(dynamodb: DynamoDb, tx: Tx, stream: Stream, now: int) -> int:
    """A number past all others of the stream; on several nodes, one writer of it at a time."""
    sequence = dynamodb.ids.ordered(now)
    if not dynamodb.tables.is_shared:
        return sequence
    tx.lock(lock_name(stream))
    last = dynamodb.tables.last_sequence(tx, stream.number)
    return sequence if last is None else max(sequence, last + 1)


def sequence_text(sequence: int) -> str:
    return str(_SEQUENCE_BASE + sequence)


def sequence_number(text: str) -> int | None:
    """The number behind a sequence number's text, None where it is none."""
    if not (text.isascii() and text.isdecimal()) or len(text) > 40:
        return None
    return int(text) - _SEQUENCE_BASE


def read_record(
    stream: Stream, sequence: int, created_at: int, kept_bytes: bytes
) -> dict[str, Any]:
    """A record as GetRecords gives it."""
    kept = orjson.loads(kept_bytes)
    found: dict[str, Any] = {
        "eventID": kept["id"],
        "eventName": kept["name"],
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": stream.region,
        "dynamodb": {
            # AWS tells the second, not the millisecond.
            "ApproximateCreationDateTime": created_at // 1000 * 1000,
            **{name: unpacked(image.encode()) for name, image in kept["images"].items()},
            "SequenceNumber": sequence_text(sequence),
            "SizeBytes": kept["size"],
            "StreamViewType": stream.view,
        },
    }
    if "by" in kept:
        found["userIdentity"] = kept["by"]
    return found
