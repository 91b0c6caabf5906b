"""The tables that DynamoDB keeps, step by step. `tables.py` reads and writes them."""

from __future__ import annotations

from fogline.store.schema import Schema

SCHEMA = Schema(
    "dynamodb",
    (
        (
            """CREATE TABLE dynamodb_items (
                table_number INTEGER NOT NULL, partition_key BLOB NOT NULL, sort_key BLOB NOT NULL,
                size INTEGER NOT NULL, expires_at INTEGER, item BLOB NOT NULL,
                PRIMARY KEY (table_number, partition_key, sort_key)) WITHOUT ROWID""",
            """CREATE INDEX dynamodb_items_by_expiry ON dynamodb_items (expires_at)
                WHERE expires_at IS NOT NULL""",
            """CREATE TABLE dynamodb_entries (
                index_number INTEGER NOT NULL, partition_key BLOB NOT NULL, sort_key BLOB NOT NULL,
                item_partition_key BLOB NOT NULL, item_sort_key BLOB NOT NULL,
                size INTEGER NOT NULL, item BLOB NOT NULL,
                PRIMARY KEY (index_number, partition_key, sort_key, item_partition_key, item_sort_key)
                ) WITHOUT ROWID""",
            """CREATE TABLE dynamodb_stream_records (
                stream INTEGER NOT NULL, sequence INTEGER NOT NULL, created_at INTEGER NOT NULL,
                record BLOB NOT NULL, PRIMARY KEY (stream, sequence)) WITHOUT ROWID""",
            """CREATE TABLE dynamodb_client_tokens (
                account TEXT NOT NULL, region TEXT NOT NULL, token TEXT NOT NULL,
                expires_at INTEGER NOT NULL, request BLOB NOT NULL,
                PRIMARY KEY (account, region, token))""",
        ),
    ),
)
