"""Every row Parameter Store keeps: each parameter's present version, and all its versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.store.documents import Document, Documents
from fogline.store.store import Store, Tx

Place = tuple[str, str]
"""Account and region."""

_VERSION_DIGITS = 10


class Tables:
    """The rows of Parameter Store."""

    def __init__(self, store: Store) -> None:
        self._parameters = Documents(store, "ssm.parameter")
        self._versions = Documents(store, "ssm.version")

    def find(self, tx: Tx, place: Place, key: str) -> Document | None:
        """The present version, with the parameter's tags."""
        return self._parameters.find(tx, *place, key)

    def page(self, tx: Tx, place: Place, *, after: str = "") -> list[tuple[str, Document]]:
        return self._parameters.page(tx, *place, after=after)

    def count(self, tx: Tx, place: Place) -> int:
        return len(self._parameters.page(tx, *place))

    def save(self, tx: Tx, place: Place, key: str, parameter: Mapping[str, Any]) -> None:
        """Keep the present version, which becomes one of the versions."""
        self._parameters.save(tx, *place, key, parameter)
        self.save_version(tx, place, key, parameter)

    def save_present(self, tx: Tx, place: Place, key: str, parameter: Mapping[str, Any]) -> None:
        """Keep what belongs to the parameter and to no version of it."""
        self._parameters.save(tx, *place, key, parameter)

    def save_version(self, tx: Tx, place: Place, key: str, version: Mapping[str, Any]) -> None:
        self._versions.save(tx, *place, _version_key(key, version["version"]), version)

    def versions(self, tx: Tx, place: Place, key: str) -> list[Document]:
        """Every version that is still kept, the oldest first."""
        return [each for _, each in self._versions.page(tx, *place, prefix=f"{key}:")]

    def remove_version(self, tx: Tx, place: Place, key: str, version: int) -> None:
        self._versions.remove(tx, *place, _version_key(key, version))

    def remove(self, tx: Tx, place: Place, key: str) -> bool:
        """Remove a parameter with all its versions; False if there was none."""
        for version in self.versions(tx, place, key):
            self.remove_version(tx, place, key, version["version"])
        return self._parameters.remove(tx, *place, key)


def _version_key(key: str, version: int) -> str:
    return f"{key}:{version:0{_VERSION_DIGITS}d}"
