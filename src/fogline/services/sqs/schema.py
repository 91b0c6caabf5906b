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
        (
            "ALTER TABLE sqs_messages ADD COLUMN message_group TEXT",
            """CREATE INDEX sqs_messages_by_group ON sqs_messages (queue, message_group, sequence)
                WHERE message_group IS NOT NULL""",
            """CREATE TABLE sqs_groups (
                queue INTEGER NOT NULL, name TEXT NOT NULL, head INTEGER NOT NULL, ready_at INTEGER NOT NULL,
                newest INTEGER NOT NULL, PRIMARY KEY (queue, name)) WITHOUT ROWID""",
            "CREATE INDEX sqs_groups_by_readiness ON sqs_groups (queue, ready_at, head)",
            """CREATE TABLE sqs_duplicates (
                queue INTEGER NOT NULL, scope TEXT NOT NULL, deduplication_id TEXT NOT NULL, id TEXT NOT NULL,
                sequence INTEGER NOT NULL, expires_at INTEGER NOT NULL,
                PRIMARY KEY (queue, scope, deduplication_id)) WITHOUT ROWID""",
            "CREATE INDEX sqs_duplicates_by_expiry ON sqs_duplicates (expires_at)",
            """CREATE TABLE sqs_attempts (
                queue INTEGER NOT NULL, attempt TEXT NOT NULL, expires_at INTEGER NOT NULL,
                messages BLOB NOT NULL, PRIMARY KEY (queue, attempt)) WITHOUT ROWID""",
            "CREATE INDEX sqs_attempts_by_expiry ON sqs_attempts (expires_at)",
        ),
        (
            # Beside its key in a tree, a body of a kilobyte took a page of its own.
            "ALTER TABLE sqs_bodies RENAME TO sqs_bodies_before",
            """CREATE TABLE sqs_bodies (
                queue INTEGER NOT NULL, sequence INTEGER NOT NULL, body TEXT NOT NULL,
                PRIMARY KEY (queue, sequence))""",
            "INSERT INTO sqs_bodies (queue, sequence, body) SELECT queue, sequence, body FROM sqs_bodies_before",
            "DROP TABLE sqs_bodies_before",
        ),
    ),
)
