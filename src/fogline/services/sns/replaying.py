"""Replays: archived messages that one subscription asks for again, and the loop that hands them out.

Until a replay has caught up, what is published reaches the subscription through it alone, so that nothing comes twice
and nothing overtakes: https://docs.aws.amazon.com/sns/latest/dg/message-archiving-and-replay-subscriber.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fogline.services.sns.archive import beginning_at, retention_milliseconds
from fogline.services.sns.delivering import offer
from fogline.services.sns.errors import InvalidParameterException
from fogline.services.sns.policies import read_object
from fogline.services.sns.subscription import Subscription
from fogline.services.sns.timestamps import find_instant
from fogline.services.sns.topic import Topic
from fogline.store.store import Tx
from fogline.world.ids import ordered_from

if TYPE_CHECKING:
    from fogline.services.sns.service import Sns

STIRRED = "sns-replays"

_MEMBERS = {"PointType", "StartingPoint", "EndingPoint"}
_MESSAGES_PER_STEP_MAX = 100
_REPLAYS_PER_STEP_MAX = 10


def check_replay_policy(topic: Topic, text: str, prefix: str) -> None:
    """Refuse a policy that AWS refuses; an empty one ends a replay. Raises InvalidParameterException."""
    if text.strip() in ("", "{}"):
        return
    policy = read_object(text)
    if policy is None:
        _refuse(prefix, "failed to parse JSON.")
    if not retention_milliseconds(topic.attributes.get("ArchivePolicy")):
        _refuse(prefix, "the topic has no archive to replay from")
    assert policy is not None
    for name in policy:
        if name not in _MEMBERS:
            _refuse(prefix, f"invalid JSON. Attribute {name[:200]} is unknown.")
    if policy.get("PointType") != "Timestamp":
        _refuse(prefix, "PointType must be Timestamp")
    start = _point(policy, "StartingPoint", prefix)
    if start is None:
        _refuse(prefix, "StartingPoint is required")
    end = _point(policy, "EndingPoint", prefix)
    if end is not None and start is not None and end <= start:
        _refuse(prefix, "EndingPoint must be later than StartingPoint")


def _point(policy: dict[str, Any], name: str, prefix: str) -> int | None:
    value = policy.get(name)
    if value is None:
        return None
    instant = find_instant(value) if isinstance(value, str) else None
    if instant is None:
        _refuse(prefix, f"{name} must be a timestamp")
    return instant


def _refuse(prefix: str, reason: str) -> None:
    raise InvalidParameterException(reason=f"{prefix}ReplayPolicy: {reason}")


def begin(sns: Sns, tx: Tx, topic: Topic, subscription: Subscription, now: int) -> None:
    """Begin the replay of a checked policy, in place of one that goes on; without a policy, end it."""
    document = {name: value for name, value in subscription.document.items() if name != "replay"}
    policy = read_object(subscription.attributes.get("ReplayPolicy", ""))
    sns.tables.remove_replay(tx, topic.arn, subscription.ordinal)
    if policy:
        start, end = find_instant(policy["StartingPoint"]), None
        if policy.get("EndingPoint"):
            end = find_instant(policy["EndingPoint"])
        beginning = beginning_at(topic, now)
        assert start is not None, "the policy was checked"
        assert beginning is not None, "the topic was asked for an archive"
        document["replay"] = {"status": "Pending", "until": end}
        first = ordered_from(max(start, beginning))
        sns.tables.save_replay(tx, topic.arn, subscription.ordinal, first)
        tx.stir(STIRRED)
    sns.tables.save_subscription(tx, subscription, document)


class Replays:
    """Hands out archived messages, page by page."""

    name = "sns.replays"
    topics: tuple[str, ...] = (STIRRED,)

    def __init__(self, sns: Sns) -> None:
        self._sns = sns

    def step(self, now: int) -> int | None:
        tables = self._sns.tables
        with self._sns.store.read() as tx:
            waiting = tables.replays(tx)
        for arn, ordinal in waiting[:_REPLAYS_PER_STEP_MAX]:
            with self._sns.store.write() as tx:
                tx.lock(f"sns:{arn}")
                self._advance(tx, arn, ordinal, now)
        with self._sns.store.read() as tx:
            return now if tables.replays(tx) else None

    def _advance(self, tx: Tx, arn: str, ordinal: int, now: int) -> None:
        tables = self._sns.tables
        topic = tables.find_topic(tx, arn)
        audience = tables.audience(tx, topic) if topic else ()
        subscription = next((each for each in audience if each.ordinal == ordinal), None)
        start = tables.find_replay(tx, arn, ordinal)
        if topic is None or subscription is None or start is None:
            tables.remove_replay(tx, arn, ordinal)
            return
        if subscription.is_pending:
            return
        replay = subscription.document["replay"]
        end = None if replay["until"] is None else ordered_from(replay["until"])
        page = tables.archived(tx, topic, start, _MESSAGES_PER_STEP_MAX)
        wanted = [each for each in page if end is None or each[0] < end]
        for _, notification in wanted:
            self._deliver(tx, topic, subscription, notification, now)
        has_ended = len(wanted) < _MESSAGES_PER_STEP_MAX
        if has_ended:
            tables.remove_replay(tx, arn, ordinal)
        else:
            tables.save_replay(tx, arn, ordinal, wanted[-1][0] + 1)
        status = "Completed" if has_ended else "In progress"
        if status != replay["status"]:
            document = {**subscription.document, "replay": {**replay, "status": status}}
            tables.save_subscription(tx, subscription, document)

    def _deliver(
        self, tx: Tx, topic: Topic, subscription: Subscription, notification: Any, now: int
    ) -> None:
        # A queue would take it for the message that it had within the last five minutes, and drop it.
        again = replace(notification, is_replayed=True, deduplication=self._sns.ids.uuid())
        offer(self._sns, tx, topic, subscription, again, now)
