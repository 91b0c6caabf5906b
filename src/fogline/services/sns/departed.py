"""Subscriptions that were ended, kept for as long as their endpoint may bring them back.

A web server is told that its subscription ended, with a link that cancels this:
https://docs.aws.amazon.com/sns/latest/dg/http-unsubscribe-confirmation-json.html
"""

from __future__ import annotations

from fogline.services.sns.subscription import Subscription
from fogline.services.sns.topic import Topic
from fogline.store.documents import Documents
from fogline.store.store import Store, Tx

_SWEPT_MAX = 100


class Departed:
    """Ended subscriptions by the tokens that bring them back."""

    def __init__(self, store: Store) -> None:
        self._documents = Documents(store, "sns.departed")

    def save(self, tx: Tx, subscription: Subscription, token: str, now: int, until: int) -> None:
        """Keep it until that instant, and forget those of its topic whose time is up."""
        account, region = subscription.account, subscription.region
        front = f"{subscription.topic_arn}:"
        for name, kept in self._documents.page(tx, account, region, prefix=front, limit=_SWEPT_MAX):
            if kept["until"] <= now:
                self._documents.remove(tx, account, region, name)
        document = {
            "ordinal": subscription.ordinal,
            "document": subscription.document,
            "until": until,
        }
        self._documents.save(tx, account, region, front + token, document)

    def take(self, tx: Tx, topic: Topic, token: str, now: int) -> Subscription | None:
        """The subscription that the token brings back, which it does once."""
        name = f"{topic.arn}:{token}"
        kept = self._documents.find(tx, topic.account, topic.region, name)
        if kept is None or kept["until"] <= now:
            return None
        self._documents.remove(tx, topic.account, topic.region, name)
        return Subscription(topic.arn, kept["ordinal"], kept["document"])

    def forget(self, tx: Tx, topic: Topic) -> None:
        """Forget those of a topic that is no more."""
        front = f"{topic.arn}:"
        for name, _ in self._documents.page(tx, topic.account, topic.region, prefix=front):
            self._documents.remove(tx, topic.account, topic.region, name)
