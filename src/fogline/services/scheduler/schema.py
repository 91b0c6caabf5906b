"""The table that EventBridge Scheduler keeps beside its documents. `tables.py` reads and writes it."""

from __future__ import annotations

from fogline.store.schema import Schema

SCHEMA = Schema(
    "scheduler",
    (
        (
            # `due_at` is NULL where nothing more is due; `made` is the last invocation that was made, or -1.
            """CREATE TABLE scheduler_due (
                account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
                occurrence INTEGER NOT NULL, due_at INTEGER, made INTEGER NOT NULL,
                PRIMARY KEY (account, region, name))""",
            "CREATE INDEX scheduler_due_by_time ON scheduler_due (due_at)",
        ),
    ),
)
