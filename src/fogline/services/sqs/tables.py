"""Every row SQS keeps; with `groups.py` and `deduplication.py`, for FIFO queues, the only file that knows how.

A message is found by its queue's number and its own sequence number, which also tells when it was sent. What
changes (visibility, counts) is kept beside a small body; a large body has a row of its own, so that hiding a message
does not write it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson

from fogline.services.sqs.deduplication import Deduplication
from fogline.services.sqs.groups import Groups
from fogline.services.sqs.move_tasks import MoveTasks
from fogline.store.documents import Documents
from fogline.store.store import Store, Tx
from fogline.world.ids import ORDERED_BITS, instant_of_ordered, ordered_from

_BODY_BESIDE_MAX = 640
"""Characters of the body and bytes of the facts: a row of a kilobyte would take a page of SQLite's for itself."""


class Queue:
    """A queue: its document, and what is read from it on every message. Never changed, made anew."""

    def __init__(self, account: str, region: str, document: Mapping[str, Any]) -> None:
        self.account = account
        self.region = region
        self.document = document
        self.name: str = document["name"]
        self.number: int = document["number"]
        self.attributes: Mapping[str, str] = document["attributes"]
        self.tags: Mapping[str, str] = document["tags"]
        self.arn = f"arn:aws:sqs:{region}:{account}:{self.name}"
        self.topic = f"sqs:{self.number}"
        self.visibility_seconds = int(self.attributes["VisibilityTimeout"])
        self.delay_seconds = int(self.attributes["DelaySeconds"])
        self.wait_seconds = int(self.attributes["ReceiveMessageWaitTimeSeconds"])
        self.message_bytes_max = int(self.attributes["MaximumMessageSize"])
        self.retention_milliseconds = int(self.attributes["MessageRetentionPeriod"]) * 1000
        self.is_fifo = self.attributes.get("FifoQueue") == "true"

    @cached_property
    def redrive(self) -> tuple[str, int] | None:
        """The ARN of the dead-letter queue and how many receives a message has, if it has a redrive policy."""
        text = self.attributes.get("RedrivePolicy")
        if not text:
            return None
        policy = orjson.loads(text)
        return policy["deadLetterTargetArn"], int(policy["maxReceiveCount"])

    def deduplicates_by_group(self, now: int) -> bool:
        """True when a deduplication id counts within its message group only, False when in the whole queue.

        AWS lets a change of attributes take up to a minute; a new scope begins after that
        (recorded: test_fifo_change_to_high_throughput_after_creation).
        """
        is_by_group = self.attributes.get("DeduplicationScope") == "messageGroup"
        changes_at: int = self.document.get("scope_changes_at", 0)
        return is_by_group == (now >= changes_at)


@dataclass(slots=True)
class Message:
    """One message. `facts` hold what else is known of it: `attributes`, `trace` or `cause`, `group`, `deduplication`,
    `source`, `seal`."""

    queue: int
    sequence: int
    visible_at: int
    receive_count: int
    first_received_at: int
    id: str
    md5: str
    sender: str
    body: str
    facts: dict[str, Any]

    @property
    def sent_at(self) -> int:
        return instant_of_ordered(self.sequence)


# From one queue with messages to the next by the primary key, whatever the number of messages.
_OLDEST_OF_EACH = """
    WITH RECURSIVE holding (queue) AS (
        SELECT min(queue) FROM sqs_messages
        UNION ALL
        SELECT (SELECT min(queue) FROM sqs_messages WHERE queue > holding.queue)
            FROM holding WHERE holding.queue IS NOT NULL)
    SELECT queue, (SELECT min(sequence) FROM sqs_messages WHERE queue = holding.queue)
        FROM holding WHERE queue IS NOT NULL"""


