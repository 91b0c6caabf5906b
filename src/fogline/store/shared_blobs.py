"""Large bodies for several machines: kept in the shared store, with files on each machine as a copy at hand."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import BinaryIO

from fogline.store.blobs import Blobs
from fogline.store.schema import Schema
from fogline.store.store import Store

SCHEMA = Schema(
    "blobs",
    (
        (
            """CREATE TABLE blob_parts (
                room TEXT NOT NULL, name TEXT NOT NULL, part INTEGER NOT NULL, body BLOB NOT NULL,
                PRIMARY KEY (room, name, part))""",
        ),
    ),
)

_PART_BYTES = 1024 * 1024


class SharedBlobs(Blobs):
    """Blobs that every node of a shared store can read, whichever node put them."""

    def __init__(self, folder: Path | None, store: Store, room: str = "") -> None:
        super().__init__(folder)
        self._store = store
        self._room = room

    def room(self, name: str) -> SharedBlobs:
        return SharedBlobs(self.folder / "rooms" / name, self._store, f"{self._room}/{name}")

    def put(self, body: bytes | BinaryIO) -> str:
        name = super().put(body)
        self._upload(name)
        return name

    def open(self, name: str) -> BinaryIO:
        self._fetch(name)
        return super().open(name)

    def read(self, name: str) -> bytes:
        self._fetch(name)
        return super().read(name)

    def remove(self, name: str) -> None:
        with self._store.write() as tx:
            tx.run("DELETE FROM blob_parts WHERE room = ? AND name = ?", self._room, name)
        super().remove(name)

    def copy_to(self, folder: Path) -> None:
        with self._store.read() as tx:
            names = [
                name
                for (name,) in tx.rows(
                    "SELECT DISTINCT name FROM blob_parts WHERE room = ?", self._room
                )
            ]
            rooms = tx.rows("SELECT DISTINCT room FROM blob_parts")
        for name in names:
            self._fetch(name)
        for (room,) in rooms:
            if room.startswith(f"{self._room}/"):
                inner = room[len(self._room) + 1 :].split("/")[0]
                self.room(inner).copy_to(folder / "rooms" / inner)
        super().copy_to(folder)

    def publish(self) -> None:
        for name in list(self.names()):
            self._upload(name)
        rooms = self.folder / "rooms"
        for room in rooms.iterdir() if rooms.is_dir() else ():
            self.room(room.name).publish()

    def _upload(self, name: str) -> None:
        with self._store.write() as tx:
            tx.lock(f"blob:{self._room}:{name}")
            if tx.row(
                "SELECT part FROM blob_parts WHERE room = ? AND name = ? LIMIT 1", self._room, name
            ):
                return
            with super().open(name) as file:
                part = 0
                # An empty body has one empty part, so that it is known to be there.
                while (body := file.read(_PART_BYTES)) or part == 0:
                    tx.run(
                        "INSERT INTO blob_parts (room, name, part, body) VALUES (?, ?, ?, ?)",
                        self._room,
                        name,
                        part,
                        body,
                    )
                    part += 1

    def _fetch(self, name: str) -> None:
        """Have the file here, if the store has it; otherwise opening it says that there is none."""
        path = self.path(name)
        if path.exists():
            return
        handle, temporary = tempfile.mkstemp(dir=self._incoming)
        with os.fdopen(handle, "wb") as file, self._store.read() as tx:
            part = 0
            while row := tx.row(
                "SELECT body FROM blob_parts WHERE room = ? AND name = ? AND part = ?",
                self._room,
                name,
                part,
            ):
                file.write(row[0])
                part += 1
        if part == 0:
            Path(temporary).unlink()
            return
        path.parent.mkdir(exist_ok=True)
        os.replace(temporary, path)
