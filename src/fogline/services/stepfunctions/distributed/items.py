"""The inputs of a map run while it lives: rows of many lines each, found by the index of a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from fogline.services.stepfunctions.distributed.batching import Input
from fogline.services.stepfunctions.distributed.limits import MapRunLimits
from fogline.store.store import Tx

SCHEMA_STEP = (
    # `lines`: for each input the number of its items, a blank, and its JSON.
    """CREATE TABLE sfn_map_items (
        map_run TEXT NOT NULL, first_index INTEGER NOT NULL, last_index INTEGER NOT NULL,
        lines BLOB NOT NULL, PRIMARY KEY (map_run, first_index))""",
)
"""For `schema.py`."""

CHUNKS_REMOVED_MAX = 100
"""How many rows one transaction removes."""


class Chunk(NamedTuple):
    """Inputs that are kept in one row."""

    first_index: int
    last_index: int
    items: int
    """Of all inputs in it."""
    lines: bytes


def chunks_of(
    inputs: Iterable[Input], first_index: int = 0, limits: MapRunLimits | None = None
) -> Iterator[Chunk]:
    """The inputs as rows. Each is filled up to `chunk_bytes_max`; a larger input stands alone."""
    most = (limits or MapRunLimits()).chunk_bytes_max
    lines: list[bytes] = []
    size = items = 0
    for given in inputs:
        line = f"{given.items} {given.text}".encode()
        if lines and size + len(line) >= most:
            yield Chunk(first_index, first_index + len(lines) - 1, items, b"\n".join(lines))
            first_index += len(lines)
            lines, size, items = [], 0, 0
        lines.append(line)
        size += len(line) + 1
        items += given.items
    if lines:
        yield Chunk(first_index, first_index + len(lines) - 1, items, b"\n".join(lines))


def add_chunks(tx: Tx, map_run: str, chunks: Iterable[Chunk]) -> None:
    """Keep the chunks. Those of one map run must follow each other."""
    tx.many(
        "INSERT INTO sfn_map_items (map_run, first_index, last_index, lines) VALUES (?, ?, ?, ?)",
        [(map_run, chunk.first_index, chunk.last_index, chunk.lines) for chunk in chunks],
    )


def count_inputs(tx: Tx, map_run: str) -> int:
    """How many inputs are kept."""
    row = tx.row(
        "SELECT last_index FROM sfn_map_items WHERE map_run = ? ORDER BY first_index DESC LIMIT 1",
        map_run,
    )
    return row[0] + 1 if row else 0


def read_inputs(tx: Tx, map_run: str, first: int, count: int) -> list[Input]:
    """Up to `count` inputs from index `first` on: fewer where the rest is not kept."""
    rows = tx.rows(
        "SELECT first_index, lines FROM sfn_map_items WHERE map_run = ? AND first_index < ?"
        " AND first_index >= (SELECT COALESCE(MAX(first_index), 0) FROM sfn_map_items"
        " WHERE map_run = ? AND first_index <= ?) ORDER BY first_index",
        map_run,
        first + count,
        map_run,
        first,
    )
    found: list[Input] = []
    for begin, lines in rows:
        # Splitting at b"\n" alone: JSON texts may hold other characters that end lines.
        wanted = bytes(lines).split(b"\n")[max(first - begin, 0) : first + count - begin]
        found += [_read(line) for line in wanted]
    return found


def _read(line: bytes) -> Input:
    items, _, text = line.decode().partition(" ")
    return Input(text, int(items))


def remove_inputs(tx: Tx, map_run: str, chunks_max: int = CHUNKS_REMOVED_MAX) -> bool:
    """Remove what is kept for a map run that has ended, some at a time. True when nothing is left."""
    removed = tx.run(
        "DELETE FROM sfn_map_items WHERE map_run = ? AND first_index IN"
        " (SELECT first_index FROM sfn_map_items WHERE map_run = ? ORDER BY first_index LIMIT ?)",
        map_run,
        map_run,
        chunks_max,
    )
    return removed < chunks_max