class Tables:
    """Reads and writes of queues and messages."""

    def __init__(self, store: Store) -> None:
        self._documents = Documents(store, "sqs.queue")
        self._queues: dict[tuple[str, str, str], Queue] = store.make_cache()
        self.groups = Groups(store.is_shared)
        self.deduplication = Deduplication()
        self.move_tasks = MoveTasks(store)

    # ---- queues

    def find_queue(self, tx: Tx, account: str, region: str, name: str) -> Queue | None:
        key = (account, region, name)
        queue = self._queues.get(key)
        if queue is not None:
            return queue
        document = self._documents.find(tx, account, region, name)
        if document is None:
            return None
        queue = Queue(account, region, document)
        self._queues[key] = queue
        return queue

    def save_queue(self, tx: Tx, account: str, region: str, document: Mapping[str, Any]) -> None:
        self._documents.save(tx, account, region, document["name"], document)
        tx.forget(self._queues, (account, region, document["name"]))

    def remove_queue(self, tx: Tx, queue: Queue) -> None:
        self._documents.remove(tx, queue.account, queue.region, queue.name)
        tx.forget(self._queues, (queue.account, queue.region, queue.name))
        self.remove_all_messages(tx, queue)

    def list_queues(
        self, tx: Tx, account: str, region: str, prefix: str, after: str, limit: int
    ) -> list[Queue]:
        return [
            Queue(account, region, document)
            for _, document in self._documents.page(
                tx, account, region, prefix=prefix, after=after, limit=limit
            )
        ]

    def every_queue(self, tx: Tx) -> list[Queue]:
        return [
            Queue(account, region, document)
            for account, region, _, document in self._documents.every(tx)
        ]

    # ---- messages

    def add_message(
        self,
        tx: Tx,
        queue: int,
        sequence: int,
        visible_at: int,
        id: str,
        md5: str,
        sender: str,
        body: str,
        facts: Mapping[str, Any] | None,
        receive_count: int = 0,
        group: str | None = None,
    ) -> None:
        """Add a message. One of a FIFO queue has a group, which it must have entered (`groups.py`)."""
        packed = orjson.dumps(facts) if facts else None
        is_beside = len(body) + (len(packed) if packed else 0) <= _BODY_BESIDE_MAX
        values = (
            queue,
            sequence,
            visible_at,
            receive_count,
            id,
            md5,
            sender,
            body if is_beside else None,
            packed,
        )
        if group is None:
            tx.run(
                "INSERT INTO sqs_messages (queue, sequence, visible_at, receive_count, first_received_at, id, md5,"
                " sender, body, facts) VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, ?)",
                *values,
            )
        else:
            tx.run(
                "INSERT INTO sqs_messages (queue, sequence, visible_at, receive_count, first_received_at, id, md5,"
                " sender, body, facts, message_group) VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?)",
                *values,
                group,
            )
        if not is_beside:
            tx.run(
                "INSERT INTO sqs_bodies (queue, sequence, body) VALUES (?, ?, ?)",
                queue,
                sequence,
                body,
            )

    def take_visible(self, tx: Tx, queue: Queue, now: int, count_max: int) -> list[Message]:
        """Visible messages that have not expired, the longest visible first, locked for the caller."""
        rows = tx.take(
            "SELECT queue, sequence, visible_at, receive_count, first_received_at, id, md5, sender, body, facts"
            " FROM sqs_messages WHERE queue = ? AND visible_at <= ? AND sequence >= ?"
            " ORDER BY visible_at, sequence LIMIT ?",
            queue.number,
            now,
            ordered_from(now - queue.retention_milliseconds),
            count_max,
        )
        return [self._message(tx, row) for row in rows]

    def take_visible_of_group(
        self, tx: Tx, queue: Queue, group: str, now: int, count_max: int
    ) -> list[Message]:
        """As `take_visible`, of one group and in the order they were sent."""
        rows = tx.take(
            "SELECT queue, sequence, visible_at, receive_count, first_received_at, id, md5, sender, body, facts"
            " FROM sqs_messages WHERE queue = ? AND message_group = ? AND sequence >= ? AND visible_at <= ?"
            " ORDER BY sequence LIMIT ?",
            queue.number,
            group,
            ordered_from(now - queue.retention_milliseconds),
            now,
            count_max,
        )
        return [self._message(tx, row) for row in rows]

    def next_group(self, tx: Tx, queue: Queue, after: str) -> str | None:
        """The group whose name follows, among those that have messages."""
        row = tx.row(
            "SELECT message_group FROM sqs_messages WHERE queue = ? AND message_group > ?"
            " ORDER BY message_group LIMIT 1",
            queue.number,
            after,
        )
        return row[0] if row else None

    def in_flight_by_group(
        self, tx: Tx, queue: Queue, now: int, count_max: int
    ) -> dict[str | None, int]:
        """How many messages of each group (None: of none) are in flight, of `count_max` at most."""
        return dict(
            tx.rows(
                "SELECT message_group, count(*) FROM (SELECT message_group FROM sqs_messages"
                " WHERE queue = ? AND visible_at > ? AND receive_count > 0 LIMIT ?) AS hidden"
                " GROUP BY message_group",
                queue.number,
                now,
                count_max,
            )
        )

    def first_of_group(
        self, tx: Tx, queue: int, group: str, after: int, count_max: int
    ) -> list[Message]:
        """The first messages of a group past a sequence number, in order, whatever their visibility."""
        rows = tx.rows(
            "SELECT queue, sequence, visible_at, receive_count, first_received_at, id, md5, sender, body, facts"
            " FROM sqs_messages WHERE queue = ? AND message_group = ? AND sequence > ?"
            " ORDER BY sequence LIMIT ?",
            queue,
            group,
            after,
            count_max,
        )
        return [self._message(tx, row) for row in rows]

    def find_message(self, tx: Tx, queue: int, sequence: int) -> Message | None:
        row = tx.row(
            "SELECT queue, sequence, visible_at, receive_count, first_received_at, id, md5, sender, body, facts"
            " FROM sqs_messages WHERE queue = ? AND sequence = ?",
            queue,
            sequence,
        )
        return self._message(tx, row) if row else None

    def _message(self, tx: Tx, row: tuple[Any, ...]) -> Message:
        body = row[8]
        if body is None:
            found = tx.row(
                "SELECT body FROM sqs_bodies WHERE queue = ? AND sequence = ?", row[0], row[1]
            )
            assert found is not None, "a message without a body beside it has one in sqs_bodies"
            body = found[0]
        facts = orjson.loads(row[9]) if row[9] is not None else {}
        queue, sequence, visible_at, receive_count, first_received_at, id, md5, sender = row[:8]
        return Message(
            queue,
            sequence,
            visible_at,
            receive_count,
            first_received_at,
            id,
            md5,
            sender,
            body,
            facts,
        )

    def hide_message(
        self, tx: Tx, message: Message, visible_at: int, receive_count: int, first_received_at: int
    ) -> None:
        tx.run(
            "UPDATE sqs_messages SET visible_at = ?, receive_count = ?, first_received_at = ?"
            " WHERE queue = ? AND sequence = ?",
            visible_at,
            receive_count,
            first_received_at,
            message.queue,
            message.sequence,
        )

    def set_visible_at(self, tx: Tx, queue: int, sequence: int, visible_at: int) -> None:
        tx.run(
            "UPDATE sqs_messages SET visible_at = ? WHERE queue = ? AND sequence = ?",
            visible_at,
            queue,
            sequence,
        )

    def remove_message(self, tx: Tx, queue: int, sequence: int) -> None:
        gone = tx.row(
            "DELETE FROM sqs_messages WHERE queue = ? AND sequence = ? RETURNING body IS NULL",
            queue,
            sequence,
        )
        if gone and gone[0]:
            tx.run("DELETE FROM sqs_bodies WHERE queue = ? AND sequence = ?", queue, sequence)

    def remove_all_messages(self, tx: Tx, queue: Queue) -> None:
        if queue.is_fifo:
            # Groups first: who is about to send to one is waited for, and its message goes with the others.
            self.groups.remove_all(tx, queue.number)
            self.deduplication.forget_all(tx, queue.number)
        tx.run("DELETE FROM sqs_messages WHERE queue = ?", queue.number)
        tx.run("DELETE FROM sqs_bodies WHERE queue = ?", queue.number)

    def queues_with_expired(self, tx: Tx, now: int) -> list[Queue]:
        """The queues that hold messages which have outlived their retention. It looks at the oldest of each only."""
        oldest: dict[int, int] = {row[0]: row[1] for row in tx.rows(_OLDEST_OF_EACH)}
        return [
            queue
            for queue in self.every_queue(tx)
            if queue.number in oldest
            and oldest[queue.number] < ordered_from(now - queue.retention_milliseconds)
        ]

    def remove_expired(self, tx: Tx, queue: Queue, now: int) -> None:
        oldest = ordered_from(now - queue.retention_milliseconds)
        tx.run("DELETE FROM sqs_messages WHERE queue = ? AND sequence < ?", queue.number, oldest)
        tx.run("DELETE FROM sqs_bodies WHERE queue = ? AND sequence < ?", queue.number, oldest)
        if queue.is_fifo:
            for group in self.groups.headed_before(tx, queue.number, oldest):
                self.groups.settle(tx, queue.number, group, now)

    def remove_expired_of_group(self, tx: Tx, queue: Queue, group: str, oldest: int) -> None:
        """Remove what of a group was sent before `oldest` and has expired; its head is the caller's to settle."""
        rows = tx.rows(
            "DELETE FROM sqs_messages WHERE queue = ? AND message_group = ? AND sequence < ?"
            " RETURNING sequence, body IS NULL",
            queue.number,
            group,
            oldest,
        )
        for sequence, has_row in rows:
            if has_row:
                tx.run(
                    "DELETE FROM sqs_bodies WHERE queue = ? AND sequence = ?",
                    queue.number,
                    sequence,
                )

    def oldest_sent_at(self, tx: Tx, queue: Queue) -> int | None:
        row = tx.row("SELECT min(sequence) FROM sqs_messages WHERE queue = ?", queue.number)
        return instant_of_ordered(row[0]) if row and row[0] is not None else None

    def next_visible_at(self, tx: Tx, queue: Queue, now: int) -> int | None:
        if queue.is_fifo:
            return self.groups.next_ready_at(tx, queue.number, now)
        row = tx.row(
            "SELECT min(visible_at) FROM sqs_messages WHERE queue = ? AND visible_at > ?",
            queue.number,
            now,
        )
        return row[0] if row else None

    def visible_count(self, tx: Tx, queue: Queue, now: int, count_max: int) -> int:
        if queue.is_fifo:
            return self.groups.visible_count(tx, queue.number, now, count_max)
        row = tx.row(
            "SELECT count(*) FROM (SELECT 1 FROM sqs_messages WHERE queue = ? AND visible_at <= ?"
            " AND sequence >= ? LIMIT ?) AS visible",
            queue.number,
            now,
            ordered_from(now - queue.retention_milliseconds),
            count_max,
        )
        return row[0] if row else 0

    def in_flight_count(self, tx: Tx, queue: Queue, now: int, count_max: int) -> int:
        """How many messages are received and hidden, counting to `count_max` at most."""
        row = tx.row(
            "SELECT count(*) FROM (SELECT 1 FROM sqs_messages WHERE queue = ? AND visible_at > ?"
            " AND receive_count > 0 LIMIT ?) AS hidden",
            queue.number,
            now,
            count_max,
        )
        return row[0] if row else 0

    def delay_again(self, tx: Tx, queue: Queue, delay_milliseconds: int) -> None:
        """Give every message that was never received another delay, counted from when it was sent."""
        tx.run(
            f"UPDATE sqs_messages SET visible_at = (sequence >> {ORDERED_BITS}) + ?"
            " WHERE queue = ? AND receive_count = 0",
            delay_milliseconds,
            queue.number,
        )

    def counts(self, tx: Tx, queue: Queue, now: int) -> tuple[int, int, int]:
        """How many messages are visible, in flight (received and hidden), and delayed."""
        row = tx.row(
            "SELECT coalesce(sum(CASE WHEN visible_at <= ? THEN 1 ELSE 0 END), 0),"
            " coalesce(sum(CASE WHEN visible_at > ? AND receive_count > 0 THEN 1 ELSE 0 END), 0),"
            " coalesce(sum(CASE WHEN visible_at > ? AND receive_count = 0 THEN 1 ELSE 0 END), 0)"
            " FROM sqs_messages WHERE queue = ? AND sequence >= ?",
            now,
            now,
            now,
            queue.number,
            ordered_from(now - queue.retention_milliseconds),
        )
        assert row is not None
        return int(row[0]), int(row[1]), int(row[2])

    def peek(self, tx: Tx, queue: Queue, now: int, after: int, count_max: int) -> list[Message]:
        """Messages in the order they were sent, past a sequence number, whatever their visibility; nothing changes."""
        oldest = ordered_from(now - queue.retention_milliseconds)
        rows = tx.rows(
            "SELECT queue, sequence, visible_at, receive_count, first_received_at, id, md5, sender, body, facts"
            " FROM sqs_messages WHERE queue = ? AND sequence > ? ORDER BY sequence LIMIT ?",
            queue.number,
            max(after, oldest - 1),
            count_max,
        )
        return [self._message(tx, row) for row in rows]
