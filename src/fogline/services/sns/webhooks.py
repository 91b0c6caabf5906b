"""Webhooks: notifications and confirmations posted to HTTP endpoints, by the subscription's delivery policy.

Headers: https://docs.aws.amazon.com/sns/latest/dg/http-header.html. What counts as failed, and what is tried again:
https://docs.aws.amazon.com/sns/latest/dg/sns-http-https-endpoint-as-subscriber.html
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

import orjson

from fogline.aws.call import Trace, root_trace
from fogline.background.outbox import Delivery, DeliveryFailed
from fogline.background.outgoing import OutgoingFailed
from fogline.services.sns import delivering
from fogline.services.sns.confirmation import SUBSCRIBED, UNSUBSCRIBED, confirmation
from fogline.services.sns.delivery_policy import (
    DEFAULT_CONTENT_TYPE,
    DeliveryPolicy,
    effective_policy,
)
from fogline.services.sns.envelope import Envelope, Finisher, written
from fogline.services.sns.message import Notification, from_document, to_document
from fogline.services.sns.subscription import Subscription
from fogline.services.sns.topic import Topic
from fogline.store.documents import Documents
from fogline.store.store import Tx

if TYPE_CHECKING:
    from fogline.services.sns.service import Sns

KIND = "sns.webhook"

_AGENT = "Amazon Simple Notification Service Agent"
_NOTIFICATION = "Notification"
_TOO_MANY_REQUESTS = 429


@dataclass(frozen=True, slots=True)
class Post:
    """One request to an endpoint, and how it is repeated."""

    url: str
    headers: list[tuple[str, str]]
    body: bytes
    policy: DeliveryPolicy


class Webhooks:
    """The courier of `http` and `https`: promises posts, and performs them."""

    def __init__(self, sns: Sns) -> None:
        self._sns = sns
        self._slots = Documents(sns.store, "sns.webhook_slot")
        sns.outbox.register(KIND, self)

    # ---- promising

    def deliver(
        self, tx: Tx, subscription: Subscription, notification: Notification, now: int
    ) -> None:
        due_at = self._slot(tx, subscription, now)
        payload = orjson.dumps(to_document(notification))
        facts = {"type": _NOTIFICATION, "subscription": subscription.arn}
        self._promise(tx, subscription, payload, facts, notification.trace, now, due_at)

    def invite(self, tx: Tx, subscription: Subscription, token: str, now: int) -> None:
        self._send_confirmation(tx, SUBSCRIBED, subscription, token, now)

    def farewell(self, tx: Tx, subscription: Subscription, token: str, now: int) -> None:
        """Tell the endpoint that its subscription ended; the token would bring it back."""
        self._slots.remove(tx, subscription.account, subscription.region, subscription.arn)
        self._send_confirmation(tx, UNSUBSCRIBED, subscription, token, now)

    def _send_confirmation(
        self, tx: Tx, kind: str, subscription: Subscription, token: str, now: int
    ) -> None:
        ids = self._sns.ids
        facts = {
            "type": kind,
            "subscription": subscription.arn,
            "endpoint": subscription.endpoint,
            "policy": subscription.attributes.get("DeliveryPolicy"),
            "token": token,
            "id": ids.uuid(),
            "at": now,
        }
        trace = root_trace(ids.hex(24), ids.hex(16), now)
        self._promise(tx, subscription, b"", facts, trace, now, now)

    def _promise(
        self,
        tx: Tx,
        subscription: Subscription,
        payload: bytes,
        facts: Mapping[str, Any],
        trace: Trace,
        now: int,
        due_at: int,
    ) -> None:
        self._sns.outbox.promise(
            tx,
            kind=KIND,
            target=subscription.arn,
            account=subscription.account,
            region=subscription.region,
            payload=payload,
            trace=trace,
            now=now,
            due_at=due_at,
            facts=facts,
        )

    def _slot(self, tx: Tx, subscription: Subscription, now: int) -> int:
        """When it is this message's turn, where a policy says how many may come in a second."""
        rate = self._policy(tx, subscription).receives_per_second
        if rate is None:
            return now
        arn = subscription.arn
        tx.lock(f"sns.webhook_slot:{arn}")
        last = self._slots.find(tx, subscription.account, subscription.region, arn)
        # In microseconds, for there may be more than a thousand in a second.
        at = max(now * 1_000, last["next"] if last else 0)
        following = {"next": at + 1_000_000 // rate}
        self._slots.save(tx, subscription.account, subscription.region, arn, following)
        return at // 1_000

    def forget(self, tx: Tx, topic: Topic) -> None:
        """Forget the turns of a topic that is no more."""
        front = f"{topic.arn}:"
        for name, _ in self._slots.page(tx, topic.account, topic.region, prefix=front):
            self._slots.remove(tx, topic.account, topic.region, name)

    def _policy(self, tx: Tx, subscription: Subscription) -> DeliveryPolicy:
        topic = self._sns.tables.find_topic(tx, subscription.topic_arn)
        return effective_policy(
            topic.attributes.get("DeliveryPolicy") if topic else None,
            subscription.attributes.get("DeliveryPolicy"),
        )

    # ---- performing

    async def perform(self, delivery: Delivery) -> None:
        """Post it. Only 2xx is success; 5xx, 429 and no answer are tried again."""
        post = await self._sns.store.transact(lambda tx: self._draft(tx, delivery))
        if post is None:
            return  # nobody waits for it any more
        try:
            answer = await self._sns.outgoing.send(
                "POST",
                post.url,
                headers=post.headers,
                body=post.body,
                timeout_seconds=self._sns.limits.webhook_seconds_max,
            )
        except OutgoingFailed as failed:
            raise DeliveryFailed(str(failed), delays=post.policy.delays) from failed
        if 200 <= answer.status < 300:
            return
        may_recover = answer.status >= 500 or answer.status == _TOO_MANY_REQUESTS
        raise DeliveryFailed(
            f"The endpoint answered {answer.status}",
            delays=post.policy.delays if may_recover else (),
        )

    def succeed(self, tx: Tx, delivery: Delivery, result: Any, now: int) -> None:
        """A topic may want to have it logged."""
        topic_arn = delivery.facts["subscription"].rpartition(":")[0]
        topic = self._sns.tables.find_topic(tx, topic_arn)
        if topic is None or not topic.has_feedback:
            return
        found = self._notified(tx, delivery)
        if found is not None:
            self._sns.feedback.succeeded(tx, topic, *found, now)

    def retry_at(self, delivery: Delivery, failure: DeliveryFailed, now: int) -> int | None:
        delays: tuple[float, ...] = failure.facts["delays"]
        if delivery.attempts > len(delays):
            return None
        return now + round(delays[delivery.attempts - 1] * 1_000)

    def give_up(self, tx: Tx, delivery: Delivery, failure: DeliveryFailed, now: int) -> None:
        """A notification ends in the subscription's dead-letter queue, where it has one."""
        found = self._notified(tx, delivery)
        if found is not None:
            delivering.bury(self._sns, tx, *found, now, str(failure))

    def _notified(self, tx: Tx, delivery: Delivery) -> tuple[Subscription, Notification] | None:
        """Who was to be notified of what, if it is a notification and its subscription is still there."""
        if delivery.facts["type"] != _NOTIFICATION:
            return None
        subscription = self._sns.tables.find_subscription(tx, delivery.facts["subscription"])
        if subscription is None:
            return None
        return subscription, from_document(orjson.loads(delivery.payload))

    # ---- one post

    def _draft(self, tx: Tx, delivery: Delivery) -> Post | None:
        """The post as it is now; None when the subscription has ended or is confirmed already."""
        facts = delivery.facts
        arn, kind = facts["subscription"], facts["type"]
        topic_arn = arn.rpartition(":")[0]
        topic = self._sns.tables.find_topic(tx, topic_arn)
        subscription = self._sns.tables.find_subscription(tx, arn)
        version = topic.signature_version if topic else "1"
        topic_policy = topic.attributes.get("DeliveryPolicy") if topic else None
        if kind == _NOTIFICATION:
            if subscription is None or topic is None:
                return None
            notification = from_document(orjson.loads(delivery.payload))
            policy = effective_policy(topic_policy, subscription.attributes.get("DeliveryPolicy"))
            text = posted(self._sns, topic, subscription, notification)
            headers = _headers(kind, notification.id, topic_arn, arn, policy.content_type)
            if subscription.is_raw:
                headers.append(("x-amz-sns-rawdelivery", "true"))
            return _post(subscription.endpoint, headers, text, policy)
        if kind == SUBSCRIBED and (subscription is None or not subscription.is_pending):
            return None
        message = confirmation(
            self._sns, kind, arn, facts["token"], facts["id"], facts["at"], version
        )
        shown = arn if kind == UNSUBSCRIBED else ""
        headers = _headers(kind, facts["id"], topic_arn, shown, DEFAULT_CONTENT_TYPE)
        policy = effective_policy(topic_policy, facts["policy"])
        return _post(facts["endpoint"], headers, written(message), policy)


def posted(sns: Sns, topic: Topic, subscription: Subscription, notification: Notification) -> str:
    """A notification as its subscriber reads it: the bare message where it is raw, else the signed envelope."""
    if subscription.is_raw:
        return notification.text_for(subscription.protocol)
    envelope = Envelope(topic, notification, sns.signer, sns.endpoint())
    return Finisher(sns.signer, sns.endpoint).finish(envelope.sealed(subscription))


def _post(url: str, headers: list[tuple[str, str]], body: str, policy: DeliveryPolicy) -> Post:
    bare, credentials = split_credentials(url)
    if credentials:
        headers.append(("Authorization", f"Basic {credentials}"))
    return Post(bare, headers, body.encode(), policy)


def _headers(
    kind: str, id: str, topic_arn: str, arn: str, content_type: str
) -> list[tuple[str, str]]:
    return [
        ("x-amz-sns-message-type", kind),
        ("x-amz-sns-message-id", id),
        ("x-amz-sns-topic-arn", topic_arn),
        *([("x-amz-sns-subscription-arn", arn)] if arn else []),
        ("Content-Type", content_type),
        ("User-Agent", _AGENT),
        ("Accept-Encoding", "gzip,deflate"),
    ]


def split_credentials(url: str) -> tuple[str, str]:
    """The URL without user and password, and these as basic authentication writes them ("" when there are none)."""
    parts, user, password = _taken_apart(url)
    if parts is None:
        return url, ""
    host = parts.netloc.rpartition("@")[2]
    credentials = f"{unquote(user)}:{unquote(password)}".encode()
    return urlunsplit(parts._replace(netloc=host)), base64.b64encode(credentials).decode()


def masked(url: str) -> str:
    """The URL as lists show it, with its password hidden."""
    parts, user, password = _taken_apart(url)
    if parts is None or not password:
        return url
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:****@{host}"))


def _taken_apart(url: str) -> tuple[SplitResult | None, str, str]:
    """The parts of a URL with its user and password; None when it has none, or is no URL at all."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None, "", ""
    front, sign, _ = parts.netloc.rpartition("@")
    user, _, password = front.partition(":")
    return (parts if sign else None), user, password
