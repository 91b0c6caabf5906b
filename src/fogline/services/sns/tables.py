"""Every row SNS keeps, and the only file that knows how.

Topics are documents. Subscriptions have a table, in the order they were made, because a topic may have many; what a
topic's publishers need of them is kept parsed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from fogline.aws.arn import find_arn, make_arn
from fogline.services.sns.message import Notification, from_document, to_document
from fogline.services.sns.subscription import Subscription
from fogline.services.sns.topic import Topic
from fogline.store.documents import Documents
from fogline.store.store import Store, Tx

_CACHED_MAX = 4_096


class Tables:
    """Reads and writes of topics and subscriptions."""

    def __init__(self, store: Store) -> None:
        self._documents = Documents(store, "sns.topic")
        self._topics: dict[str, Topic] = store.make_cache()
        self._audiences: dict[str, tuple[Subscription, ...]] = store.make_cache()

    # ---- topics

    def find_topic(self, tx: Tx, arn: str) -> Topic | None:
        topic = self._topics.get(arn)
        if topic is not None:
            return topic
        parts = find_arn(arn)
        if parts is None or parts.service != "sns":
            return None
        document = self._documents.find(tx, parts.account, parts.region, parts.resource)
        if document is None:
            return None
        topic = Topic(parts.account, parts.region, document)
        if len(self._topics) >= _CACHED_MAX:
            self._topics.clear()
        self._topics[topic.arn] = topic
        return topic

    def save_topic(self, tx: Tx, account: str, region: str, document: Mapping[str, Any]) -> Topic:
        self._documents.save(tx, account, region, document["name"], document)
        topic = Topic(account, region, document)
        tx.forget(self._topics, topic.arn)
        return topic

    def remove_topic(self, tx: Tx, topic: Topic) -> None:
        """Remove a topic with its subscriptions and whatever it archived."""
        self._documents.remove(tx, topic.account, topic.region, topic.name)
        for table in ("sns_subscriptions", "sns_deduplications", "sns_archived", "sns_replays"):
            tx.run(f"DELETE FROM {table} WHERE topic = ?", topic.arn)
        tx.forget(self._topics, topic.arn)
        tx.forget(self._audiences, topic.arn)

    def list_topics(self, tx: Tx, account: str, region: str, after: str, limit: int) -> list[str]:
        """The ARNs of topics in the order of their names."""
        found = self._documents.page(tx, account, region, after=after, limit=limit)
        return [make_arn("sns", region, account, name) for name, _ in found]

    # ---- subscriptions

    def audience(self, tx: Tx, topic: Topic) -> tuple[Subscription, ...]:
        """All subscriptions of a topic, in the order they were made, parsed once."""
        found = self._audiences.get(topic.arn)
        if found is None:
            found = tuple(
                Subscription(topic.arn, row[0], orjson.loads(row[1]))
                for row in tx.rows(
                    "SELECT ordinal, body FROM sns_subscriptions WHERE topic = ? ORDER BY ordinal",
                    topic.arn,
                )
            )
            if len(self._audiences) >= _CACHED_MAX:
                self._audiences.clear()
            self._audiences[topic.arn] = found
        return found

    def find_subscription(self, tx: Tx, arn: str) -> Subscription | None:
        topic, _, id = arn.rpartition(":")
        row = tx.row(
            "SELECT ordinal, body FROM sns_subscriptions WHERE topic = ? AND id = ?", topic, id
        )
        return Subscription(topic, row[0], orjson.loads(row[1])) if row else None

    def find_same(self, tx: Tx, topic: Topic, protocol: str, endpoint: str) -> Subscription | None:
        """The subscription of that endpoint to that topic."""
        row = tx.row(
            "SELECT ordinal, body FROM sns_subscriptions"
            " WHERE topic = ? AND protocol = ? AND endpoint = ? ORDER BY ordinal LIMIT 1",
            topic.arn,
            protocol,
            endpoint,
        )
        return Subscription(topic.arn, row[0], orjson.loads(row[1])) if row else None

    def find_token(self, tx: Tx, topic: Topic, token: str) -> Subscription | None:
        """The subscription that was to be confirmed with that token."""
        found = (each for each in self.audience(tx, topic) if each.document["token"] == token)
        return next(found, None)

    def add_subscription(
        self, tx: Tx, topic: Topic, ordinal: int, document: Mapping[str, Any]
    ) -> Subscription:
        tx.run(
            "INSERT INTO sns_subscriptions"
            " (topic, ordinal, id, owner, region, protocol, endpoint, pending_until, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            topic.arn,
            ordinal,
            document["id"],
            document["owner"],
            topic.region,
            document["protocol"],
            document["endpoint"],
            document["pending_until"] if document["is_pending"] else None,
            orjson.dumps(document),
        )
        tx.forget(self._audiences, topic.arn)
        return Subscription(topic.arn, ordinal, document)

    def save_subscription(
        self, tx: Tx, subscription: Subscription, document: Mapping[str, Any]
    ) -> Subscription:
        tx.run(
            "UPDATE sns_subscriptions SET body = ?, pending_until = ? WHERE topic = ? AND ordinal = ?",
            orjson.dumps(document),
            document["pending_until"] if document["is_pending"] else None,
            subscription.topic_arn,
            subscription.ordinal,
        )
        tx.forget(self._audiences, subscription.topic_arn)
        return Subscription(subscription.topic_arn, subscription.ordinal, document)

    def remove_subscription(self, tx: Tx, subscription: Subscription) -> None:
        tx.run(
            "DELETE FROM sns_subscriptions WHERE topic = ? AND ordinal = ?",
            subscription.topic_arn,
            subscription.ordinal,
        )
        self.remove_replay(tx, subscription.topic_arn, subscription.ordinal)
        tx.forget(self._audiences, subscription.topic_arn)

    def list_subscriptions(
        self, tx: Tx, owner: str, region: str, after: int, limit: int
    ) -> list[Subscription]:
        """Subscriptions of an account in a region, past the one with that ordinal."""
        return [
            Subscription(topic, ordinal, orjson.loads(body))
            for topic, ordinal, body in tx.rows(
                "SELECT topic, ordinal, body FROM sns_subscriptions"
                " WHERE owner = ? AND region = ? AND ordinal > ? ORDER BY ordinal LIMIT ?",
                owner,
                region,
                after,
                limit,
            )
        ]

    def list_audience(self, tx: Tx, topic: Topic, after: int, limit: int) -> list[Subscription]:
        """Subscriptions of a topic, past the one with that ordinal."""
        return [
            Subscription(topic.arn, ordinal, orjson.loads(body))
            for ordinal, body in tx.rows(
                "SELECT ordinal, body FROM sns_subscriptions WHERE topic = ? AND ordinal > ?"
                " ORDER BY ordinal LIMIT ?",
                topic.arn,
                after,
                limit,
            )
        ]

    def remove_lapsed(self, tx: Tx, now: int) -> None:
        """Remove subscriptions that nobody confirmed in time."""
        gone = tx.rows(
            "DELETE FROM sns_subscriptions WHERE pending_until <= ? RETURNING topic", now
        )
        for topic in {row[0] for row in gone}:
            tx.forget(self._audiences, topic)

    # ---- what was published in order

    def find_deduplicated(
        self, tx: Tx, topic: Topic, scope: str, id: str, now: int
    ) -> tuple[str, str] | None:
        """The message and sequence number first published with that deduplication id, for as long as it counts."""
        row = tx.row(
            "SELECT message, sequence_number FROM sns_deduplications"
            " WHERE topic = ? AND scope = ? AND id = ? AND expires_at > ?",
            topic.arn,
            scope,
            id,
            now,
        )
        return (row[0], row[1]) if row else None

    def save_deduplication(
        self,
        tx: Tx,
        topic: Topic,
        scope: str,
        id: str,
        expires_at: int,
        message: str,
        sequence_number: str,
    ) -> None:
        tx.run(
            "INSERT INTO sns_deduplications (topic, scope, id, expires_at, message, sequence_number)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (topic, scope, id) DO UPDATE SET"
            " expires_at = excluded.expires_at, message = excluded.message,"
            " sequence_number = excluded.sequence_number",
            topic.arn,
            scope,
            id,
            expires_at,
            message,
            sequence_number,
        )

    def remove_deduplications(self, tx: Tx, now: int) -> None:
        """Forget what no longer counts."""
        tx.run("DELETE FROM sns_deduplications WHERE expires_at <= ?", now)

    # ---- the archive

    def archive(self, tx: Tx, topic: Topic, sequence: int, notification: Notification) -> None:
        tx.run(
            "INSERT INTO sns_archived (topic, sequence, body) VALUES (?, ?, ?)",
            topic.arn,
            sequence,
            orjson.dumps(to_document(notification)),
        )

    def archived(
        self, tx: Tx, topic: Topic, start: int, limit: int
    ) -> list[tuple[int, Notification]]:
        """Archived notifications in their order, from that sequence on."""
        return [
            (sequence, from_document(orjson.loads(body)))
            for sequence, body in tx.rows(
                "SELECT sequence, body FROM sns_archived WHERE topic = ? AND sequence >= ?"
                " ORDER BY sequence LIMIT ?",
                topic.arn,
                start,
                limit,
            )
        ]

    def clear_archive(self, tx: Tx, topic: Topic, before: int | None = None) -> None:
        """Remove what a topic archived, all of it or what came before that sequence."""
        if before is None:
            tx.run("DELETE FROM sns_archived WHERE topic = ?", topic.arn)
        else:
            tx.run("DELETE FROM sns_archived WHERE topic = ? AND sequence < ?", topic.arn, before)

    def archived_topics(self, tx: Tx) -> list[str]:
        """The ARNs of topics whose archive holds anything."""
        return [row[0] for row in tx.rows("SELECT DISTINCT topic FROM sns_archived")]

    def replays(self, tx: Tx) -> list[tuple[str, int]]:
        """The topic and the subscription's ordinal of each replay that has not ended."""
        found = tx.rows("SELECT topic, subscription FROM sns_replays ORDER BY topic, subscription")
        return [(row[0], row[1]) for row in found]

    def find_replay(self, tx: Tx, topic: str, ordinal: int) -> int | None:
        """The sequence at which a replay goes on."""
        row = tx.row(
            "SELECT next FROM sns_replays WHERE topic = ? AND subscription = ?", topic, ordinal
        )
        return row[0] if row else None

    def save_replay(self, tx: Tx, topic: str, ordinal: int, next: int) -> None:
        tx.run(
            "INSERT INTO sns_replays (topic, subscription, next) VALUES (?, ?, ?)"
            " ON CONFLICT (topic, subscription) DO UPDATE SET next = excluded.next",
            topic,
            ordinal,
            next,
        )

    def remove_replay(self, tx: Tx, topic: str, ordinal: int) -> None:
        tx.run("DELETE FROM sns_replays WHERE topic = ? AND subscription = ?", topic, ordinal)
