"""The tables that IAM keeps, step by step. `tables.py` reads and writes them."""

from __future__ import annotations

from fogline.store.schema import Schema

SCHEMA = Schema(
    "iam",
    (
        (
            """CREATE TABLE iam_access_keys (
                access_key TEXT PRIMARY KEY, secret_key TEXT NOT NULL, account TEXT NOT NULL,
                user_name TEXT NOT NULL, status TEXT NOT NULL, created_at INTEGER NOT NULL)""",
            "CREATE INDEX iam_access_keys_by_user ON iam_access_keys (account, user_name)",
        ),
    ),
)
