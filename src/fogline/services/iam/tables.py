"""Where IAM's entities and access keys are kept. IAM is global: its documents have no region."""

from __future__ import annotations

from typing import NamedTuple

from fogline.store.documents import Document, Documents
from fogline.store.store import Store, Tx


class Entities:
    """The documents of one kind of entity in the accounts, by name."""

    def __init__(self, store: Store, kind: str) -> None:
        self._documents = Documents(store, f"iam.{kind}")

    def find(self, tx: Tx, account: str, name: str) -> Document | None:
        return self._documents.find(tx, account, "", name)

    def save(self, tx: Tx, account: str, entity: Document) -> None:
        self._documents.save(tx, account, "", entity["name"], entity)

    def remove(self, tx: Tx, account: str, name: str) -> None:
        self._documents.remove(tx, account, "", name)

    def every(self, tx: Tx, account: str) -> list[Document]:
        """All of an account, in the order of their names."""
        return [document for _, document in self._documents.page(tx, account, "")]


class AccessKey(NamedTuple):
    """A long-lived key of a user."""

    access_key: str
    secret_key: str
    account: str
    user_name: str
    status: str
    created_at: int


_KEY = "access_key, secret_key, account, user_name, status, created_at"


class Tables:
    """All that IAM keeps."""

    def __init__(self, store: Store) -> None:
        self.roles = Entities(store, "role")
        self.users = Entities(store, "user")
        self.groups = Entities(store, "group")
        self.policies = Entities(store, "policy")
        self.profiles = Entities(store, "instance-profile")

    def find_key(self, tx: Tx, access_key: str) -> AccessKey | None:
        row = tx.row(f"SELECT {_KEY} FROM iam_access_keys WHERE access_key = ?", access_key)
        return AccessKey(*row) if row else None

    def keys_of(self, tx: Tx, account: str, user_name: str) -> list[AccessKey]:
        """A user's keys, the oldest first."""
        rows = tx.rows(
            f"SELECT {_KEY} FROM iam_access_keys WHERE account = ? AND user_name = ?"
            " ORDER BY created_at, access_key",
            account,
            user_name,
        )
        return [AccessKey(*row) for row in rows]

    def save_key(self, tx: Tx, key: AccessKey) -> None:
        tx.run(
            f"INSERT INTO iam_access_keys ({_KEY}) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (access_key) DO UPDATE SET status = excluded.status,"
            " user_name = excluded.user_name",
            *key,
        )

    def remove_key(self, tx: Tx, access_key: str) -> None:
        tx.run("DELETE FROM iam_access_keys WHERE access_key = ?", access_key)
