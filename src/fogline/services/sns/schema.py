"""The tables that SNS keeps, step by step. `tables.py` reads and writes them."""

from __future__ import annotations

from fogline.store.schema import Schema

SCHEMA = Schema(
    "sns",
    (
        (
            """CREATE TABLE sns_subscriptions (
                topic TEXT NOT NULL, ordinal INTEGER NOT NULL, id TEXT NOT NULL, owner TEXT NOT NULL,
                region TEXT NOT NULL, protocol TEXT NOT NULL, endpoint TEXT NOT NULL, pending_until INTEGER,
                body BLOB NOT NULL, PRIMARY KEY (topic, ordinal))""",
            "CREATE UNIQUE INDEX sns_subscriptions_by_id ON sns_subscriptions (topic, id)",
            "CREATE INDEX sns_subscriptions_by_owner ON sns_subscriptions (owner, region, ordinal)",
            "CREATE INDEX sns_subscriptions_by_endpoint ON sns_subscriptions (topic, protocol, endpoint)",
            """CREATE TABLE sns_deduplications (
                topic TEXT NOT NULL, scope TEXT NOT NULL, id TEXT NOT NULL, expires_at INTEGER NOT NULL,
                message TEXT NOT NULL, sequence_number TEXT NOT NULL, PRIMARY KEY (topic, scope, id))""",
            "CREATE INDEX sns_deduplications_by_expiry ON sns_deduplications (expires_at)",
            """CREATE TABLE sns_archived (
                topic TEXT NOT NULL, sequence INTEGER NOT NULL, body BLOB NOT NULL,
                PRIMARY KEY (topic, sequence))""",
            """CREATE TABLE sns_replays (
                topic TEXT NOT NULL, subscription INTEGER NOT NULL, next INTEGER NOT NULL,
                PRIMARY KEY (topic, subscription))""",
        ),
    ),
)
