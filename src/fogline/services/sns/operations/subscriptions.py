"""Subscriptions: made, confirmed, described, changed and ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.services.sns import replaying
from fogline.services.sns.confirmation import SUBSCRIBED
from fogline.services.sns.delivering import invite
from fogline.services.sns.errors import (
    AuthorizationErrorException,
    FilterPolicyLimitExceededException,
    InvalidParameterException,
    NotBuilt,
    NotFoundException,
)
from fogline.services.sns.farewell import bring_back, farewell
from fogline.services.sns.lookup import (
    find_subscription,
    lock_topic,
    require_subscription,
    require_topic,
    require_writable,
)
from fogline.services.sns.pages import numbered_start, paged
from fogline.services.sns.protocols import check_endpoint, must_be_confirmed
from fogline.services.sns.service import Sns
from fogline.services.sns.subscription import Subscription
from fogline.services.sns.subscription_attributes import ON_SUBSCRIBE, are_same, merged, shown
from fogline.services.sns.topic import Topic
from fogline.services.sns.webhooks import masked
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_sns import type_defs as types

Result = Mapping[str, Any]

_PENDING = "pending confirmation"
_TOKEN_CHARACTERS = 128


def subscribe(sns: Sns, call: Call, request: types.SubscribeInputTypeDef) -> Result:
    protocol, endpoint = request["Protocol"], request.get("Endpoint", "")
    given = request.get("Attributes") or {}
    with sns.store.write() as tx:
        topic = require_writable(sns, tx, call, request["TopicArn"])
        check_endpoint(topic, protocol, endpoint)
        if protocol == "application" and sns.devices.find_device(tx, endpoint) is None:
            raise InvalidParameterException(
                reason=f"Endpoint Reason: Endpoint does not exist for endpoint {endpoint}"
            )
        known = sns.tables.find_same(tx, topic, protocol, endpoint)
        if known is not None and known.is_lapsed(call.now):
            sns.tables.remove_subscription(tx, known)
            known = None
        had = known.attributes if known is not None else {}
        attributes = merged(topic, protocol, endpoint, had, given, sns.limits, ON_SUBSCRIBE)
        if protocol == "firehose" and "SubscriptionRoleArn" not in attributes:
            raise InvalidParameterException(
                reason="Subscription Role ARN Reason: no value for required parameter"
            )
        if protocol == "firehose" and not sns.targets.has("firehose"):
            raise NotBuilt(what="subscriptions of the protocol firehose")
        if known is None:
            _check_room(sns, tx, topic, attributes)
            subscription = _add(sns, tx, call, topic, protocol, endpoint, attributes)
        elif not are_same(known.attributes, given):
            raise InvalidParameterException(
                reason="Attributes Reason: Subscription already exists with different attributes"
            )
        else:
            subscription = known
        if subscription.is_pending:
            _invite(sns, tx, topic, subscription, call.now)
    if subscription.is_pending and not request.get("ReturnSubscriptionArn"):
        return {"SubscriptionArn": _PENDING}
    return {"SubscriptionArn": subscription.arn}


def _check_room(sns: Sns, tx: Tx, topic: Topic, attributes: Mapping[str, str]) -> None:
    if "FilterPolicy" not in attributes:
        return
    filters = sum(each.filter is not None for each in sns.tables.audience(tx, topic))
    if filters >= sns.limits.filter_policies_per_topic_max:
        raise FilterPolicyLimitExceededException(max=sns.limits.filter_policies_per_topic_max)


def _add(
    sns: Sns,
    tx: Tx,
    call: Call,
    topic: Topic,
    protocol: str,
    endpoint: str,
    attributes: Mapping[str, str],
) -> Subscription:
    is_pending = must_be_confirmed(protocol, endpoint, call.account)
    document: dict[str, Any] = {
        "id": sns.ids.uuid(),
        "owner": call.account,
        "principal": _principal(call),
        "protocol": protocol,
        "endpoint": endpoint,
        "attributes": dict(attributes),
        "is_pending": is_pending,
        "is_authenticated": not is_pending,
        "is_held": False,
        "token": sns.ids.hex(_TOKEN_CHARACTERS),
        "pending_until": call.now + sns.limits.token_milliseconds,
        "created_at": call.now,
    }
    added = sns.tables.add_subscription(tx, topic, sns.ids.ordered(call.now), document)
    if "ReplayPolicy" in attributes:
        replaying.begin(sns, tx, topic, added, call.now)
    return added


def _principal(call: Call) -> str:
    """Who subscribed. SNS names a user (recorded), so whoever shows no identity is told as one, too."""
    arn = call.principal.arn
    return f"{arn.removesuffix(':root')}:user/root" if arn.endswith(":root") else arn


def _invite(sns: Sns, tx: Tx, topic: Topic, subscription: Subscription, now: int) -> None:
    invite(sns, tx, topic, subscription, SUBSCRIBED, subscription.document["token"], now)


def confirm_subscription(
    sns: Sns, call: Call, request: types.ConfirmSubscriptionInputTypeDef
) -> Result:
    is_signed = bool(call.access_key)
    with sns.store.write() as tx:
        topic = require_writable(sns, tx, call, request["TopicArn"])
        found = sns.tables.find_token(tx, topic, request["Token"]) or bring_back(
            sns, tx, topic, request["Token"], call.now
        )
        if found is None or found.is_lapsed(call.now):
            raise InvalidParameterException(reason="Token")
        if found.is_pending:
            is_held = request.get("AuthenticateOnUnsubscribe", "").lower() == "true"
            document = {
                **found.document,
                "is_pending": False,
                "is_authenticated": is_signed,
                "is_held": is_held,
            }
            sns.tables.save_subscription(tx, found, document)
            if "replay" in document:
                tx.stir(replaying.STIRRED)
    return {"SubscriptionArn": found.arn}


def unsubscribe(sns: Sns, call: Call, request: types.UnsubscribeInputTypeDef) -> Result:
    arn = request.get("SubscriptionArn")
    if arn is None:
        raise InvalidParameterException(
            reason="SubscriptionArn Reason: no value for required parameter"
        )
    with sns.store.write() as tx:
        found = find_subscription(sns, tx, call, arn)
        if found is None:
            return {}  # ending is idempotent
        lock_topic(tx, found.topic_arn)
        if found.document["is_held"] and not call.access_key:
            raise AuthorizationErrorException(
                reason="This subscription can only be ended by an authenticated request"
            )
        sns.tables.remove_subscription(tx, found)
        farewell(sns, tx, found, call.now)
    return {}


def get_subscription_attributes(
    sns: Sns, call: Call, request: types.GetSubscriptionAttributesInputTypeDef
) -> Result:
    with sns.store.read() as tx:
        found = require_subscription(sns, tx, call, request["SubscriptionArn"])
        topic = sns.tables.find_topic(tx, found.topic_arn)
        if topic is None:
            raise NotFoundException(thing="Subscription")
        return {"Attributes": shown(topic, found)}


def set_subscription_attributes(
    sns: Sns, call: Call, request: types.SetSubscriptionAttributesInputTypeDef
) -> Result:
    name, value = request["AttributeName"], request.get("AttributeValue", "")
    with sns.store.write() as tx:
        found = require_subscription(sns, tx, call, request["SubscriptionArn"])
        topic = require_writable(sns, tx, call, found.topic_arn)
        found = require_subscription(sns, tx, call, request["SubscriptionArn"])
        attributes = merged(
            topic, found.protocol, found.endpoint, found.attributes, {name: value}, sns.limits, ""
        )
        if "FilterPolicy" not in found.attributes:
            _check_room(sns, tx, topic, attributes)
        saved = sns.tables.save_subscription(
            tx, found, {**found.document, "attributes": attributes}
        )
        if name == "ReplayPolicy":
            replaying.begin(sns, tx, topic, saved, call.now)
    return {}


def list_subscriptions(
    sns: Sns, call: Call, request: types.ListSubscriptionsInputTypeDef
) -> Result:
    start, entries_max = numbered_start(request), sns.limits.page_results_max
    with sns.store.read() as tx:
        found = sns.tables.list_subscriptions(tx, call.account, call.region, start, entries_max + 1)
    return _page(found, entries_max, call.now)


def list_subscriptions_by_topic(
    sns: Sns, call: Call, request: types.ListSubscriptionsByTopicInputTypeDef
) -> Result:
    with sns.store.read() as tx:
        topic = require_topic(sns, tx, call, request["TopicArn"])
        start, entries_max = numbered_start(request), sns.limits.page_results_max
        found = sns.tables.list_audience(tx, topic, start, entries_max + 1)
    return _page(found, entries_max, call.now)


def _page(found: list[Subscription], entries_max: int, now: int) -> Result:
    last = str(found[entries_max - 1].ordinal) if len(found) > entries_max else ""
    page = paged("Subscriptions", found, last, entries_max)
    page["Subscriptions"] = [
        _listed(each) for each in page["Subscriptions"] if not each.is_lapsed(now)
    ]
    return page


def _listed(subscription: Subscription) -> dict[str, str]:
    return {
        "SubscriptionArn": "PendingConfirmation" if subscription.is_pending else subscription.arn,
        "Owner": subscription.owner,
        "Protocol": subscription.protocol,
        "Endpoint": masked(subscription.endpoint)
        if subscription.protocol in ("http", "https")
        else subscription.endpoint,
        "TopicArn": subscription.topic_arn,
    }
