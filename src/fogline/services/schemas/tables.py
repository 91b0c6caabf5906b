"""Every row EventBridge Schemas keeps: registries, schemas with their versions and code bindings, discoverers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.store.documents import Document, Documents
from fogline.store.store import Store, Tx

Place = tuple[str, str]
"""Account and region."""

_DIGITS = 10


class Tables:
    """The rows of EventBridge Schemas. A schema's key is `registry/name`; neither has a slash in it."""

    def __init__(self, store: Store) -> None:
        self.registries = Documents(store, "schemas.registry")
        self.schemas = Documents(store, "schemas.schema")
        self.discoverers = Documents(store, "schemas.discoverer")
        self._versions = Documents(store, "schemas.version")
        self._bindings = Documents(store, "schemas.binding")

    # ---- versions

    def find_version(self, tx: Tx, place: Place, key: str, number: int) -> Document | None:
        return self._versions.find(tx, *place, _numbered(key, number))

    def versions(
        self, tx: Tx, place: Place, key: str, *, after: int = 0, limit: int = 1_000_000
    ) -> list[Document]:
        """Versions from the oldest on, past the number `after`."""
        start = _numbered(key, after) if after else ""
        found = self._versions.page(tx, *place, prefix=f"{key}/", after=start, limit=limit)
        return [version for _, version in found]

    def save_version(self, tx: Tx, place: Place, key: str, version: Mapping[str, Any]) -> None:
        self._versions.save(tx, *place, _numbered(key, version["number"]), version)

    def remove_version(self, tx: Tx, place: Place, key: str, number: int) -> bool:
        """Remove a version with its code bindings; False if there was none."""
        prefix = f"{_numbered(key, number)}/"
        for name, _ in self._bindings.page(tx, *place, prefix=prefix):
            self._bindings.remove(tx, *place, name)
        return self._versions.remove(tx, *place, _numbered(key, number))

    def remove_schema(self, tx: Tx, place: Place, key: str) -> bool:
        """Remove a schema with all its versions; False if there was none."""
        for version in self.versions(tx, place, key):
            self.remove_version(tx, place, key, version["number"])
        return self.schemas.remove(tx, *place, key)

    # ---- code bindings

    def find_binding(
        self, tx: Tx, place: Place, key: str, number: int, language: str
    ) -> Document | None:
        return self._bindings.find(tx, *place, f"{_numbered(key, number)}/{language}")

    def save_binding(
        self, tx: Tx, place: Place, key: str, binding: Mapping[str, Any], language: str
    ) -> None:
        name = f"{_numbered(key, binding['number'])}/{language}"
        self._bindings.save(tx, *place, name, binding)


def _numbered(key: str, number: int) -> str:
    return f"{key}/{number:0{_DIGITS}d}"
