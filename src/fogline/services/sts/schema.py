"""The tables that STS keeps, step by step. `credentials.py` reads and writes them."""

from __future__ import annotations

from fogline.store.schema import Schema

SCHEMA = Schema(
    "sts",
    (
        (
            """CREATE TABLE sts_credentials (
                access_key TEXT PRIMARY KEY, secret_key TEXT NOT NULL, account TEXT NOT NULL,
                arn TEXT NOT NULL, user_id TEXT NOT NULL, expires_at INTEGER NOT NULL)""",
            "CREATE INDEX sts_credentials_by_expiry ON sts_credentials (expires_at)",
        ),
    ),
)
