"""The rows of message groups: for each group that has messages, its first one and when that may be received.

A group gives out its messages from the front, and nothing that stands behind a hidden one. So all that a receiver
must know of a group, however long it is, is when its first message (its head) is visible: that is its readiness.
On a shared store the row of a group is also its lock.
"""

from __future__ import annotations

from collections.abc import Iterable

from fogline.store.store import Tx


class Groups:
    """Reads and writes of message groups. Every change of a group's messages is followed by one of these."""

    def __init__(self, is_shared: bool) -> None:
        self._is_shared = is_shared

    def enter(self, tx: Tx, queue: int, name: str, sequence: int, visible_at: int) -> int:
        """Put a message at a group's end; its sequence number, later than any that the group has."""
        row = tx.row(
            "INSERT INTO sqs_groups (queue, name, head, ready_at, newest) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (queue, name) DO UPDATE SET newest = CASE WHEN excluded.newest > sqs_groups.newest"
            " THEN excluded.newest ELSE sqs_groups.newest + 1 END RETURNING newest",
            queue,
            name,
            sequence,
            visible_at,
            sequence,
        )
        assert row is not None, "an upsert gives its row"
        if row[0] == sequence:
            return sequence
        # The clock stands behind that of an earlier message: the next number that no message of the queue has.
        last = tx.row("SELECT max(sequence) FROM sqs_messages WHERE queue = ?", queue)
        behind = max(int(row[0]), (last[0] or 0) + 1 if last else 0)
        tx.run("UPDATE sqs_groups SET newest = ? WHERE queue = ? AND name = ?", behind, queue, name)
        return behind

    def hold(self, tx: Tx, queue: int, name: str) -> bool:
        """Let nobody else change a group until commit; True when others might have until now.

        Groups are always held before their messages, so that nobody waits in a ring.
        """
        if self._is_shared:
            tx.run("UPDATE sqs_groups SET head = head WHERE queue = ? AND name = ?", queue, name)
        return self._is_shared

    def hold_all(self, tx: Tx, queue: int, names: Iterable[str]) -> None:
        """Hold several groups, whoever does it in the same order."""
        if self._is_shared:
            for name in sorted(set(names)):
                self.hold(tx, queue, name)

    def hold_groups_of(self, tx: Tx, queue: int, sequences: Iterable[int]) -> None:
        """Hold the groups of those messages."""
        if self._is_shared:
            places = (self.find_place(tx, queue, sequence) for sequence in sequences)
            self.hold_all(tx, queue, [place[0] for place in places if place is not None])

    def take_ready(self, tx: Tx, queue: int, now: int, count_max: int) -> list[str]:
        """Groups whose head is visible, the longest ready first, held for the caller."""
        rows = tx.take(
            "SELECT name FROM sqs_groups WHERE queue = ? AND ready_at <= ?"
            " ORDER BY ready_at, head LIMIT ?",
            queue,
            now,
            count_max,
        )
        return [row[0] for row in rows]

    def set_head(self, tx: Tx, queue: int, name: str, head: int, ready_at: int) -> None:
        tx.run(
            "UPDATE sqs_groups SET head = ?, ready_at = ? WHERE queue = ? AND name = ?",
            head,
            ready_at,
            queue,
            name,
        )

    def settle(self, tx: Tx, queue: int, name: str, now: int) -> bool:
        """Find a group's head again after messages went; False when it has none left, and is gone.

        A group that is freed stands behind those that were ready before it, whatever the age of its messages, so
        that a long one does not keep short ones waiting.
        """
        row = tx.row(
            "SELECT sequence, visible_at FROM sqs_messages WHERE queue = ? AND message_group = ?"
            " ORDER BY sequence LIMIT 1",
            queue,
            name,
        )
        if row is None:
            tx.run("DELETE FROM sqs_groups WHERE queue = ? AND name = ?", queue, name)
            return False
        self.set_head(tx, queue, name, row[0], max(row[1], now))
        return True

    def settle_all(self, tx: Tx, queue: int) -> None:
        """Read every group's readiness from its head again."""
        tx.run(
            "UPDATE sqs_groups SET ready_at = (SELECT visible_at FROM sqs_messages"
            " WHERE sqs_messages.queue = sqs_groups.queue AND sqs_messages.sequence = sqs_groups.head)"
            " WHERE queue = ?",
            queue,
        )

    def show_head(self, tx: Tx, queue: int, name: str, sequence: int, visible_at: int) -> None:
        """Note a message's new visibility, which matters when it is its group's head."""
        tx.run(
            "UPDATE sqs_groups SET ready_at = ? WHERE queue = ? AND name = ? AND head = ?",
            visible_at,
            queue,
            name,
            sequence,
        )

    def find_place(self, tx: Tx, queue: int, sequence: int) -> tuple[str, int, int] | None:
        """A message's group, when it is visible, and how often it was received."""
        row = tx.row(
            "SELECT message_group, visible_at, receive_count FROM sqs_messages"
            " WHERE queue = ? AND sequence = ?",
            queue,
            sequence,
        )
        return (row[0], row[1], row[2]) if row else None

    def is_behind(self, tx: Tx, queue: int, name: str, sequence: int, now: int) -> bool:
        """True when a message that stands before that one in its group is hidden."""
        row = tx.row(
            "SELECT 1 FROM sqs_messages WHERE queue = ? AND message_group = ? AND sequence < ?"
            " AND visible_at > ? LIMIT 1",
            queue,
            name,
            sequence,
            now,
        )
        return row is not None

    def headed_before(self, tx: Tx, queue: int, oldest: int) -> list[str]:
        """Groups whose head was sent before `oldest`."""
        rows = tx.rows("SELECT name FROM sqs_groups WHERE queue = ? AND head < ?", queue, oldest)
        return [row[0] for row in rows]

    def next_ready_at(self, tx: Tx, queue: int, now: int) -> int | None:
        row = tx.row(
            "SELECT min(ready_at) FROM sqs_groups WHERE queue = ? AND ready_at > ?", queue, now
        )
        return row[0] if row else None

    def visible_count(self, tx: Tx, queue: int, now: int, count_max: int) -> int:
        """How many messages of ready groups are visible, counting to `count_max` at most."""
        row = tx.row(
            "SELECT count(*) FROM (SELECT 1 FROM sqs_groups JOIN sqs_messages"
            " ON sqs_messages.queue = sqs_groups.queue AND sqs_messages.message_group = sqs_groups.name"
            " WHERE sqs_groups.queue = ? AND ready_at <= ? AND visible_at <= ? LIMIT ?) AS visible",
            queue,
            now,
            now,
            count_max,
        )
        return row[0] if row else 0

    def remove_all(self, tx: Tx, queue: int) -> None:
        tx.run("DELETE FROM sqs_groups WHERE queue = ?", queue)
