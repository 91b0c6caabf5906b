"""Delivering: a notification on its way to the subscriptions of a topic, and its end when nobody takes it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from fogline.aws.call import root_trace
from fogline.ports.targets import Sending, TargetUnavailable
from fogline.services.sns.confirmation import confirmation
from fogline.services.sns.envelope import SEAL, Envelope, written
from fogline.services.sns.errors import NotBuilt
from fogline.services.sns.filter_policies import Content
from fogline.services.sns.message import Attributes, Notification
from fogline.services.sns.service import Sns
from fogline.services.sns.subscription import Subscription
from fogline.services.sns.topic import Topic
from fogline.store.store import Tx

log = logging.getLogger("fogline.sns")

_SENDER = "AIDAIT2UOQQY3AUEKVGXU"
"""Who sends what SNS sends, as queues show it (`SenderId`)."""
_FIFO_SUFFIX = ".fifo"


def fan_out(
    sns: Sns,
    tx: Tx,
    topic: Topic,
    audience: Iterable[Subscription],
    notification: Notification,
    now: int,
) -> None:
    """Deliver to every subscription that is confirmed and wants to hear of it."""
    envelope = Envelope(topic, notification, sns.signer, sns.endpoint())
    content: Content | None = None
    for subscription in audience:
        if subscription.is_pending or (topic.is_fifo and subscription.is_in_replay(now)):
            continue
        wanted = subscription.filter
        if wanted is not None:
            content = content or Content(notification)
            if not wanted.admits(content, subscription.protocol):
                continue
        deliver(sns, tx, subscription, envelope, now)


def offer(
    sns: Sns,
    tx: Tx,
    topic: Topic,
    subscription: Subscription,
    notification: Notification,
    now: int,
) -> None:
    """Deliver to one subscription, if it wants to hear of it."""
    wanted = subscription.filter
    if wanted is None or wanted.admits(Content(notification), subscription.protocol):
        envelope = Envelope(topic, notification, sns.signer, sns.endpoint())
        deliver(sns, tx, subscription, envelope, now)


def invite(
    sns: Sns, tx: Tx, topic: Topic, subscription: Subscription, kind: str, token: str, now: int
) -> None:
    """Ask an endpoint to confirm its subscription; one that cannot be asked stays unconfirmed."""
    courier = sns.couriers.get(subscription.protocol)
    if courier is not None:
        courier.invite(tx, subscription, token, now)
    elif subscription.protocol == "sqs":
        asked = confirmation(
            sns, kind, subscription.arn, token, sns.ids.uuid(), now, topic.signature_version
        )
        trace = root_trace(sns.ids.hex(24), sns.ids.hex(16), now)
        sending = Sending(subscription.endpoint, written(asked), trace, now, sender=_SENDER)
        with suppress(TargetUnavailable):
            sns.targets.send(tx, sending)
    else:
        raise NotBuilt(what=f"subscriptions of the protocol {subscription.protocol}")


def deliver(sns: Sns, tx: Tx, subscription: Subscription, envelope: Envelope, now: int) -> None:
    """Deliver to one subscription; one that cannot take it never fails its publisher."""
    try:
        courier = sns.couriers.get(subscription.protocol)
        if courier is not None:
            courier.deliver(tx, subscription, envelope.notification, now)
        else:
            sns.targets.send(tx, _sending(sns, subscription, envelope, now))
    except TargetUnavailable as unavailable:
        _bury(sns, tx, subscription, envelope, now, str(unavailable))
    else:
        # What is promised to web servers is told when they have answered.
        if envelope.topic.has_feedback and subscription.protocol not in ("http", "https"):
            sns.feedback.succeeded(tx, envelope.topic, subscription, envelope.notification, now)


def _sending(sns: Sns, subscription: Subscription, envelope: Envelope, now: int) -> Sending:
    notification = envelope.notification
    if subscription.protocol == "lambda":
        return Sending(subscription.endpoint, envelope.event(subscription), notification.trace, now)
    return _message(sns, subscription.endpoint, subscription, envelope, now)


def _message(
    sns: Sns, arn: str, subscription: Subscription, envelope: Envelope, now: int
) -> Sending:
    """The notification as a queue holds it."""
    notification = envelope.notification
    facts = _facts(arn, notification)
    if not subscription.is_raw:
        return Sending(
            arn,
            envelope.sealed(subscription),
            notification.trace,
            now,
            facts=facts,
            seal=SEAL,
            sender=_SENDER,
        )
    attributes = _raw_attributes(notification)
    if len(attributes) > sns.limits.raw_attributes_max:
        # https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html
        raise TargetUnavailable(
            "Raw messages have ten attributes at most", code="INVALID_PARAMETER"
        )
    return Sending(
        arn,
        notification.text_for(subscription.protocol),
        notification.trace,
        now,
        attributes=attributes,
        facts=facts,
        sender=_SENDER,
    )


def _facts(arn: str, notification: Notification) -> Mapping[str, Any]:
    """Groups go to FIFO queues, and from standard topics to fair queues."""
    if not notification.group:
        return {}
    if not arn.endswith(_FIFO_SUFFIX):
        return {} if notification.sequence_number else {"MessageGroupId": notification.group}
    return {
        "MessageGroupId": notification.group,
        "MessageDeduplicationId": notification.deduplication,
    }


def _raw_attributes(notification: Notification) -> Attributes:
    """Message attributes as SQS knows them, which has no arrays of its own but takes the type."""
    if notification.is_replayed:
        replayed = {"DataType": "String", "StringValue": "true"}
        return {**notification.attributes, "Replayed": replayed}
    return notification.attributes


def bury(
    sns: Sns,
    tx: Tx,
    subscription: Subscription,
    notification: Notification,
    now: int,
    reason: str = "",
) -> None:
    """The end of a notification that a subscription cannot take: its dead-letter queue, or nothing."""
    topic = sns.tables.find_topic(tx, subscription.topic_arn)
    if topic is not None:
        envelope = Envelope(topic, notification, sns.signer, sns.endpoint())
        _bury(sns, tx, subscription, envelope, now, reason)


def _bury(
    sns: Sns, tx: Tx, subscription: Subscription, envelope: Envelope, now: int, reason: str
) -> None:
    if envelope.topic.has_feedback:
        notification = envelope.notification
        sns.feedback.failed(tx, envelope.topic, subscription, notification, now, reason)
    arn = subscription.dead_letter_arn
    if arn is None:
        log.debug("%s dropped a message: %s", subscription.arn, reason)
        return
    try:
        sns.targets.send(tx, _message(sns, arn, subscription, envelope, now))
    except TargetUnavailable as unavailable:
        log.debug("%s dropped a message: %s; %s", subscription.arn, reason, unavailable)
