"""The tables that EventBridge keeps, step by step. Buses and rules are documents; see `tables.py`."""

from __future__ import annotations

from fogline.store.schema import Schema

SCHEMA = Schema(
    "events",
    (
        (
            """CREATE TABLE events_changes (
                account TEXT NOT NULL, region TEXT NOT NULL, bus TEXT NOT NULL,
                version INTEGER NOT NULL, rule TEXT NOT NULL,
                PRIMARY KEY (account, region, bus, version))""",
        ),
    ),
)
