"""Every row CloudFormation keeps, and the only file that knows how.

A stack, a resource and a change set are JSON documents with the columns that are searched beside them.
Templates are kept apart: they are large, and read only when asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from fogline.store.store import Tx

Document = dict[str, Any]


# ---- stacks


def find_stack(tx: Tx, account: str, region: str, name_or_id: str) -> Document | None:
    """A stack by its id, deleted or not, or by its name, while it is not deleted."""
    if name_or_id.startswith("arn:"):
        row = tx.row("SELECT body FROM cfn_stacks WHERE id = ?", name_or_id)
        found: Document | None = orjson.loads(row[0]) if row else None
        return (
            found if found and found["Account"] == account and found["Region"] == region else None
        )
    row = tx.row(
        "SELECT body FROM cfn_stacks WHERE account = ? AND region = ? AND name = ? AND is_deleted = 0",
        account,
        region,
        name_or_id,
    )
    return orjson.loads(row[0]) if row else None


def list_stacks(
    tx: Tx,
    account: str,
    region: str,
    *,
    with_deleted: bool,
    before: tuple[int, str] | None,
    limit: int,
) -> list[Document]:
    """Stacks from the newest to the oldest, those after `before` (creation time, id)."""
    at, stack_id = before or (1 << 62, "")
    rows = tx.rows(
        "SELECT body FROM cfn_stacks WHERE account = ? AND region = ? AND is_deleted <= ?"
        " AND (created_at < ? OR (created_at = ? AND id > ?)) ORDER BY created_at DESC, id LIMIT ?",
        account,
        region,
        1 if with_deleted else 0,
        at,
        at,
        stack_id,
        limit,
    )
    return [orjson.loads(body) for (body,) in rows]


def save_stack(tx: Tx, stack: Mapping[str, Any]) -> None:
    tx.run(
        "INSERT INTO cfn_stacks (id, account, region, name, is_deleted, deleted_at, created_at, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET is_deleted = excluded.is_deleted,"
        " deleted_at = excluded.deleted_at, body = excluded.body",
        stack["StackId"],
        stack["Account"],
        stack["Region"],
        stack["StackName"],
        1 if stack["StackStatus"] == "DELETE_COMPLETE" else 0,
        stack.get("DeletionTime", 0),
        stack["CreationTime"],
        orjson.dumps(stack),
    )


def deleted_before(tx: Tx, instant: int, limit: int) -> list[Document]:
    """Stacks deleted before `instant`, the longest gone first."""
    rows = tx.rows(
        "SELECT body FROM cfn_stacks WHERE is_deleted = 1 AND deleted_at < ? ORDER BY deleted_at LIMIT ?",
        instant,
        limit,
    )
    return [orjson.loads(body) for (body,) in rows]


def forget_stack(tx: Tx, stack: Mapping[str, Any]) -> None:
    """Remove a deleted stack and all that was kept of it."""
    for change_set in list_change_sets(tx, stack["StackId"]):
        remove_change_set(tx, change_set)
    remove_template(tx, stack.get("template_id", ""))
    for table in ("cfn_resources", "cfn_events"):
        tx.run(f"DELETE FROM {table} WHERE stack_id = ?", stack["StackId"])
    tx.run("DELETE FROM cfn_stacks WHERE id = ?", stack["StackId"])


# ---- templates


def add_template(tx: Tx, template_id: str, original: str, processed: str) -> None:
    tx.run(
        "INSERT INTO cfn_templates (id, original, processed) VALUES (?, ?, ?)",
        template_id,
        original,
        processed,
    )


def find_template(tx: Tx, template_id: str) -> tuple[str, str] | None:
    """The original and the processed text of a template."""
    row = tx.row("SELECT original, processed FROM cfn_templates WHERE id = ?", template_id)
    return (row[0], row[1]) if row else None


def remove_template(tx: Tx, template_id: str) -> None:
    tx.run("DELETE FROM cfn_templates WHERE id = ?", template_id)


# ---- resources


def resources(tx: Tx, stack_id: str) -> dict[str, Document]:
    """The resources of a stack by logical id."""
    rows = tx.rows(
        "SELECT logical_id, body FROM cfn_resources WHERE stack_id = ? ORDER BY logical_id",
        stack_id,
    )
    return {logical_id: orjson.loads(body) for logical_id, body in rows}


def save_resource(tx: Tx, stack_id: str, logical_id: str, resource: Mapping[str, Any]) -> None:
    tx.run(
        "INSERT INTO cfn_resources (stack_id, logical_id, physical_id, body) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (stack_id, logical_id) DO UPDATE SET"
        " physical_id = excluded.physical_id, body = excluded.body",
        stack_id,
        logical_id,
        resource.get("physical_id", ""),
        orjson.dumps(resource),
    )


def remove_resource(tx: Tx, stack_id: str, logical_id: str) -> None:
    tx.run("DELETE FROM cfn_resources WHERE stack_id = ? AND logical_id = ?", stack_id, logical_id)


def stacks_of_physical_id(tx: Tx, physical_id: str) -> list[str]:
    rows = tx.rows("SELECT stack_id FROM cfn_resources WHERE physical_id = ?", physical_id)
    return [stack_id for (stack_id,) in rows]


# ---- events


def next_event(tx: Tx, stack_id: str) -> int:
    row = tx.row("SELECT COALESCE(MAX(seq), 0) FROM cfn_events WHERE stack_id = ?", stack_id)
    assert row is not None
    return int(row[0]) + 1


def add_events(tx: Tx, stack_id: str, events: Iterable[tuple[int, Mapping[str, Any]]]) -> None:
    tx.many(
        "INSERT INTO cfn_events (stack_id, seq, body) VALUES (?, ?, ?)",
        [(stack_id, seq, orjson.dumps(body)) for seq, body in events],
    )


def list_events(
    tx: Tx, stack_id: str, before: int | None, limit: int
) -> list[tuple[int, Document]]:
    """Events from the newest to the oldest."""
    rows = tx.rows(
        "SELECT seq, body FROM cfn_events WHERE stack_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?",
        stack_id,
        before if before is not None else 1 << 62,
        limit,
    )
    return [(seq, orjson.loads(body)) for seq, body in rows]


# ---- change sets


def find_change_set(tx: Tx, change_set_id: str) -> Document | None:
    row = tx.row("SELECT body FROM cfn_change_sets WHERE id = ?", change_set_id)
    return orjson.loads(row[0]) if row else None


def find_change_set_by_name(tx: Tx, stack_id: str, name: str) -> Document | None:
    row = tx.row("SELECT body FROM cfn_change_sets WHERE stack_id = ? AND name = ?", stack_id, name)
    return orjson.loads(row[0]) if row else None


def list_change_sets(tx: Tx, stack_id: str) -> list[Document]:
    rows = tx.rows(
        "SELECT body FROM cfn_change_sets WHERE stack_id = ? ORDER BY created_at, id", stack_id
    )
    return [orjson.loads(body) for (body,) in rows]


def save_change_set(tx: Tx, change_set: Mapping[str, Any]) -> None:
    tx.run(
        "INSERT INTO cfn_change_sets (id, stack_id, name, created_at, body) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET body = excluded.body",
        change_set["ChangeSetId"],
        change_set["StackId"],
        change_set["ChangeSetName"],
        change_set["CreationTime"],
        orjson.dumps(change_set),
    )


def remove_change_set(tx: Tx, change_set: Mapping[str, Any]) -> None:
    """Remove a change set, and its template if that became no stack's."""
    target = change_set.get("target")
    if target and not change_set["ExecutionStatus"].startswith("EXECUTE_"):
        remove_template(tx, target["template_id"])
    tx.run("DELETE FROM cfn_change_sets WHERE id = ?", change_set["ChangeSetId"])


