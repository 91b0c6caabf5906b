"""Definitions, kept by their content for as long as an execution may need them."""

from __future__ import annotations

from hashlib import sha256

from fogline.store.store import Tx

_DEFINITION_DIGITS = 40


class Definitions:
    """Reads and writes of definitions."""

    def keep(self, tx: Tx, text: str) -> str:
        """Keep a definition; gives its id."""
        id = definition_id(text)
        tx.run(
            "INSERT INTO sfn_definitions (id, text) VALUES (?, ?) ON CONFLICT (id) DO NOTHING",
            id,
            text,
        )
        return id

    def text(self, tx: Tx, id: str) -> str:
        row = tx.row("SELECT text FROM sfn_definitions WHERE id = ?", id)
        assert row is not None, "definitions are kept"
        text: str = row[0]
        return text


def definition_id(text: str) -> str:
    """What a definition is kept under."""
    return sha256(text.encode()).hexdigest()[:_DEFINITION_DIGITS]
