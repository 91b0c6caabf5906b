"""The tables that Step Functions keeps beside its documents. `executions.py` reads and writes most of them."""

from __future__ import annotations

from fogline.services.stepfunctions.distributed import items
from fogline.services.stepfunctions.map_runs import tables as map_runs
from fogline.store.schema import Schema

SCHEMA = Schema(
    "stepfunctions",
    (
        (
            # What clients see of an execution. `machine` is the machine's name, with `/label` behind it for
            # the children of a map run.
            """CREATE TABLE sfn_executions (
                id TEXT PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL, machine TEXT NOT NULL,
                name TEXT NOT NULL, status TEXT NOT NULL, started_at INTEGER NOT NULL,
                stopped_at INTEGER, map_run TEXT NOT NULL, facts BLOB NOT NULL,
                error TEXT, cause TEXT, version TEXT NOT NULL, alias TEXT NOT NULL,
                redrives INTEGER NOT NULL, output BLOB, input BLOB NOT NULL,
                UNIQUE (account, region, machine, name))""",
            "CREATE INDEX sfn_executions_by_start"
            " ON sfn_executions (account, region, machine, started_at, id)",
            "CREATE INDEX sfn_executions_by_status"
            " ON sfn_executions (account, region, machine, status, started_at, id)",
            "CREATE INDEX sfn_executions_of_map_run"
            " ON sfn_executions (map_run, started_at, id) WHERE map_run <> ''",
            "CREATE INDEX sfn_executions_of_version"
            " ON sfn_executions (version, started_at, id) WHERE version <> ''",
            "CREATE INDEX sfn_executions_of_alias"
            " ON sfn_executions (alias, started_at, id) WHERE alias <> ''",
            "CREATE INDEX sfn_executions_by_end ON sfn_executions (stopped_at)"
            " WHERE stopped_at IS NOT NULL",
            # What changes with every step of a running one: kept apart, so that payloads are not written again.
            """CREATE TABLE sfn_running (
                execution TEXT PRIMARY KEY, next_event INTEGER NOT NULL, next_branch INTEGER NOT NULL,
                expires_at INTEGER, waiter TEXT NOT NULL) WITHOUT ROWID""",
            "CREATE INDEX sfn_running_by_end ON sfn_running (expires_at) WHERE expires_at IS NOT NULL",
            # `due_at`: when the branch can go on, or its task takes too long. `task_due`: when its task is to be
            # performed (again); a node that performs it puts that off. A large `body` stands in sfn_bodies.
            """CREATE TABLE sfn_branches (
                execution TEXT NOT NULL, id INTEGER NOT NULL, parent INTEGER, due_at INTEGER,
                task_due INTEGER, place BLOB NOT NULL, body BLOB,
                PRIMARY KEY (execution, id)) WITHOUT ROWID""",
            "CREATE INDEX sfn_branches_by_due ON sfn_branches (due_at) WHERE due_at IS NOT NULL",
            "CREATE INDEX sfn_branches_by_task ON sfn_branches (task_due) WHERE task_due IS NOT NULL",
            """CREATE TABLE sfn_bodies (
                execution TEXT NOT NULL, branch INTEGER NOT NULL, body BLOB NOT NULL,
                PRIMARY KEY (execution, branch))""",
            # Events in chunks, as they were kept together. The first event is told by sfn_executions.
            """CREATE TABLE sfn_history (
                execution TEXT NOT NULL, first_id INTEGER NOT NULL, last_id INTEGER NOT NULL,
                events BLOB NOT NULL, PRIMARY KEY (execution, first_id))""",
            "CREATE TABLE sfn_definitions (id TEXT PRIMARY KEY, text TEXT NOT NULL)",
            """CREATE TABLE sfn_activity_tasks (
                activity TEXT NOT NULL, position INTEGER NOT NULL, token TEXT NOT NULL,
                PRIMARY KEY (activity, position))""",
            # Express executions begun and not ended: begun again after a crash.
            """CREATE TABLE sfn_express (
                id TEXT PRIMARY KEY, due_at INTEGER NOT NULL, facts BLOB NOT NULL, input BLOB NOT NULL)""",
            "CREATE INDEX sfn_express_by_due ON sfn_express (due_at)",
            *items.SCHEMA_STEP,
            *map_runs.SCHEMA_STEP,
        ),
    ),
)