# ---- work in progress


def find_work(tx: Tx, stack_id: str) -> Document | None:
    row = tx.row("SELECT body FROM cfn_work WHERE stack_id = ?", stack_id)
    return orjson.loads(row[0]) if row else None


def work_due_at(tx: Tx, stack_id: str) -> int | None:
    """When the operation on a stack goes on, None if there is none."""
    row = tx.row("SELECT due_at FROM cfn_work WHERE stack_id = ?", stack_id)
    return int(row[0]) if row else None


def take_work(tx: Tx, limit: int) -> list[tuple[str, int, Document]]:
    """Every operation in progress, locked: stack id, when it is due, and where it stands."""
    rows = tx.take("SELECT stack_id, due_at, body FROM cfn_work ORDER BY due_at LIMIT ?", limit)
    return [(stack_id, due_at, orjson.loads(body)) for stack_id, due_at, body in rows]


def save_work(tx: Tx, stack_id: str, due_at: int, work: Mapping[str, Any]) -> None:
    tx.run(
        "INSERT INTO cfn_work (stack_id, due_at, body) VALUES (?, ?, ?)"
        " ON CONFLICT (stack_id) DO UPDATE SET due_at = excluded.due_at, body = excluded.body",
        stack_id,
        due_at,
        orjson.dumps(work),
    )


