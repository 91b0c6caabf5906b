"""Express executions that nobody waits for: begun and not ended, begun again after a crash."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from fogline.store.store import Tx


class ExpressPromises:
    """Reads and writes of promised executions."""

    def add(self, tx: Tx, id: str, due_at: int, facts: Mapping[str, Any], input_text: str) -> None:
        tx.run(
            "INSERT INTO sfn_express (id, due_at, facts, input) VALUES (?, ?, ?, ?)",
            id,
            due_at,
            orjson.dumps(facts),
            input_text.encode(),
        )

    def due(self, tx: Tx, now: int, limit: int) -> list[tuple[str, Mapping[str, Any], str]]:
        rows = tx.take(
            "SELECT id, facts, input FROM sfn_express WHERE due_at <= ? ORDER BY due_at LIMIT ?",
            now,
            limit,
        )
        return [(row[0], orjson.loads(row[1]), bytes(row[2]).decode()) for row in rows]

    def lease(self, tx: Tx, ids: Iterable[str], until: int) -> None:
        tx.many("UPDATE sfn_express SET due_at = ? WHERE id = ?", [(until, id) for id in ids])

    def release_all(self, tx: Tx) -> None:
        tx.run("UPDATE sfn_express SET due_at = 0")

    def remove(self, tx: Tx, id: str) -> bool:
        """False when it was removed before."""
        return bool(tx.run("DELETE FROM sfn_express WHERE id = ?", id))

    def recall(self, tx: Tx, id: str, now: int) -> bool:
        """Remove one that nobody runs; False for those that somebody does."""
        return bool(tx.run("DELETE FROM sfn_express WHERE id = ? AND due_at <= ?", id, now))

    def next(self, tx: Tx, now: int) -> int | None:
        row = tx.row("SELECT min(due_at) FROM sfn_express WHERE due_at > ?", now)
        return row[0] if row else None
