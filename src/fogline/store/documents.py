"""Control-plane resources as JSON documents in one table, with their parsed form kept at hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from fogline.store.schema import Schema
from fogline.store.store import Store, Tx

SCHEMA = Schema(
    "documents",
    (
        (
            """CREATE TABLE documents (
                kind TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
                body BLOB NOT NULL, PRIMARY KEY (kind, account, region, name))""",
        ),
    ),
)

_CACHED_MAX = 4_096

Document = Mapping[str, Any]


class Documents:
    """The documents of one kind, by account, region and name.

    What is handed out is shared with other readers: never change it, save a new one.
    """

    def __init__(self, store: Store, kind: str) -> None:
        self._kind = kind
        self._cache: dict[tuple[str, str, str], Document] = store.make_cache()
        self._owners: dict[str, tuple[str, str]] = store.make_cache()

    def find(self, tx: Tx, account: str, region: str, name: str) -> Document | None:
        """The document of that name, or None."""
        key = (account, region, name)
        found = self._cache.get(key)
        if found is not None:
            return found
        if "\x00" in name:  # no name has it in it, and PostgreSQL takes no such text
            return None
        row = tx.row(
            "SELECT body FROM documents WHERE kind = ? AND account = ? AND region = ? AND name = ?",
            self._kind,
            account,
            region,
            name,
        )
        if row is None:
            return None
        document: Document = orjson.loads(row[0])
        if len(self._cache) >= _CACHED_MAX:
            self._cache.clear()
        self._cache[key] = document
        return document

    def owner(self, tx: Tx, name: str) -> tuple[str, str] | None:
        """The account and region that have a document of that name, where names are nobody else's."""
        found = self._owners.get(name)
        if found is None and "\x00" not in name:
            row = tx.row(
                "SELECT account, region FROM documents WHERE kind = ? AND name = ?"
                " ORDER BY account, region LIMIT 1",
                self._kind,
                name,
            )
            if row is None:
                return None
            if len(self._owners) >= _CACHED_MAX:
                self._owners.clear()
            found = self._owners[name] = (row[0], row[1])
        return found

    def save(self, tx: Tx, account: str, region: str, name: str, body: Mapping[str, Any]) -> None:
        """Keep `body` (JSON values only) under that name, in place of what was there."""
        tx.run(
            "INSERT INTO documents (kind, account, region, name, body) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (kind, account, region, name) DO UPDATE SET body = excluded.body",
            self._kind,
            account,
            region,
            name,
            orjson.dumps(body),
        )
        tx.forget(self._cache, (account, region, name))

    def remove(self, tx: Tx, account: str, region: str, name: str) -> bool:
        """Remove that document; False if there was none."""
        count = tx.run(
            "DELETE FROM documents WHERE kind = ? AND account = ? AND region = ? AND name = ?",
            self._kind,
            account,
            region,
            name,
        )
        tx.forget(self._cache, (account, region, name))
        tx.forget(self._owners, name)
        return count > 0

    def page(
        self,
        tx: Tx,
        account: str,
        region: str,
        *,
        prefix: str = "",
        after: str = "",
        limit: int = 1_000_000,
    ) -> list[tuple[str, Document]]:
        """Names and documents in the order of their names: those beginning with `prefix`, past `after`."""
        rows = tx.rows(
            "SELECT name, body FROM documents WHERE kind = ? AND account = ? AND region = ?"
            " AND name > ? AND name >= ? AND name < ? ORDER BY name LIMIT ?",
            self._kind,
            account,
            region,
            after,
            prefix,
            f"{prefix}\U0010ffff",
            limit,
        )
        return [(name, orjson.loads(body)) for name, body in rows]

    def names(self, tx: Tx, account: str, region: str, *, limit: int) -> list[str]:
        """The first names in their order."""
        rows = tx.rows(
            "SELECT name FROM documents WHERE kind = ? AND account = ? AND region = ?"
            " ORDER BY name LIMIT ?",
            self._kind,
            account,
            region,
            limit,
        )
        return [name for (name,) in rows]

    def count(self, tx: Tx, account: str, region: str) -> int:
        """How many there are."""
        row = tx.row(
            "SELECT count(*) FROM documents WHERE kind = ? AND account = ? AND region = ?",
            self._kind,
            account,
            region,
        )
        return row[0] if row is not None else 0

    def every(self, tx: Tx) -> list[tuple[str, str, str, Document]]:
        """Account, region, name and document of all of this kind, for loops that start."""
        return [
            (account, region, name, orjson.loads(body))
            for account, region, name, body in tx.rows(
                "SELECT account, region, name, body FROM documents WHERE kind = ?"
                " ORDER BY account, region, name",
                self._kind,
            )
        ]
