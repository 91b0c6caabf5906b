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
            """CREATE TABLE events_archived (
                archive INTEGER NOT NULL, at INTEGER NOT NULL, number INTEGER NOT NULL,
                size INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (archive, at, number))""",
            "CREATE INDEX events_archived_by_number ON events_archived (archive, number, size)",
            "CREATE TABLE events_discarded (archive INTEGER PRIMARY KEY)",
            """CREATE TABLE events_replaying (
                account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
                due_at INTEGER NOT NULL, PRIMARY KEY (account, region, name))""",
            "CREATE INDEX events_replaying_by_due ON events_replaying (due_at)",
            """CREATE TABLE events_schedules (
                account TEXT NOT NULL, region TEXT NOT NULL, bus TEXT NOT NULL, rule TEXT NOT NULL,
                expression TEXT NOT NULL, anchor INTEGER NOT NULL, due_at INTEGER NOT NULL,
                PRIMARY KEY (account, region, bus, rule))""",
            "CREATE INDEX events_schedules_by_due ON events_schedules (due_at)",
            "CREATE TABLE events_call_rates (arn TEXT PRIMARY KEY, full_at INTEGER NOT NULL)",
        ),
    ),
)
