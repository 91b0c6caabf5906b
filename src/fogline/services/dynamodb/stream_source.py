"""How event source mappings and pipes read a stream of changes.

Form of the records: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from fogline.aws.arn import Arn
from fogline.background.stream_work import StreamRecord
from fogline.ports.sources import StreamFacts
from fogline.services.dynamodb.service import DynamoDb
from fogline.services.dynamodb.streams import sequence_number, sequence_text, shard_id
from fogline.services.dynamodb.table import Stream
from fogline.store.store import Tx


class StreamReader:
    """Answers `ports/sources.py` for streams of tables. Each has one shard."""

    def __init__(self, dynamodb: DynamoDb) -> None:
        self._dynamodb = dynamodb

    def _find(self, tx: Tx, arn: Arn) -> Stream | None:
        parts = arn.resource.split("/")
        if len(parts) != 4 or (parts[0], parts[2]) != ("table", "stream"):
            return None
        return self._dynamodb.tables.find_stream(tx, arn.account, arn.region, parts[1], parts[3])

    def facts(self, tx: Tx, arn: Arn) -> StreamFacts | None:
        stream = self._find(tx, arn)
        if stream is None:
            return None
        return StreamFacts(stream.arn, stream.topic, (shard_id(stream),))

    def start_of(
        self, tx: Tx, arn: Arn, shard: str, position: str, at: int | None, now: int
    ) -> str:
        stream = self._find(tx, arn)
        if stream is None or position != "LATEST":
            return ""
        last = self._dynamodb.tables.last_sequence(tx, stream.number)
        return "" if last is None else sequence_text(last)

    def read(
        self, tx: Tx, arn: Arn, shard: str, after: str, now: int, count_max: int
    ) -> Sequence[StreamRecord]:
        stream = self._find(tx, arn)
        if stream is None:
            return []
        number = sequence_number(after) if after else None
        first: int = stream.document["First"] if number is None else number + 1
        oldest = now - self._dynamodb.limits.stream_retention_milliseconds
        rows = self._dynamodb.tables.read_records(tx, stream.number, first, oldest, count_max)
        return [_record(stream, *row) for row in rows]

    def end_of(self, tx: Tx, arn: Arn, shard: str) -> str | None:
        stream = self._find(tx, arn)
        last = stream.document.get("Last") if stream is not None else None
        return None if last is None else sequence_text(last)

    def parents_of(self, tx: Tx, arn: Arn, shard: str) -> Sequence[str]:
        return ()


def _record(stream: Stream, sequence: int, created_at: int, kept_bytes: bytes) -> StreamRecord:
    kept = orjson.loads(kept_bytes)
    images: dict[str, str] = kept["images"]
    text = sequence_text(sequence)
    event: dict[str, Any] = {
        "eventID": kept["id"],
        "eventName": kept["name"],
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": stream.region,
        "dynamodb": {
            "ApproximateCreationDateTime": created_at // 1000,
            # Binary stays the text that it is kept as, behind the letter that says so.
            **{name: orjson.loads(image.removeprefix("B")) for name, image in images.items()},
            "SequenceNumber": text,
            "SizeBytes": kept["size"],
            "StreamViewType": stream.view,
        },
        "eventSourceARN": stream.arn,
    }
    if "by" in kept:
        event["userIdentity"] = {
            "type": kept["by"]["Type"],
            "principalId": kept["by"]["PrincipalId"],
        }
    return StreamRecord(text, event, created_at, len(kept_bytes), images["Keys"])
