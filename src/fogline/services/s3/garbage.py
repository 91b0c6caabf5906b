"""Garbage: files of contents that no object holds any more are removed."""

from __future__ import annotations

from fogline.services.s3.contents import Contents
from fogline.store.store import Store

_REMOVED_AT_ONCE_MAX = 100
_AGAIN_MILLISECONDS = 1_000


class Sweep:
    """Removes files that nothing has held for a while, at moments when none is being written.

    A file that is being written may have the name of one that is about to go.
    """

    name = "s3.sweep"
    topics: tuple[str, ...] = ("s3-garbage",)

    def __init__(self, store: Store, contents: Contents) -> None:
        self._store = store
        self._contents = contents

    def step(self, now: int) -> int | None:
        contents = self._contents
        with self._store.read() as tx:
            due = contents.next_garbage_at(tx)
        if due is None or due > now:
            return due
        if contents.being_written:
            return now + _AGAIN_MILLISECONDS
        with self._store.write() as tx:
            gone = contents.take_garbage(tx, now, _REMOVED_AT_ONCE_MAX)
        # If the rows' removal is lost, they name files that are missing, which goes well next time.
        for blob in gone:
            contents.blobs.remove(blob)
        return now + _AGAIN_MILLISECONDS
