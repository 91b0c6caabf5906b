"""The tables that CloudWatch Logs keeps, step by step. `tables.py` reads and writes them."""

from __future__ import annotations

from fogline.store.schema import Schema

SCHEMA = Schema(
    "logs",
    (
        (
            """CREATE TABLE log_streams (
                id BIGINT NOT NULL PRIMARY KEY, group_id BIGINT NOT NULL, name TEXT NOT NULL,
                created_at BIGINT NOT NULL)""",
            "CREATE UNIQUE INDEX log_streams_by_name ON log_streams (group_id, name)",
            # All but the body stands in the key, so that streams are described from the index alone.
            """CREATE TABLE log_batches (
                stream BIGINT NOT NULL, first_at BIGINT NOT NULL, last_at BIGINT NOT NULL,
                id BIGINT NOT NULL, bytes INTEGER NOT NULL, body BLOB NOT NULL,
                PRIMARY KEY (stream, first_at, last_at, id, bytes))""",
        ),
    ),
)
