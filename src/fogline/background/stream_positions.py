"""Positions: how far each reader of a stream has come, shard by shard, and what it is about to repeat."""

from __future__ import annotations

from dataclasses import dataclass, replace

import orjson

from fogline.store.schema import Schema
from fogline.store.store import Tx

SCHEMA = Schema(
    "stream_positions",
    (
        (
            """CREATE TABLE stream_positions (
                reader TEXT NOT NULL, shard TEXT NOT NULL, lane INTEGER NOT NULL,
                lanes INTEGER NOT NULL, sequence TEXT NOT NULL, attempts INTEGER NOT NULL,
                retry_at INTEGER NOT NULL, cuts TEXT NOT NULL, result TEXT NOT NULL,
                holder TEXT NOT NULL, held_until INTEGER NOT NULL,
                PRIMARY KEY (reader, shard, lane))""",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Place:
    """One lane of one shard, as one reader sees it. A shard has several lanes where it is read in parallel."""

    reader: str
    shard: str
    lane: int = 0
    lanes: int = 1


@dataclass(frozen=True, slots=True)
class Position:
    """How far a reader has come in a place.

    `sequence` is the last record that it is done with, "" before the first. `attempts` counts those at the next batch,
    `retry_at` says when the next one is due, and `cuts` are the records with which the next batches end, where
    batches that failed were cut. `result` is how the last batch ended, "" before the first.
    """

    sequence: str = ""
    attempts: int = 0
    retry_at: int = 0
    cuts: tuple[str, ...] = ()
    result: str = ""
    holder: str = ""
    held_until: int = 0

    def after(self, sequence: str, result: str) -> Position:
        """The position of a reader that is done with a batch that ended with `sequence`."""
        cuts = tuple(cut for cut in self.cuts if number(cut) > number(sequence))
        return Position(sequence, cuts=cuts, result=result)


def number(sequence: str) -> int:
    """A sequence number's place in the order of all, 0 for none."""
    return int(sequence) if sequence else 0


_COLUMNS = "sequence, attempts, retry_at, cuts, result, holder, held_until"


class Positions:
    """The rows of all readers."""

    def find(self, tx: Tx, place: Place) -> Position | None:
        """The position in a place, None where the reader has never been, or not with as many lanes."""
        row = tx.row(
            f"SELECT {_COLUMNS} FROM stream_positions"
            " WHERE reader = ? AND shard = ? AND lane = ? AND lanes = ?",
            place.reader,
            place.shard,
            place.lane,
            place.lanes,
        )
        if row is None:
            return None
        sequence, attempts, retry_at, cuts, result, holder, held_until = row
        return Position(
            sequence, attempts, retry_at, tuple(orjson.loads(cuts)), result, holder, held_until
        )

    def save(self, tx: Tx, place: Place, position: Position) -> None:
        """Keep the position in a place, unless the reader reads in other lanes by now."""
        tx.run(
            f"INSERT INTO stream_positions (reader, shard, lane, lanes, {_COLUMNS})"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (reader, shard, lane)"
            " DO UPDATE SET sequence = excluded.sequence,"
            " attempts = excluded.attempts, retry_at = excluded.retry_at, cuts = excluded.cuts,"
            " result = excluded.result, holder = excluded.holder,"
            " held_until = excluded.held_until WHERE stream_positions.lanes = excluded.lanes",
            place.reader,
            place.shard,
            place.lane,
            place.lanes,
            position.sequence,
            position.attempts,
            position.retry_at,
            orjson.dumps(position.cuts).decode(),
            position.result,
            position.holder,
            position.held_until,
        )

    def extend(self, tx: Tx, place: Place, holder: str, held_until: int) -> None:
        """Let a holder keep a place for longer, if it is still the one."""
        tx.run(
            "UPDATE stream_positions SET held_until = ?"
            " WHERE reader = ? AND shard = ? AND lane = ? AND holder = ?",
            held_until,
            place.reader,
            place.shard,
            place.lane,
            holder,
        )

    def begin(self, tx: Tx, reader: str, shard: str, lanes: int, sequence: str) -> None:
        """Let a reader begin after `sequence` in every lane of a shard."""
        for lane in range(lanes):
            self.save(tx, Place(reader, shard, lane, lanes), Position(sequence))

    def set_lanes(self, tx: Tx, reader: str, lanes: int) -> None:
        """Read each shard in as many lanes from now on, from where the slowest lane is: nothing is left out."""
        slowest: dict[str, str] = {}
        result: dict[str, str] = {}
        is_changed = False
        for shard, before, sequence, said in tx.rows(
            "SELECT shard, lanes, sequence, result FROM stream_positions WHERE reader = ?", reader
        ):
            is_changed = is_changed or before != lanes
            slowest[shard] = min(slowest.get(shard, sequence), sequence, key=number)
            result[shard] = result.get(shard) or said
        if not is_changed:
            return
        self.remove(tx, reader)
        for shard, sequence in slowest.items():
            for lane in range(lanes):
                position = replace(Position(sequence), result=result[shard])
                self.save(tx, Place(reader, shard, lane, lanes), position)

    def is_past(self, tx: Tx, reader: str, shard: str, lanes: int, last: str) -> bool:
        """True once all lanes of a shard are done with what ends it."""
        rows = tx.rows(
            "SELECT sequence FROM stream_positions WHERE reader = ? AND shard = ?", reader, shard
        )
        return len(rows) >= lanes and all(number(row[0]) >= number(last) for row in rows)

    def last_result(self, tx: Tx, reader: str) -> str:
        """How the reader's batches ended: the worst word of any shard, "" where none has ended."""
        row = tx.row("SELECT max(result) FROM stream_positions WHERE reader = ?", reader)
        return row[0] or "" if row is not None else ""

    def remove(self, tx: Tx, reader: str) -> None:
        """Forget a reader."""
        tx.run("DELETE FROM stream_positions WHERE reader = ?", reader)
