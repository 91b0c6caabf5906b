"""Every row CloudWatch Logs keeps: groups as documents, streams, and events in batches."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from fogline.services.logs.batches import Batch, pack
from fogline.store.documents import Document, Documents
from fogline.store.store import Store, Tx
from fogline.world.clock import DAY
from fogline.world.ids import Ids

BATCH_SPAN_MAX = DAY
"""Between the first and the last event of a batch: tells how far back a batch in progress may begin."""

_CHUNK = 64
_CACHED_GROUPS_MAX = 4_096
_CACHED_STREAMS_MAX = 4_096
_LATEST = (1 << 63) - 1

_WATCHED_MAX = 10_000

GroupKey = tuple[str, str, str]
"""Account, region and name of a group."""
Noted = tuple[int, int, int, int]
"""Where a batch lies: its stream, its first and last instant, its number."""
Watch = deque[Noted]


class Stream(NamedTuple):
    """A log stream, with what its batches say about it."""

    id: int
    name: str
    created_at: int
    first_at: int | None = None
    last_at: int | None = None
    last_batch: int | None = None


class Tables:
    """The rows of CloudWatch Logs."""

    def __init__(self, store: Store, ids: Ids) -> None:
        self.groups = Documents(store, "logs.group")
        self.metric_filters = Documents(store, "logs.metric_filter")
        self.resource_policies = Documents(store, "logs.resource_policy")
        self._is_cached = not store.is_shared
        self._streams: dict[GroupKey, dict[str, int]] = store.make_cache()
        self._watches: dict[GroupKey, list[Watch]] = {}
        self._ids = ids

    # ---- groups

    def add_group(
        self, tx: Tx, account: str, region: str, name: str, now: int, **settings: Any
    ) -> Document:
        group = {"id": self._ids.ordered(now), "created_at": now, "class": "STANDARD", **settings}
        self.groups.save(tx, account, region, name, group)
        return group

    def remove_group(self, tx: Tx, account: str, region: str, name: str, group: Document) -> None:
        """Remove a group with all that is in it."""
        tx.run(
            "DELETE FROM log_batches WHERE stream IN (SELECT id FROM log_streams WHERE group_id = ?)",
            group["id"],
        )
        tx.run("DELETE FROM log_streams WHERE group_id = ?", group["id"])
        for key, _ in self.metric_filters.page(tx, account, region, prefix=f"{name}:"):
            self.metric_filters.remove(tx, account, region, key)
        self.groups.remove(tx, account, region, name)
        tx.forget(self._streams, (account, region, name))

    def stored_bytes(self, tx: Tx, group: Document) -> int:
        row = tx.row(
            "SELECT SUM(bytes) FROM log_batches WHERE stream IN"
            " (SELECT id FROM log_streams WHERE group_id = ?)",
            group["id"],
        )
        return int(row[0]) if row and row[0] else 0

    # ---- streams

    def find_stream(self, tx: Tx, group: Document, name: str) -> Stream | None:
        row = tx.row(
            "SELECT id, name, created_at FROM log_streams WHERE group_id = ? AND name = ?",
            group["id"],
            name,
        )
        return Stream(*row) if row else None

    def add_stream(self, tx: Tx, group: Document, name: str, now: int) -> int:
        stream = self._ids.ordered(now)
        tx.run(
            "INSERT INTO log_streams (id, group_id, name, created_at) VALUES (?, ?, ?, ?)",
            stream,
            group["id"],
            name,
            now,
        )
        return stream

    def remove_stream(self, tx: Tx, key: GroupKey, stream: Stream) -> None:
        tx.run("DELETE FROM log_batches WHERE stream = ?", stream.id)
        tx.run("DELETE FROM log_streams WHERE id = ?", stream.id)
        tx.forget(self._streams, key)

    def streams(self, tx: Tx, group: Document, prefix: str = "") -> list[Stream]:
        """Every stream of a group in the order of names."""
        rows = tx.rows(
            "SELECT id, name, created_at FROM log_streams WHERE group_id = ?"
            " AND substr(name, 1, ?) = ? ORDER BY name",
            group["id"],
            len(prefix),
            prefix,
        )
        return [Stream(*row) for row in rows]

    def with_times(self, tx: Tx, stream: Stream) -> Stream:
        """The stream with the times of its events."""
        row = tx.row(
            "SELECT MIN(first_at), MAX(last_at), MAX(id) FROM log_batches WHERE stream = ?",
            stream.id,
        )
        return stream._replace(
            first_at=row[0] if row else None,
            last_at=row[1] if row else None,
            last_batch=row[2] if row else None,
        )

    def require_stream_id(
        self, tx: Tx, account: str, region: str, group_name: str, name: str, now: int
    ) -> int:
        """The number of a stream, made with its group where they are missing."""
        key = (account, region, group_name)
        streams = self._streams.get(key)
        if streams is not None:
            found = streams.get(name)
            if found is not None:
                return found
        group = self.groups.find(tx, account, region, group_name)
        stream = self.find_stream(tx, group, name) if group is not None else None
        if stream is not None:
            number = stream.id
        else:
            number = self._make_stream(tx, key, name, now)
            # If this is undone, the number must not stay in the cache.
            tx.forget(self._streams, key)
        if self._is_cached:
            if len(self._streams) >= _CACHED_GROUPS_MAX:
                self._streams.clear()
            cached = self._streams.setdefault(key, {})
            if len(cached) >= _CACHED_STREAMS_MAX:
                cached.clear()
            cached[name] = number
        return number

    def _make_stream(self, tx: Tx, key: GroupKey, name: str, now: int) -> int:
        self.lock_group(tx, key)
        group = self.groups.find(tx, *key)
        if group is None:
            group = self.add_group(tx, *key, now)
        stream = self.find_stream(tx, group, name)
        return stream.id if stream is not None else self.add_stream(tx, group, name, now)

    def lock_group(self, tx: Tx, key: GroupKey) -> None:
        """Let nobody else make this group, or a stream in it, until commit."""
        tx.lock("logs.group:" + ":".join(key))

    # ---- events

    def add_batch(
        self,
        tx: Tx,
        key: GroupKey,
        stream: int,
        lines: list[tuple[int, str]],
        size: int,
        now: int,
    ) -> int:
        """Keep lines, which are in the order of time, and wake tails; the number of their batch."""
        body = pack(lines)
        number = self._ids.ordered(now)
        tx.run(
            "INSERT INTO log_batches (stream, first_at, last_at, id, bytes, body)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            stream,
            lines[0][0],
            lines[-1][0],
            number,
            size,
            body,
        )
        tx.stir(topic_of(key))
        if self._watches:
            for watch in self._watches.get(key, ()):
                watch.append((stream, lines[0][0], lines[-1][0], number))
        return number

    def batches_forward(self, tx: Tx, stream: int, since: int, until: int) -> Iterator[Batch]:
        """Batches with events from `since` up to, and not including, `until`, by their first instants."""
        after: tuple[int, int, int] = (since - BATCH_SPAN_MAX, -1, -1)
        while True:
            rows = tx.rows(
                "SELECT first_at, last_at, id, body FROM log_batches WHERE stream = ?"
                " AND (first_at, last_at, id) > (?, ?, ?) AND first_at < ? AND last_at >= ?"
                " ORDER BY first_at, last_at, id LIMIT ?",
                stream,
                *after,
                until,
                since,
                _CHUNK,
            )
            yield from (Batch(*row) for row in rows)
            if len(rows) < _CHUNK:
                return
            after = rows[-1][:3]

    def batches_backward(self, tx: Tx, stream: int, since: int, until: int) -> Iterator[Batch]:
        """The same batches, by falling last instants."""
        before: tuple[int, int] = (_LATEST, _LATEST)
        while True:
            rows = tx.rows(
                # The inner query sorts keys without touching a body.
                "SELECT k.first_at, k.last_at, k.id, b.body FROM (SELECT stream, first_at, last_at, id"
                " FROM log_batches WHERE stream = ? AND first_at >= ? AND first_at < ?"
                " AND last_at >= ? AND (last_at, id) < (?, ?)"
                " ORDER BY last_at DESC, id DESC LIMIT ?) k"
                " JOIN log_batches b ON b.stream = k.stream AND b.first_at = k.first_at"
                " AND b.last_at = k.last_at AND b.id = k.id ORDER BY k.last_at DESC, k.id DESC",
                stream,
                since - BATCH_SPAN_MAX,
                until,
                since,
                *before,
                _CHUNK,
            )
            yield from (Batch(*row) for row in rows)
            if len(rows) < _CHUNK:
                return
            before = (rows[-1][1], rows[-1][2])

    def watch(self, key: GroupKey) -> Watch:
        """Where from now on every batch that this process puts into the group is noted."""
        watch: Watch = deque(maxlen=_WATCHED_MAX)
        self._watches.setdefault(key, []).append(watch)
        return watch

    def unwatch(self, key: GroupKey, watch: Watch) -> None:
        left = [each for each in self._watches.pop(key, ()) if each is not watch]
        if left:
            self._watches[key] = left

    def watched_batch(self, tx: Tx, noted: Noted) -> tuple[str, Batch] | None:
        """A noted batch with the name of its stream; None if it was undone or is gone."""
        row = tx.row(
            "SELECT s.name, b.first_at, b.last_at, b.id, b.body FROM log_batches b"
            " JOIN log_streams s ON s.id = b.stream"
            " WHERE b.stream = ? AND b.first_at = ? AND b.last_at = ? AND b.id = ?",
            *noted,
        )
        return (row[0], Batch(*row[1:])) if row else None

    def newer_batches(
        self, tx: Tx, group: Document, after: int, since: int, limit: int
    ) -> list[tuple[str, Batch]]:
        """Batches that came after the one numbered `after`, with the names of their streams."""
        rows = tx.rows(
            "SELECT s.name, b.first_at, b.last_at, b.id, b.body FROM log_streams s"
            " JOIN log_batches b ON b.stream = s.id WHERE s.group_id = ? AND b.first_at >= ?"
            " AND b.id > ? ORDER BY b.id LIMIT ?",
            group["id"],
            since,
            after,
            limit,
        )
        return [(row[0], Batch(*row[1:])) for row in rows]

    def remove_expired(self, tx: Tx, group: Document, before: int, limit: int) -> int:
        """Remove up to `limit` batches whose events are all older than `before`; how many."""
        removed = 0
        for stream in self.streams(tx, group):
            rows = tx.rows(
                "SELECT first_at, last_at, id, bytes FROM log_batches WHERE stream = ?"
                " AND first_at < ? AND last_at < ? ORDER BY first_at LIMIT ?",
                stream.id,
                before,
                before,
                limit - removed,
            )
            tx.many(
                "DELETE FROM log_batches WHERE stream = ? AND first_at = ? AND last_at = ?"
                " AND id = ? AND bytes = ?",
                [(stream.id, *row) for row in rows],
            )
            removed += len(rows)
            if removed >= limit:
                break
        return removed


def topic_of(key: GroupKey) -> str:
    """What stirs when the group gets events."""
    return "logs:" + ":".join(key)


def metric_filter_key(group: str, name: str) -> str:
    """Under what name a metric filter is kept. Groups have no colon in theirs."""
    return f"{group}:{name}"


def tags_of(group: Mapping[str, Any]) -> dict[str, str]:
    return dict(group.get("tags") or {})


def names_of(streams: Sequence[Stream]) -> dict[int, str]:
    return {stream.id: stream.name for stream in streams}
