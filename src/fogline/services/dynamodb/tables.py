"""Every row DynamoDB keeps, and the only file that knows how.

An item is one row, found by its table's number and the bytes of its key; an entry of an index is a
row of its own, with as much of the item as the index projects.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from fogline.services.dynamodb.keys import shortened
from fogline.services.dynamodb.packing import packed, unpacked
from fogline.services.dynamodb.table import Document, Index, Stream, Table
from fogline.services.dynamodb.values import Item
from fogline.store.documents import Documents
from fogline.store.store import Row, Store, Tx
from fogline.world.clock import HOUR

Key = tuple[bytes, bytes]

_COUNTED_ALWAYS_MAX = 10_000
_COUNTED_EACH = 6 * HOUR
_MEASURES_MAX = 4_096


class Stored(NamedTuple):
    """An item as it was read, with its size by DynamoDB's rules."""

    item: Item
    size: int


class Position(NamedTuple):
    """Where a row stands among the rows of a table (the last two are empty) or an index."""

    partition: bytes
    sort: bytes
    item_partition: bytes = b""
    item_sort: bytes = b""


Line: TypeAlias = Row
"""A row of a table or an index: its position (two or four parts), its size, and its item's bytes."""


def position_of(line: Line) -> Position:
    return Position(*line[:-2])


