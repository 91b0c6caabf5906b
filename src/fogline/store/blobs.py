"""Large bodies as files named by the hash of their content, written before the row that names them."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO

_PART_BYTES = 1024 * 1024
_HASH_DIGITS = 64
_ROOMS = "rooms"


class Blobs:
    """A folder of immutable files. Names are the SHA-256 of the content, in hexadecimal."""

    def __init__(self, folder: Path | None) -> None:
        """Keep files in `folder`, or, when it is None, in a temporary one that goes with the process."""
        self._temporary = None if folder else tempfile.TemporaryDirectory(prefix="fogline-blobs-")
        self.folder = folder or Path(self._temporary.name if self._temporary else "")
        self._incoming = self.folder / "incoming"
        self._incoming.mkdir(parents=True, exist_ok=True)

    def room(self, name: str) -> Blobs:
        """Blobs of one owner, who alone decides when they go. Copies of the whole hold them, too."""
        return Blobs(self.folder / _ROOMS / name)

    def close(self) -> None:
        """Remove the files, if they were to go with the process."""
        if self._temporary is not None:
            self._temporary.cleanup()

    def path(self, name: str) -> Path:
        """Where the file of that name is, or would be."""
        assert len(name) == _HASH_DIGITS
        assert name.isalnum()
        return self.folder / name[:2] / name

    def put(self, body: bytes | BinaryIO) -> str:
        """Keep a body; its name. A crash leaves either the whole file or none of that name."""
        handle, temporary = tempfile.mkstemp(dir=self._incoming)
        digest = hashlib.sha256()
        try:
            with os.fdopen(handle, "wb") as file:
                for part in _parts(body):
                    digest.update(part)
                    file.write(part)
                file.flush()
                os.fsync(file.fileno())
            name = digest.hexdigest()
            path = self.path(name)
            path.parent.mkdir(exist_ok=True)
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        return name

    def open(self, name: str) -> BinaryIO:
        """The content, for reading. Raises FileNotFoundError."""
        return self.path(name).open("rb")

    def read(self, name: str) -> bytes:
        """The whole content. Raises FileNotFoundError."""
        return self.path(name).read_bytes()

    def remove(self, name: str) -> None:
        """Remove a body that no row names any more."""
        self.path(name).unlink(missing_ok=True)

    def publish(self) -> None:
        """Let other machines have what was put here by `copy_from`, where there are any."""

    def names(self) -> Iterator[str]:
        """Every file that is here."""
        for folder in self.folder.iterdir():
            if len(folder.name) == 2:
                yield from (file.name for file in folder.iterdir())

    def sweep(self, kept: Collection[str]) -> int:
        """Remove every file that `kept` does not name; how many that were.

        Only when nothing is being written: a file is put before the row that names it.
        """
        gone = [name for name in self.names() if name not in kept]
        for name in gone:
            self.remove(name)
        for file in self._incoming.iterdir():
            file.unlink(missing_ok=True)
        return len(gone)

    def copy_to(self, folder: Path) -> None:
        """Link (or copy, where links can't be had) every file into `folder`, rooms and all."""
        for name in self.names():
            target = folder / name[:2] / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                _link(self.path(name), target)
        rooms = self.folder / _ROOMS
        for room in rooms.iterdir() if rooms.is_dir() else ():
            Blobs(room).copy_to(folder / _ROOMS / room.name)

    def copy_from(self, folder: Path) -> None:
        """Add every file of a folder made by `copy_to`."""
        Blobs(folder).copy_to(self.folder)


def _parts(body: bytes | BinaryIO) -> Iterator[bytes]:
    if isinstance(body, bytes):
        yield body
        return
    while part := body.read(_PART_BYTES):
        yield part


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
