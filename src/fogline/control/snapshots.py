"""Snapshots: consistent copies of all state, made and brought back while Fogline runs.

A snapshot is a folder: the rows in one SQLite file (whatever the store is, so it moves between engines), and the
blob files that they name.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

from fogline import __version__
from fogline.control.endpoint import Refused
from fogline.store.blobs import Blobs
from fogline.store.store import Store

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_ROWS = "rows.db"
_FACTS = "snapshot.json"


class Snapshots:
    """The snapshots in one folder."""

    def __init__(self, folder: Path, store: Store, blobs: Blobs) -> None:
        self._folder = folder
        self._store = store
        self._blobs = blobs

    def _path(self, name: object) -> Path:
        if not isinstance(name, str) or _NAME.fullmatch(name) is None:
            raise Refused(
                "A snapshot's name has 1 to 64 letters, digits, dots, hyphens and underscores, and begins with a "
                "letter or digit."
            )
        return self._folder / name

    def save(self, name: object, now: int) -> dict[str, Any]:
        """Keep a copy under that name. Raises Refused when the name is taken or none."""
        path = self._path(name)
        if path.exists():
            raise Refused(f"There is a snapshot '{name}' already.", 409)
        unfinished = self._folder / f".{name}.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        # Rows first: a blob is written before the row that names it, so every blob they name is there after.
        self._store.copy_to(str(unfinished / _ROWS))
        self._blobs.copy_to(unfinished / "blobs")
        facts = {
            "name": name,
            "saved_at": now,
            "version": __version__,
            "store": self._store.dialect,
            "bytes": sum(each.stat().st_size for each in unfinished.rglob("*") if each.is_file()),
        }
        (unfinished / _FACTS).write_text(json.dumps(facts))
        unfinished.rename(path)
        return facts

    def restore(self, name: object) -> dict[str, Any]:
        """Replace all state by that of a snapshot. Raises Refused when there is none of that name."""
        path = self._path(name)
        if not (path / _FACTS).is_file():
            raise Refused(f"There is no snapshot '{name}'.", 404)
        if (path / "blobs").is_dir():
            self._blobs.copy_from(path / "blobs")
        self._store.copy_from(str(path / _ROWS))
        self._blobs.publish()
        facts: dict[str, Any] = json.loads((path / _FACTS).read_text())
        return facts

    def list(self) -> list[dict[str, Any]]:
        """Every snapshot, the oldest first."""
        found = [
            json.loads(file.read_text())
            for file in self._folder.glob(f"*/{_FACTS}")
            if not file.parent.name.startswith(".")
        ]
        return sorted(found, key=lambda facts: (facts["saved_at"], facts["name"]))