class Tables:
    """Reads and writes of tables, items and entries of indexes."""

    def __init__(self, store: Store) -> None:
        self._documents = Documents(store, "dynamodb.table")
        self._streams = Documents(store, "dynamodb.stream")
        self.is_shared = store.is_shared
        self._tables: dict[tuple[str, str, str], Table] = store.make_cache()
        self._measures: dict[int, tuple[int, int, int]] = {}

    # ---- tables

    def find_table(self, tx: Tx, account: str, region: str, name: str) -> Table | None:
        key = (account, region, name)
        table = self._tables.get(key)
        if table is not None:
            return table
        document = self._documents.find(tx, account, region, name)
        if document is None:
            return None
        table = Table(account, region, document)
        self._tables[key] = table
        return table

    def save_table(self, tx: Tx, account: str, region: str, document: Document) -> Table:
        self._documents.save(tx, account, region, document["TableName"], document)
        tx.forget(self._tables, (account, region, document["TableName"]))
        return Table(account, region, document)

    def remove_table(self, tx: Tx, table: Table) -> None:
        """Remove a table with all that it holds."""
        for index in table.indexes:
            self.remove_all_entries(tx, index)
        self.remove_all_items(tx, table.number)
        self._documents.remove(tx, table.account, table.region, table.name)
        tx.forget(self._tables, (table.account, table.region, table.name))

    def list_names(self, tx: Tx, account: str, region: str, after: str, limit: int) -> list[str]:
        return [
            name for name, _ in self._documents.page(tx, account, region, after=after, limit=limit)
        ]

    def every_table(self, tx: Tx) -> list[Table]:
        return [
            Table(account, region, document)
            for account, region, _, document in self._documents.every(tx)
        ]

    # ---- items

    def find_item(self, tx: Tx, table: Table, key: Key) -> Stored | None:
        row = tx.row(
            "SELECT item, size FROM dynamodb_items"
            " WHERE table_number = ? AND partition_key = ? AND sort_key = ?",
            table.number,
            key[0],
            key[1],
        )
        return Stored(unpacked(row[0]), row[1]) if row is not None else None

    def save_item(
        self, tx: Tx, table: Table, key: Key, item: Item, size: int, expires_at: int | None
    ) -> None:
        tx.run(
            "INSERT INTO dynamodb_items"
            " (table_number, partition_key, sort_key, size, expires_at, item)"
            " VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (table_number, partition_key, sort_key) DO UPDATE"
            " SET size = excluded.size, expires_at = excluded.expires_at, item = excluded.item",
            table.number,
            key[0],
            key[1],
            size,
            expires_at,
            packed(item),
        )

    def remove_item(self, tx: Tx, table: Table, key: Key) -> None:
        tx.run(
            "DELETE FROM dynamodb_items"
            " WHERE table_number = ? AND partition_key = ? AND sort_key = ?",
            table.number,
            key[0],
            key[1],
        )

    def remove_all_items(self, tx: Tx, table_number: int) -> None:
        tx.run("DELETE FROM dynamodb_items WHERE table_number = ?", table_number)

    def set_expiry(self, tx: Tx, table: Table, key: Key, expires_at: int | None) -> None:
        tx.run(
            "UPDATE dynamodb_items SET expires_at = ?"
            " WHERE table_number = ? AND partition_key = ? AND sort_key = ?",
            expires_at,
            table.number,
            key[0],
            key[1],
        )

    def forget_expiries(self, tx: Tx, table: Table) -> None:
        tx.run(
            "UPDATE dynamodb_items SET expires_at = NULL"
            " WHERE table_number = ? AND expires_at IS NOT NULL",
            table.number,
        )

    def expired(self, tx: Tx, now: int, limit: int) -> list[tuple[int, Key]]:
        """Numbers of tables and keys of items whose time has passed, the earliest first."""
        return [
            (number, (partition, sort))
            for number, partition, sort in tx.rows(
                "SELECT table_number, partition_key, sort_key FROM dynamodb_items"
                " WHERE expires_at IS NOT NULL AND expires_at <= ? ORDER BY expires_at LIMIT ?",
                now,
                limit,
            )
        ]

    def next_expiry(self, tx: Tx) -> int | None:
        row = tx.row("SELECT min(expires_at) FROM dynamodb_items WHERE expires_at IS NOT NULL")
        return row[0] if row is not None else None

    def measure_items(self, tx: Tx, table: Table, now: int) -> tuple[int, int]:
        """How many items a table holds, and their size."""
        return self._measured(
            tx,
            "SELECT count(*), coalesce(sum(size), 0) FROM dynamodb_items WHERE table_number = ?",
            table.number,
            now,
        )

    def _measured(self, tx: Tx, sql: str, number: int, now: int) -> tuple[int, int]:
        # Counting many rows takes long. AWS counts every six hours or so: so do we, once they are many.
        known = self._measures.get(number)
        if known is not None and known[1] > _COUNTED_ALWAYS_MAX and now - known[0] < _COUNTED_EACH:
            return known[1], known[2]
        row = tx.row(sql, number)
        assert row is not None
        if len(self._measures) >= _MEASURES_MAX:
            self._measures.clear()
        self._measures[number] = (now, int(row[0]), int(row[1]))
        return int(row[0]), int(row[1])

    def partition_bytes(self, tx: Tx, table: Table, partition: bytes) -> int:
        """The size of a table's items under one partition key."""
        row = tx.row(
            "SELECT coalesce(sum(size), 0) FROM dynamodb_items"
            " WHERE table_number = ? AND partition_key = ?",
            table.number,
            partition,
        )
        assert row is not None
        return int(row[0])

    # ---- entries of indexes

    def save_entry(
        self, tx: Tx, index: Index, position: Key, key: Key, item: Item, size: int
    ) -> None:
        tx.run(
            "INSERT INTO dynamodb_entries (index_number, partition_key, sort_key,"
            " item_partition_key, item_sort_key, size, item) VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (index_number, partition_key, sort_key, item_partition_key, item_sort_key)"
            " DO UPDATE SET size = excluded.size, item = excluded.item",
            index.number,
            *position,
            key[0],
            shortened(key[1]),
            size,
            packed(item),
        )

    def remove_entry(self, tx: Tx, index: Index, position: Key, key: Key) -> None:
        tx.run(
            "DELETE FROM dynamodb_entries WHERE index_number = ? AND partition_key = ?"
            " AND sort_key = ? AND item_partition_key = ? AND item_sort_key = ?",
            index.number,
            *position,
            key[0],
            shortened(key[1]),
        )

    def remove_all_entries(self, tx: Tx, index: Index) -> None:
        tx.run("DELETE FROM dynamodb_entries WHERE index_number = ?", index.number)

    def measure_entries(self, tx: Tx, index: Index, now: int) -> tuple[int, int]:
        """How many entries an index holds, and their size."""
        return self._measured(
            tx,
            "SELECT count(*), coalesce(sum(size), 0) FROM dynamodb_entries WHERE index_number = ?",
            index.number,
            now,
        )

    # ---- reading in order. Rows past `start`, which is not among them; up to, without, `end`.

    def query_items(
        self,
        tx: Tx,
        table: Table,
        partition: bytes,
        low: bytes,
        high: bytes | None,
        limit: int,
        *,
        is_forward: bool,
    ) -> list[Line]:
        """Items of one partition with sort keys from `low` up to, without, `high`."""
        return tx.rows(
            "SELECT partition_key, sort_key, size, item FROM dynamodb_items"
            " WHERE table_number = ? AND partition_key = ? AND sort_key >= ?"
            f"{' AND sort_key < ?' if high is not None else ''}"
            f" ORDER BY sort_key {'ASC' if is_forward else 'DESC'} LIMIT ?",
            table.number,
            partition,
            low,
            *(() if high is None else (high,)),
            limit,
        )

    def query_entries(
        self,
        tx: Tx,
        index: Index,
        partition: bytes,
        low: bytes,
        high: bytes | None,
        start: Position | None,
        limit: int,
        *,
        is_forward: bool,
    ) -> list[Line]:
        """Entries of one partition of an index, past `start` in the direction of reading."""
        bounds: list[bytes] = [low]
        conditions = " AND sort_key >= ?"
        if high is not None:
            conditions += " AND sort_key < ?"
            bounds.append(high)
        if start is not None:
            conditions += (
                " AND (sort_key, item_partition_key, item_sort_key)"
                f" {'>' if is_forward else '<'} (?, ?, ?)"
            )
            bounds += start[1:]
        direction = "ASC" if is_forward else "DESC"
        return tx.rows(
            "SELECT partition_key, sort_key, item_partition_key, item_sort_key, size, item"
            f" FROM dynamodb_entries WHERE index_number = ? AND partition_key = ?{conditions}"
            f" ORDER BY sort_key {direction}, item_partition_key {direction},"
            f" item_sort_key {direction} LIMIT ?",
            index.number,
            partition,
            *bounds,
            limit,
        )

    def scan_items(
        self, tx: Tx, table: Table, start: Position, end: bytes | None, limit: int
    ) -> list[Line]:
        """Items of all partitions after `start`, in partitions before `end`."""
        return tx.rows(
            "SELECT partition_key, sort_key, size, item FROM dynamodb_items"
            " WHERE table_number = ? AND (partition_key, sort_key) > (?, ?)"
            f"{' AND partition_key < ?' if end is not None else ''}"
            " ORDER BY partition_key, sort_key LIMIT ?",
            table.number,
            *start[:2],
            *(() if end is None else (end,)),
            limit,
        )

    def scan_entries(
        self, tx: Tx, index: Index, start: Position, end: bytes | None, limit: int
    ) -> list[Line]:
        """Entries of all partitions of an index after `start`, in partitions before `end`."""
        return tx.rows(
            "SELECT partition_key, sort_key, item_partition_key, item_sort_key, size, item"
            " FROM dynamodb_entries WHERE index_number = ?"
            " AND (partition_key, sort_key, item_partition_key, item_sort_key) > (?, ?, ?, ?)"
            f"{' AND partition_key < ?' if end is not None else ''}"
            " ORDER BY partition_key, sort_key, item_partition_key, item_sort_key LIMIT ?",
            index.number,
            *start,
            *(() if end is None else (end,)),
            limit,
        )

    # ---- streams

    def find_stream(
        self, tx: Tx, account: str, region: str, table: str, label: str
    ) -> Stream | None:
        document = self._streams.find(tx, account, region, f"{table}/{label}")
        return Stream(account, region, document) if document is not None else None

    def save_stream(self, tx: Tx, stream: Stream) -> None:
        self._streams.save(tx, stream.account, stream.region, stream.document_name, stream.document)

    def remove_stream(self, tx: Tx, stream: Stream) -> None:
        self._streams.remove(tx, stream.account, stream.region, stream.document_name)
        tx.run("DELETE FROM dynamodb_stream_records WHERE stream = ?", stream.number)

    def list_streams(
        self, tx: Tx, account: str, region: str, prefix: str, after: str, limit: int
    ) -> list[Stream]:
        return [
            Stream(account, region, document)
            for _, document in self._streams.page(
                tx, account, region, prefix=prefix, after=after, limit=limit
            )
        ]

    def every_stream(self, tx: Tx) -> list[Stream]:
        return [
            Stream(account, region, document)
            for account, region, _, document in self._streams.every(tx)
        ]

    def add_record(
        self, tx: Tx, stream: Stream, sequence: int, created_at: int, record: bytes
    ) -> None:
        tx.run(
            "INSERT INTO dynamodb_stream_records (stream, sequence, created_at, record)"
            " VALUES (?, ?, ?, ?)",
            stream.number,
            sequence,
            created_at,
            record,
        )

    def read_records(
        self, tx: Tx, stream: int, sequence: int, oldest: int, limit: int
    ) -> list[tuple[int, int, bytes]]:
        """Sequence number, instant and bytes of records from `sequence` on, none before `oldest`."""
        return [
            (number, created_at, record)
            for number, created_at, record in tx.rows(
                "SELECT sequence, created_at, record FROM dynamodb_stream_records"
                " WHERE stream = ? AND sequence >= ? AND created_at >= ? ORDER BY sequence LIMIT ?",
                stream,
                sequence,
                oldest,
                limit,
            )
        ]

    def last_sequence(self, tx: Tx, stream: int) -> int | None:
        row = tx.row("SELECT max(sequence) FROM dynamodb_stream_records WHERE stream = ?", stream)
        return row[0] if row is not None else None

    def trim_records(self, tx: Tx, stream: int, oldest: int) -> None:
        tx.run(
            "DELETE FROM dynamodb_stream_records WHERE stream = ? AND created_at < ?",
            stream,
            oldest,
        )

    # ---- client tokens

    def find_request(self, tx: Tx, account: str, region: str, token: str, now: int) -> bytes | None:
        """What was asked under a client token that is still remembered."""
        row = tx.row(
            "SELECT request FROM dynamodb_client_tokens"
            " WHERE account = ? AND region = ? AND token = ? AND expires_at > ?",
            account,
            region,
            token,
            now,
        )
        return row[0] if row is not None else None

    def save_request(
        self, tx: Tx, account: str, region: str, token: str, expires_at: int, request: bytes
    ) -> None:
        tx.run(
            "INSERT INTO dynamodb_client_tokens (account, region, token, expires_at, request)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT (account, region, token)"
            " DO UPDATE SET expires_at = excluded.expires_at, request = excluded.request",
            account,
            region,
            token,
            expires_at,
            request,
        )

    def forget_requests(self, tx: Tx, now: int) -> None:
        tx.run("DELETE FROM dynamodb_client_tokens WHERE expires_at <= ?", now)
