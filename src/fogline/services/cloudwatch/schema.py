"""The tables that CloudWatch keeps, step by step. `tables.py` reads and writes them."""

from __future__ import annotations

from fogline.store.schema import Schema

SCHEMA = Schema(
    "cloudwatch",
    (
        (
            # The number of a series is a digest of all that names it, so that any node knows it without asking.
            """CREATE TABLE cloudwatch_series (
                id BLOB NOT NULL PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL,
                namespace TEXT NOT NULL, name TEXT NOT NULL, dimensions TEXT NOT NULL,
                last_at INTEGER NOT NULL)""",
            """CREATE INDEX cloudwatch_series_by_name
                ON cloudwatch_series (account, region, namespace, name, id)""",
            # Rows are appended, each with an arrival of its own, and merged later into the one of arrival 0.
            """CREATE TABLE cloudwatch_points (
                series BLOB NOT NULL, period INTEGER NOT NULL, at INTEGER NOT NULL, unit TEXT NOT NULL,
                arrival INTEGER NOT NULL, count REAL NOT NULL, sum REAL NOT NULL, minimum REAL NOT NULL,
                maximum REAL NOT NULL, spread BLOB, PRIMARY KEY (series, period, at, unit, arrival))""",
            "CREATE INDEX cloudwatch_points_by_age ON cloudwatch_points (period, at)",
            """CREATE INDEX cloudwatch_points_by_arrival ON cloudwatch_points (arrival)
                WHERE arrival > 0""",
        ),
    ),
)