def remove_work(tx: Tx, stack_id: str) -> None:
    tx.run("DELETE FROM cfn_work WHERE stack_id = ?", stack_id)


# ---- exports and imports


def find_export(tx: Tx, account: str, region: str, name: str) -> tuple[str, str] | None:
    """The value of an export, and the stack that makes it."""
    row = tx.row(
        "SELECT value, stack_id FROM cfn_exports WHERE account = ? AND region = ? AND name = ?",
        account,
        region,
        name,
    )
    return (row[0], row[1]) if row else None


def list_exports(
    tx: Tx, account: str, region: str, after: str, limit: int
) -> list[tuple[str, str, str]]:
    """Name, value and stack of every export, by name."""
    rows = tx.rows(
        "SELECT name, value, stack_id FROM cfn_exports WHERE account = ? AND region = ? AND name > ?"
        " ORDER BY name LIMIT ?",
        account,
        region,
        after,
        limit,
    )
    return [(name, value, stack_id) for name, value, stack_id in rows]


def exports_of(tx: Tx, stack_id: str) -> dict[str, str]:
    return dict(tx.rows("SELECT name, value FROM cfn_exports WHERE stack_id = ?", stack_id))


def replace_exports(
    tx: Tx, account: str, region: str, stack_id: str, exports: Mapping[str, str]
) -> None:
    tx.run("DELETE FROM cfn_exports WHERE stack_id = ?", stack_id)
    tx.many(
        "INSERT INTO cfn_exports (account, region, name, value, stack_id) VALUES (?, ?, ?, ?, ?)",
        [(account, region, name, value, stack_id) for name, value in exports.items()],
    )


def importers(tx: Tx, account: str, region: str, name: str) -> list[str]:
    """The names of the stacks that import an export."""
    rows = tx.rows(
        "SELECT s.name FROM cfn_imports i JOIN cfn_stacks s ON s.id = i.stack_id"
        " WHERE i.account = ? AND i.region = ? AND i.name = ? AND s.is_deleted = 0 ORDER BY s.name",
        account,
        region,
        name,
    )
    return [stack for (stack,) in rows]


def replace_imports(tx: Tx, account: str, region: str, stack_id: str, names: Iterable[str]) -> None:
    tx.run("DELETE FROM cfn_imports WHERE stack_id = ?", stack_id)
    tx.many(
        "INSERT INTO cfn_imports (account, region, name, stack_id) VALUES (?, ?, ?, ?)",
        [(account, region, name, stack_id) for name in names],
    )


# ---- signals: what wait conditions and custom resources are answered


def add_signal(tx: Tx, token: str, unique_id: str, body: Mapping[str, Any]) -> None:
    tx.run(
        "INSERT INTO cfn_signals (token, unique_id, body) VALUES (?, ?, ?)"
        " ON CONFLICT (token, unique_id) DO UPDATE SET body = excluded.body",
        token,
        unique_id,
        orjson.dumps(body),
    )


def signals(tx: Tx, token: str) -> list[Document]:
    rows = tx.rows("SELECT body FROM cfn_signals WHERE token = ? ORDER BY unique_id", token)
    return [orjson.loads(body) for (body,) in rows]


def remove_signals(tx: Tx, token: str) -> None:
    tx.run("DELETE FROM cfn_signals WHERE token = ?", token)
