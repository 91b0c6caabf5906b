"""What FIFO queues remember for five minutes: deduplication ids of sent messages, and attempts to receive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import orjson

from fogline.store.store import Tx
from fogline.world.clock import MINUTE

INTERVAL_MILLISECONDS = 5 * MINUTE
"""https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagededuplicationid-property.html"""

_FORGOTTEN_EVERY_SENDS = 256
_FORGOTTEN_AT_A_TIME = 1_024


class Original(NamedTuple):
    """The message that was stored under a deduplication id."""

    id: str
    sequence: int


class Deduplication:
    """Reads and writes of what is remembered. What has expired counts for nothing, whether its row is there or not."""

    def __init__(self) -> None:
        self._sends = 0

    # ---- sent messages

    def remember(
        self, tx: Tx, queue: int, scope: str, deduplication_id: str, own: Original, now: int
    ) -> Original | None:
        """Remember a message by its deduplication id; the original when it is a duplicate, which changes nothing."""
        row = tx.row(
            "INSERT INTO sqs_duplicates (queue, scope, deduplication_id, id, sequence, expires_at)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (queue, scope, deduplication_id)"
            " DO UPDATE SET id = excluded.id, sequence = excluded.sequence, expires_at = excluded.expires_at"
            " WHERE sqs_duplicates.expires_at <= ? RETURNING sequence",
            queue,
            scope,
            deduplication_id,
            own.id,
            own.sequence,
            now + INTERVAL_MILLISECONDS,
            now,
        )
        if row is not None:
            self._sends += 1
            if self._sends % _FORGOTTEN_EVERY_SENDS == 0:
                self.forget_expired(tx, now)
            return None
        found = tx.row(
            "SELECT id, sequence FROM sqs_duplicates WHERE queue = ? AND scope = ? AND deduplication_id = ?",
            queue,
            scope,
            deduplication_id,
        )
        assert found is not None, "what stood in the way of the row is there"
        return Original(*found)

    def correct(self, tx: Tx, queue: int, scope: str, deduplication_id: str, sequence: int) -> None:
        """Note the sequence number that the message got in the end."""
        tx.run(
            "UPDATE sqs_duplicates SET sequence = ? WHERE queue = ? AND scope = ? AND deduplication_id = ?",
            sequence,
            queue,
            scope,
            deduplication_id,
        )

    # ---- attempts to receive

    def find_attempt(
        self, tx: Tx, queue: int, attempt: str, now: int
    ) -> list[tuple[int, int]] | None:
        """Sequence number and receive count of each message that an attempt got, if it is remembered."""
        row = tx.row(
            "SELECT messages FROM sqs_attempts WHERE queue = ? AND attempt = ? AND expires_at > ?",
            queue,
            attempt,
            now,
        )
        return [(each[0], each[1]) for each in orjson.loads(row[0])] if row else None

    def keep_attempt(
        self, tx: Tx, queue: int, attempt: str, messages: Sequence[tuple[int, int]], now: int
    ) -> None:
        tx.run(
            "INSERT INTO sqs_attempts (queue, attempt, expires_at, messages) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (queue, attempt) DO UPDATE SET expires_at = excluded.expires_at,"
            " messages = excluded.messages",
            queue,
            attempt,
            now + INTERVAL_MILLISECONDS,
            orjson.dumps(messages),
        )

    # ---- forgetting

    def forget_expired(self, tx: Tx, now: int) -> bool:
        """Remove rows that count for nothing any more, a bounded number; True when there may be more."""
        duplicates = tx.run(
            "DELETE FROM sqs_duplicates WHERE (queue, scope, deduplication_id) IN (SELECT queue, scope,"
            " deduplication_id FROM sqs_duplicates WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)",
            now,
            _FORGOTTEN_AT_A_TIME,
        )
        attempts = tx.run(
            "DELETE FROM sqs_attempts WHERE (queue, attempt) IN (SELECT queue, attempt FROM sqs_attempts"
            " WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)",
            now,
            _FORGOTTEN_AT_A_TIME,
        )
        return max(duplicates, attempts) >= _FORGOTTEN_AT_A_TIME

    def forget_all(self, tx: Tx, queue: int) -> None:
        tx.run("DELETE FROM sqs_duplicates WHERE queue = ?", queue)
        tx.run("DELETE FROM sqs_attempts WHERE queue = ?", queue)
