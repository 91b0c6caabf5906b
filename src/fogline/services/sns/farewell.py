"""Farewells: an endpoint is told that its subscription ended, and may bring it back by a link."""

from __future__ import annotations

from fogline.services.sns.service import Sns
from fogline.services.sns.subscription import Subscription
from fogline.services.sns.topic import Topic
from fogline.services.sns.webhooks import Webhooks
from fogline.store.store import Tx

_TOKEN_CHARACTERS = 128


def forget_topic(sns: Sns, tx: Tx, topic: Topic) -> None:
    """Forget what is kept of the subscriptions of a topic that is no more."""
    sns.departed.forget(tx, topic)
    webhooks = sns.couriers["http"]
    assert isinstance(webhooks, Webhooks)
    webhooks.forget(tx, topic)


def farewell(sns: Sns, tx: Tx, subscription: Subscription, now: int) -> None:
    """Tell a web server that its subscription ended; nobody else is told."""
    courier = sns.couriers.get(subscription.protocol)
    if not isinstance(courier, Webhooks) or subscription.is_pending:
        return
    token = sns.ids.hex(_TOKEN_CHARACTERS)
    until = now + sns.limits.token_milliseconds
    sns.departed.save(tx, subscription, token, now, until)
    courier.farewell(tx, subscription, token, now)


def bring_back(sns: Sns, tx: Tx, topic: Topic, token: str, now: int) -> Subscription | None:
    """Restore the subscription of that token, unless its endpoint was subscribed anew meanwhile."""
    gone = sns.departed.take(tx, topic, token, now)
    if gone is None:
        return None
    same = sns.tables.find_same(tx, topic, gone.protocol, gone.endpoint)
    return same or sns.tables.add_subscription(tx, topic, gone.ordinal, gone.document)
