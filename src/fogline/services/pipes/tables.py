"""Every row Pipes keeps, and the only file that knows how: one document for each pipe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.store.documents import Document, Documents
from fogline.store.store import Store, Tx

PIPES_TOPIC = "pipes"
"""Stirs when a pipe changes."""


class Tables:
    """Pipes by account, region and name."""

    def __init__(self, store: Store) -> None:
        self._pipes = Documents(store, "pipes")

    def find(self, tx: Tx, account: str, region: str, name: str) -> Document | None:
        return self._pipes.find(tx, account, region, name)

    def save(self, tx: Tx, document: Mapping[str, Any]) -> None:
        self._pipes.save(tx, document["account"], document["region"], document["Name"], document)
        tx.stir(PIPES_TOPIC)

    def remove(self, tx: Tx, document: Mapping[str, Any]) -> None:
        self._pipes.remove(tx, document["account"], document["region"], document["Name"])

    def page(self, tx: Tx, account: str, region: str, prefix: str, after: str) -> list[Document]:
        """The pipes whose names begin with `prefix`, in the order of their names, past `after`."""
        found = self._pipes.page(tx, account, region, prefix=prefix, after=after)
        return [document for _, document in found]

    def every(self, tx: Tx) -> list[Document]:
        """All pipes of all accounts, for the loop that runs them."""
        return [document for _, _, _, document in self._pipes.every(tx)]
