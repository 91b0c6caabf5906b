"""What archives and replays keep: both as documents, events row by row, and the replays that are under way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from fogline.store.documents import Document, Documents
from fogline.store.store import Store, Tx
from fogline.world.clock import DAY
from fogline.world.ids import ordered_from


class Kept(NamedTuple):
    """One event of an archive: when it happened (ms), its number, and its text."""

    at: int
    number: int
    text: str


class ArchiveTables:
    """Reads and writes of archives, their events, and replays.

    An archive: `name`, `number` (its own among all that ever had its name), `source` (ARN of its bus), `created_at`,
    `days` (0: for ever), and what is set of `description`, `pattern`, `key`.

    A replay: `name`, `archive` (ARN), `number` (of the archive), `from`, `until`, `bus` (ARN), `state`, `started_at`,
    `at` and `after` (where it is: the last event's time and number), `cause` (trace and id of its request), and what
    is set of `description`, `rules` (ARNs), `reason`, `ended_at`, `last_at`.
    """

    def __init__(self, store: Store) -> None:
        self.archives = Documents(store, "events.archive")
        self.replays = Documents(store, "events.replay")

    def lock_archive(self, tx: Tx, account: str, region: str, name: str) -> None:
        """Let nobody else change that archive until commit."""
        tx.lock(f"events-archive:{account}:{region}:{name}")

    def lock_replays(self, tx: Tx, account: str, region: str) -> None:
        """Let nobody else start, move or end a replay of that account until commit."""
        tx.lock(f"events-replays:{account}:{region}")

    # ---- events

    def add_event(self, tx: Tx, archive: int, at: int, number: int, text: str) -> None:
        tx.run(
            "INSERT INTO events_archived (archive, at, number, size, body) VALUES (?, ?, ?, ?, ?)",
            archive,
            at,
            number,
            len(text.encode()),
            text,
        )

    def measure(self, tx: Tx, archive: Document, now: int) -> tuple[int, int]:
        """How many events it holds, and their size in bytes."""
        row = tx.row(
            "SELECT count(*), coalesce(sum(size), 0) FROM events_archived"
            " WHERE archive = ? AND number >= ?",
            archive["number"],
            oldest_number(archive, now),
        )
        return (row[0], int(row[1])) if row is not None else (0, 0)

    def page_of_events(
        self, tx: Tx, archive: Document, replay: Document, now: int, limit: int
    ) -> list[Kept]:
        """The next events of the replay, in the order in which they happened."""
        return [
            Kept(*row)
            for row in tx.rows(
                "SELECT at, number, body FROM events_archived WHERE archive = ? AND at >= ?"
                " AND at <= ? AND (at > ? OR number > ?) AND number >= ? AND number < ?"
                " ORDER BY at, number LIMIT ?",
                archive["number"],
                replay["at"],
                replay["until"],
                replay["at"],
                replay["after"],
                oldest_number(archive, now),
                # What is archived while it runs is no part of it.
                ordered_from(replay["started_at"] + 1),
                limit,
            )
        ]

    def remove_events(self, tx: Tx, archive: int, before: int, limit: int) -> int:
        """Remove events with numbers under `before`; how many there were, at most `limit`."""
        return tx.run(
            "DELETE FROM events_archived WHERE archive = ? AND number IN (SELECT number"
            " FROM events_archived WHERE archive = ? AND number < ? ORDER BY number LIMIT ?)",
            archive,
            archive,
            before,
            limit,
        )

    # ---- archives that are gone, whose events are still there

    def discard(self, tx: Tx, archive: int) -> None:
        tx.run("INSERT INTO events_discarded (archive) VALUES (?)", archive)

    def discarded(self, tx: Tx) -> list[int]:
        return [row[0] for row in tx.rows("SELECT archive FROM events_discarded ORDER BY archive")]

    def forget_discarded(self, tx: Tx, archive: int) -> None:
        tx.run("DELETE FROM events_discarded WHERE archive = ?", archive)

    # ---- replays under way

    def save_replay(
        self, tx: Tx, account: str, region: str, replay: Mapping[str, Any], due_at: int | None
    ) -> None:
        """Keep it, and when it goes on; None: it has ended."""
        self.replays.save(tx, account, region, replay["name"], replay)
        key = (account, region, replay["name"])
        if due_at is None:
            tx.run(
                "DELETE FROM events_replaying WHERE account = ? AND region = ? AND name = ?", *key
            )
        else:
            tx.run(
                "INSERT INTO events_replaying (account, region, name, due_at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (account, region, name) DO UPDATE SET due_at = excluded.due_at",
                *key,
                due_at,
            )

    def running_count(self, tx: Tx, account: str, region: str) -> int:
        row = tx.row(
            "SELECT count(*) FROM events_replaying WHERE account = ? AND region = ?",
            account,
            region,
        )
        return row[0] if row is not None else 0

    def due_replays(self, tx: Tx, now: int, limit: int) -> list[tuple[str, str, str]]:
        """Account, region and name of replays that go on now; those that another node holds are passed over."""
        rows = tx.take(
            "SELECT account, region, name FROM events_replaying WHERE due_at <= ?"
            " ORDER BY due_at LIMIT ?",
            now,
            limit,
        )
        return [(row[0], row[1], row[2]) for row in rows]

    def next_replay_at(self, tx: Tx) -> int | None:
        row = tx.row("SELECT min(due_at) FROM events_replaying")
        return row[0] if row is not None else None


def oldest_number(archive: Document, now: int) -> int:
    """The smallest number of an event that is not too old."""
    return ordered_from(max(0, now - archive["days"] * DAY)) if archive["days"] else 0
