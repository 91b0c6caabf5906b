"""Work nobody asked for: expired items are removed, and what is past its retention."""

from __future__ import annotations

from fogline.services.dynamodb import writes
from fogline.services.dynamodb.service import DynamoDb
from fogline.world.clock import HOUR


class Expiry:
    """Removes expired items at the instant they name (AWS promises a few days at most)."""

    name = "dynamodb.expiry"
    topics: tuple[str, ...] = (writes.EXPIRY_TOPIC,)

    def __init__(self, dynamodb: DynamoDb) -> None:
        self._dynamodb = dynamodb

    def step(self, now: int) -> int | None:
        dynamodb, tables = self._dynamodb, self._dynamodb.tables
        with dynamodb.store.read() as tx:
            due = tables.expired(tx, now, dynamodb.limits.expirations_each_step_max)
        if due:
            with dynamodb.store.write() as tx:
                by_number = {table.number: table for table in tables.every_table(tx)}
                for number, key in due:
                    table = by_number.get(number)
                    if table is None:
                        tables.remove_all_items(tx, number)
                    else:
                        writes.remove_expired(dynamodb, tx, table, key, now)
        with dynamodb.store.read() as tx:
            return tables.next_expiry(tx)


class Trim:
    """Removes what is remembered for a time only: records of streams, streams that ended, client tokens.

    Readers pass over what is past its time at once; this frees the rows.
    """

    name = "dynamodb.trim"
    topics: tuple[str, ...] = ()

    def __init__(self, dynamodb: DynamoDb) -> None:
        self._dynamodb = dynamodb

    def step(self, now: int) -> int | None:
        dynamodb, tables = self._dynamodb, self._dynamodb.tables
        oldest = now - dynamodb.limits.stream_retention_milliseconds
        with dynamodb.store.read() as tx:
            streams = tables.every_stream(tx)
        with dynamodb.store.write() as tx:
            tables.forget_requests(tx, now)
        for stream in streams:
            with dynamodb.store.write() as tx:
                if stream.ended_at is not None and stream.ended_at < oldest:
                    tables.remove_stream(tx, stream)
                else:
                    tables.trim_records(tx, stream.number, oldest)
        return now + HOUR
