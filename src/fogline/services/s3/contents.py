"""Contents: small ones live in their object's row, large ones in files that are counted in the store.

A file is written before the row that names it, outside any transaction, and counted in the row's own.
When nothing counts it any more it becomes garbage, and goes some minutes later. A file whose row never
came is garbage as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple, cast

from fogline.services.s3.checksums import Claim, Meter
from fogline.services.s3.limits import Limits
from fogline.store.blobs import Blobs
from fogline.store.store import Store, Tx

_CHUNK_BYTES = 256 * 1024


class Piece(NamedTuple):
    """A file, and how long it is."""

    blob: str
    size: int


@dataclass(frozen=True, slots=True)
class Content:
    """What an object holds: `inline`, or else the files of `pieces` in their order."""

    size: int
    inline: bytes | None
    pieces: tuple[Piece, ...] = ()

    def slice(self, blobs: Blobs, begin: int, end: int) -> bytes | Reading:
        """The bytes from `begin` up to, and not including, `end`."""
        if self.inline is not None:
            return self.inline[begin:end]
        return Reading(blobs, _cut(self.pieces, begin, end))


class _Span(NamedTuple):
    blob: str
    begin: int
    size: int


def _cut(pieces: Sequence[Piece], begin: int, end: int) -> list[_Span]:
    spans, at = [], 0
    for blob, size in pieces:
        first, last = max(begin - at, 0), min(end - at, size)
        if first < last:
            spans.append(_Span(blob, first, last - first))
        at += size
    return spans


class Reading:
    """A part of a content while it is read: in chunks as an answer leaves, or with `read`."""

    def __init__(self, blobs: Blobs, spans: list[_Span]) -> None:
        self._blobs = blobs
        self._spans = spans[::-1]
        self._file: BinaryIO | None = None
        self._left = 0

    def __aiter__(self) -> Reading:
        return self

    async def __anext__(self) -> bytes:
        chunk = self._read_some(_CHUNK_BYTES)
        if not chunk:
            raise StopAsyncIteration
        return chunk

    def read(self, size: int = -1) -> bytes:
        """The next `size` bytes, or as many as are left; all of them when it is negative."""
        parts, wanted = [], size
        while wanted:
            part = self._read_some(_CHUNK_BYTES if wanted < 0 else min(wanted, _CHUNK_BYTES))
            if not part:
                break
            parts.append(part)
            wanted -= len(part) if wanted > 0 else 0
        return b"".join(parts)

    def _read_some(self, size: int) -> bytes:
        """At least one byte more, and none only at the end, where the file is let go."""
        while not self._left:
            self.close()
            if not self._spans:
                return b""
            blob, begin, self._left = self._spans.pop()
            self._file = self._blobs.open(blob)
            self._file.seek(begin)
        assert self._file is not None
        chunk = self._file.read(min(size, self._left))
        if not chunk:
            raise OSError("A file of an object is shorter than it was.")
        self._left -= len(chunk)
        return chunk

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    async def aclose(self) -> None:
        self.close()


Body = bytes | BinaryIO


class _Metered:
    """A body that is measured while it is read."""

    def __init__(self, body: BinaryIO, meter: Meter) -> None:
        self._body = body
        self._meter = meter

    def read(self, size: int = -1) -> bytes:
        data = self._body.read(size)
        self._meter.update(data)
        return data


class Contents:
    """Keeps contents, and forgets those that nobody counts."""

    def __init__(self, store: Store, blobs: Blobs, limits: Limits) -> None:
        self._store = store
        self.blobs = blobs
        self._limits = limits
        self.being_written = 0
        """How many files may be there already without a row that counts them."""

    def measure_inline(self, body: Body | None, meter: Meter) -> Content | None:
        """The content if it is small enough for a row; None if it is not."""
        data = b"" if body is None else body
        if not isinstance(data, bytes) or len(data) > self._limits.inline_bytes_max:
            return None
        meter.update(data)
        return Content(len(data), data)

    async def write(self, body: Body | Reading, meter: Meter, claim: Claim, now: int) -> Content:
        """Write a large content to a file, in a thread. Raises BadDigest, leaving garbage at most.

        The caller has raised `being_written`, and lowers it when the row is committed.
        """
        blob = await asyncio.to_thread(self._write, body, meter)
        await self._store.transact(lambda tx: self._note(tx, blob, now))
        meter.check(claim)
        return Content(meter.size, None, (Piece(blob, meter.size),))

    def _write(self, body: Body | Reading, meter: Meter) -> str:
        if isinstance(body, bytes):
            meter.update(body)
            return self.blobs.put(body)
        return self.blobs.put(cast(BinaryIO, _Metered(cast(BinaryIO, body), meter)))

    def _note(self, tx: Tx, blob: str, now: int) -> None:
        """Know of a file that nothing counts yet, so that it goes if nothing ever does."""
        free_at = now + self._limits.garbage_seconds * 1000
        tx.run(
            "INSERT INTO s3_blobs (blob, uses, free_at) VALUES (?, 0, ?)"
            " ON CONFLICT (blob) DO UPDATE SET free_at = excluded.free_at",
            blob,
            free_at,
        )
        tx.stir("s3-garbage")

    # ---- counting

    def count(self, tx: Tx, pieces: Sequence[Piece]) -> None:
        """One more object or part holds these files."""
        for blob, _ in pieces:
            tx.run(
                "INSERT INTO s3_blobs (blob, uses, free_at) VALUES (?, 1, 0)"
                " ON CONFLICT (blob) DO UPDATE SET uses = s3_blobs.uses + 1",
                blob,
            )

    def discount(self, tx: Tx, pieces: Sequence[Piece], now: int) -> None:
        """One object or part less holds these files."""
        for blob, _ in pieces:
            tx.run(
                "UPDATE s3_blobs SET uses = uses - 1, free_at = ? WHERE blob = ?",
                now + self._limits.garbage_seconds * 1000,
                blob,
            )
        if pieces:
            tx.stir("s3-garbage")

    def take_garbage(self, tx: Tx, now: int, limit: int) -> list[str]:
        """Files that nobody has counted for long enough; they are no longer known afterwards."""
        rows = tx.rows(
            "SELECT blob FROM s3_blobs WHERE uses = 0 AND free_at <= ? ORDER BY free_at LIMIT ?",
            now,
            limit,
        )
        tx.many("DELETE FROM s3_blobs WHERE blob = ?", rows)
        return [blob for (blob,) in rows]

    def next_garbage_at(self, tx: Tx) -> int | None:
        row = tx.row("SELECT MIN(free_at) FROM s3_blobs WHERE uses = 0")
        return row[0] if row else None
