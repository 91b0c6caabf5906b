"""Work nobody asked for: items whose time to live has passed are removed."""

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
        limits = dynamodb.limits
        with dynamodb.store.write() as tx:
            tables.forget_requests(tx, now)
            due = tables.expired(tx, now, limits.expirations_each_step_max)
            by_number = {table.number: table for table in tables.every_table(tx)} if due else {}
            for number, key in due:
                table = by_number.get(number)
                if table is None:
                    tables.remove_all_items(tx, number)
                else:
                    writes.remove_expired(tables, tx, table, key, now)
            following = tables.next_expiry(tx)
        return now + HOUR if following is None else min(following, now + HOUR)
