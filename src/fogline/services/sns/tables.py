"""Every row SNS keeps, and the only file that knows how.

Topics are documents. Subscriptions have a table, in the order they were made, because a topic may have many; what a
topic's publishers need of them is kept parsed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from fogline.aws.arn import find_arn, make_arn
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
        for table in ("sns_subscriptions", "sns_deduplications", "sns_archived"):
            tx.run(f"DELETE FROM {table} WHERE topic = ?", topic.arn)
        tx.forget(self._topics, topic.arn)
        tx.forget(self._audiences, topic.arn)

    def clear_archive(self, tx: Tx, topic: Topic) -> None:
        tx.run("DELETE FROM sns_archived WHERE topic = ?", topic.arn)

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

    def add_subscription(
        self, tx: Tx, topic_arn: str, region: str, ordinal: int, document: Mapping[str, Any]
    ) -> Subscription:
        tx.run(
            "INSERT INTO sns_subscriptions (topic, ordinal, id, owner, region, body)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            topic_arn,
            ordinal,
            document["id"],
            document["owner"],
            region,
            orjson.dumps(document),
        )
        tx.forget(self._audiences, topic_arn)
        return Subscription(topic_arn, ordinal, document)

    def save_subscription(
        self, tx: Tx, subscription: Subscription, document: Mapping[str, Any]
    ) -> Subscription:
        tx.run(
            "UPDATE sns_subscriptions SET body = ? WHERE topic = ? AND ordinal = ?",
            orjson.dumps(document),
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
