"""The tables that CloudFormation keeps, step by step. `tables.py` reads and writes them."""

from __future__ import annotations

from fogline.store.schema import Schema

SCHEMA = Schema(
    "cloudformation",
    (
        (
            """CREATE TABLE cfn_stacks (
                id TEXT PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
                is_deleted INTEGER NOT NULL, deleted_at INTEGER NOT NULL, created_at INTEGER NOT NULL,
                body BLOB NOT NULL)""",
            "CREATE INDEX cfn_stacks_by_deletion ON cfn_stacks (is_deleted, deleted_at)",
            "CREATE INDEX cfn_stacks_by_name ON cfn_stacks (account, region, name, is_deleted)",
            """CREATE TABLE cfn_resources (
                stack_id TEXT NOT NULL, logical_id TEXT NOT NULL, physical_id TEXT NOT NULL,
                body BLOB NOT NULL, PRIMARY KEY (stack_id, logical_id))""",
            "CREATE INDEX cfn_resources_by_physical_id ON cfn_resources (physical_id)",
            """CREATE TABLE cfn_events (
                stack_id TEXT NOT NULL, seq INTEGER NOT NULL, body BLOB NOT NULL,
                PRIMARY KEY (stack_id, seq))""",
            """CREATE TABLE cfn_templates (
                id TEXT PRIMARY KEY, original TEXT NOT NULL, processed TEXT NOT NULL)""",
            """CREATE TABLE cfn_change_sets (
                id TEXT PRIMARY KEY, stack_id TEXT NOT NULL, name TEXT NOT NULL,
                created_at INTEGER NOT NULL, body BLOB NOT NULL)""",
            "CREATE INDEX cfn_change_sets_by_stack ON cfn_change_sets (stack_id, name)",
            """CREATE TABLE cfn_work (
                stack_id TEXT PRIMARY KEY, due_at INTEGER NOT NULL, body BLOB NOT NULL)""",
            """CREATE TABLE cfn_exports (
                account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
                value TEXT NOT NULL, stack_id TEXT NOT NULL, PRIMARY KEY (account, region, name))""",
            "CREATE INDEX cfn_exports_by_stack ON cfn_exports (stack_id)",
            """CREATE TABLE cfn_imports (
                account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, stack_id TEXT NOT NULL,
                PRIMARY KEY (account, region, name, stack_id))""",
            "CREATE INDEX cfn_imports_by_stack ON cfn_imports (stack_id)",
            """CREATE TABLE cfn_signals (
                token TEXT NOT NULL, unique_id TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (token, unique_id))""",
        ),
    ),
)
