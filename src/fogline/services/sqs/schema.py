"""The tables that SQS keeps, step by step. `tables.py` reads and writes them."""

from __future__ import annotations

from fogline.store.schema import Schema

SCHEMA = Schema(
    "sqs",
    (
        (
            """CREATE TABLE sqs_messages (
                queue INTEGER NOT NULL, sequence INTEGER NOT NULL, visible_at INTEGER NOT NULL,
                receive_count INTEGER NOT NULL, first_received_at INTEGER NOT NULL, id TEXT NOT NULL,
                md5 TEXT NOT NULL, sender TEXT NOT NULL, body TEXT, facts BLOB,
                PRIMARY KEY (queue, sequence)) WITHOUT ROWID""",
            "CREATE INDEX sqs_messages_by_visibility ON sqs_messages (queue, visible_at, sequence)",
            """CREATE TABLE sqs_bodies (
                queue INTEGER NOT NULL, sequence INTEGER NOT NULL, body TEXT NOT NULL,
                PRIMARY KEY (queue, sequence)) WITHOUT ROWID""",
        ),
    ),
)
