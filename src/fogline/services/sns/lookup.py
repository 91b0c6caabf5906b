"""The topic or subscription that a request names."""

from __future__ import annotations

from fogline.aws.call import Call
from fogline.services.sns.errors import InvalidParameterException, NotFoundException
from fogline.services.sns.service import Sns
from fogline.services.sns.subscription import Subscription
from fogline.services.sns.topic import Topic
from fogline.store.store import Tx

_ARN_ELEMENTS = 6


def check_arn(arn: str, name: str) -> list[str]:
    """The elements of an ARN, of which SNS counts. Raises InvalidParameterException."""
    parts = arn.split(":")
    if len(parts) < _ARN_ELEMENTS:
        raise InvalidParameterException(
            reason=f"{name} Reason: An ARN must have at least {_ARN_ELEMENTS} elements, not {len(parts)}"
        )
    return parts


def require_topic(sns: Sns, tx: Tx, call: Call, arn: str, name: str = "TopicArn") -> Topic:
    """The topic of that ARN. Raises InvalidParameterException, NotFoundException."""
    topic = sns.tables.find_topic(tx, arn)
    if topic is None or (topic.region != call.region and call.access_key):
        parts = check_arn(arn, name)
        if parts[0] != "arn" or parts[2] != "sns" or (parts[3] != call.region and call.access_key):
            raise InvalidParameterException(reason=name)
        if len(parts) != _ARN_ELEMENTS:
            raise InvalidParameterException(reason=f"{name} Reason: Topic Name")
        raise NotFoundException(thing="Topic")
    return topic


def require_writable(sns: Sns, tx: Tx, call: Call, arn: str, name: str = "TopicArn") -> Topic:
    """The same, locked against other changes of it and of its subscriptions."""
    topic = require_topic(sns, tx, call, arn, name)
    lock_topic(tx, topic.arn)
    return require_topic(sns, tx, call, arn, name)


def lock_topic(tx: Tx, arn: str) -> None:
    """Let nobody else change that topic or its subscriptions, or publish to it in order, until commit."""
    tx.lock(f"sns:{arn}")


def check_subscription_arn(call: Call, arn: str) -> None:
    """Refuse what is not the ARN of a subscription. Raises InvalidParameterException."""
    parts = check_arn(arn, "SubscriptionArn")
    if len(parts) != _ARN_ELEMENTS + 1:
        raise InvalidParameterException(reason="SubscriptionId")
    if parts[0] != "arn" or parts[2] != "sns" or (parts[3] != call.region and call.access_key):
        raise InvalidParameterException(reason="SubscriptionArn")


def find_subscription(sns: Sns, tx: Tx, call: Call, arn: str) -> Subscription | None:
    """The subscription of that ARN, unless its confirmation came too late. Raises InvalidParameterException."""
    check_subscription_arn(call, arn)
    found = sns.tables.find_subscription(tx, arn)
    return found if found is not None and not found.is_lapsed(call.now) else None


def require_subscription(sns: Sns, tx: Tx, call: Call, arn: str) -> Subscription:
    """The same. Raises InvalidParameterException, NotFoundException."""
    found = find_subscription(sns, tx, call, arn)
    if found is None:
        raise NotFoundException(thing="Subscription")
    return found
