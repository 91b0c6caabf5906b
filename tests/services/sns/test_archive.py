"""Archives of FIFO topics and their replays, as clients see them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fogline.testing.platform import LocalPlatform

Listen = Callable[..., Any]
MakeTopic = Callable[..., str]
Refusal = Callable[..., str]


@pytest.fixture
def archive(make_topic: MakeTopic) -> str:
    return make_topic(
        "archive.fifo",
        ContentBasedDeduplication="true",
        ArchivePolicy=json.dumps({"MessageRetentionPeriod": "2"}),
    )


@pytest.fixture
def say(sns: Any, archive: str) -> Callable[..., None]:
    def say(*messages: str) -> None:
        for message in messages:
            sns.publish(TopicArn=archive, Message=message, MessageGroupId="g")

    return say


def text(platform: LocalPlatform, **later: float) -> str:
    instant = datetime.fromtimestamp(platform.now() / 1000, UTC) + timedelta(**later)
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"


def replay(sns: Any, queue: Any, **points: str) -> None:
    policy = {"PointType": "Timestamp", **points}
    sns.set_subscription_attributes(
        SubscriptionArn=queue.subscription,
        AttributeName="ReplayPolicy",
        AttributeValue=json.dumps(policy),
    )


def status(sns: Any, queue: Any) -> str | None:
    found = sns.get_subscription_attributes(SubscriptionArn=queue.subscription)
    return dict(found["Attributes"]).get("ReplayStatus")


def test_an_archive_tells_when_it_begins(
    sns: Any, archive: str, fogline_platform: LocalPlatform
) -> None:
    def beginning() -> str:
        return str(sns.get_topic_attributes(TopicArn=archive)["Attributes"]["BeginningArchiveTime"])

    since = beginning()
    assert since == text(fogline_platform)
    fogline_platform.advance(days=1)
    assert beginning() == since
    fogline_platform.advance(days=2)
    assert beginning() == text(fogline_platform, days=-2)


def test_a_later_subscriber_hears_what_was_said_before(
    sns: Any,
    archive: str,
    say: Callable[..., None],
    listen: Listen,
    fogline_platform: LocalPlatform,
) -> None:
    start = text(fogline_platform)
    say(*(str(number) for number in range(250)))
    queue = listen(archive, "late.fifo")
    assert queue.hear() == []
    replay(sns, queue, StartingPoint=start)
    fogline_platform.settle()
    assert status(sns, queue) == "Completed"
    envelopes = [json.loads(body) for body in queue.bodies()]
    assert [each["Message"] for each in envelopes] == [str(number) for number in range(250)]
    assert all(each["Replayed"] == "true" for each in envelopes)
    say("new")
    (new,) = queue.bodies()
    assert "Replayed" not in json.loads(new)


def test_a_replay_keeps_to_its_points(
    sns: Any,
    archive: str,
    say: Callable[..., None],
    listen: Listen,
    fogline_platform: LocalPlatform,
) -> None:
    queue = listen(archive)
    say("too early")
    fogline_platform.advance(seconds=60)
    start = text(fogline_platform)
    say("within")
    fogline_platform.advance(seconds=60)
    end = text(fogline_platform)
    say("too late")
    queue.hear()
    replay(sns, queue, StartingPoint=start, EndingPoint=end)
    fogline_platform.settle()
    assert queue.messages() == ["within"]


def test_a_replay_brings_only_what_is_wanted(
    sns: Any,
    archive: str,
    say: Callable[..., None],
    listen: Listen,
    fogline_platform: LocalPlatform,
) -> None:
    start = text(fogline_platform)
    say('{"a": 1}', '{"a": 2}')
    queue = listen(archive, FilterPolicy={"a": [2]}, FilterPolicyScope="MessageBody")
    replay(sns, queue, StartingPoint=start)
    fogline_platform.settle()
    assert queue.messages() == ['{"a": 2}']


def test_a_subscription_may_begin_with_a_replay(
    archive: str, say: Callable[..., None], listen: Listen, fogline_platform: LocalPlatform
) -> None:
    policy = {"PointType": "Timestamp", "StartingPoint": text(fogline_platform)}
    say("before")
    queue = listen(archive, ReplayPolicy=policy)
    fogline_platform.settle()
    assert queue.messages() == ["before"]


def test_what_outlived_its_retention_is_not_replayed(
    sns: Any,
    archive: str,
    say: Callable[..., None],
    listen: Listen,
    fogline_platform: LocalPlatform,
) -> None:
    start = text(fogline_platform)
    say("old")
    fogline_platform.advance(days=2, seconds=1)
    say("young")
    queue = listen(archive)
    replay(sns, queue, StartingPoint=start)
    fogline_platform.settle()
    assert queue.messages() == ["young"]


def test_an_archive_that_is_ended_forgets(
    sns: Any,
    archive: str,
    say: Callable[..., None],
    listen: Listen,
    fogline_platform: LocalPlatform,
    refusal: Refusal,
) -> None:
    say("forgotten")
    policy = {"TopicArn": archive, "AttributeName": "ArchivePolicy"}
    sns.set_topic_attributes(**policy, AttributeValue="{}")
    assert "ArchivePolicy" not in sns.get_topic_attributes(TopicArn=archive)["Attributes"]
    queue = listen(archive)
    start = json.dumps({"PointType": "Timestamp", "StartingPoint": text(fogline_platform)})
    told = refusal(
        sns.set_subscription_attributes,
        SubscriptionArn=queue.subscription,
        AttributeName="ReplayPolicy",
        AttributeValue=start,
    )
    assert "ReplayPolicy" in told


@pytest.mark.parametrize(("days", "is_allowed"), [("365", True), ("366", False), ("0", False)])
def test_an_archive_keeps_a_year_at_most(
    sns: Any, archive: str, refusal: Refusal, days: str, is_allowed: bool
) -> None:
    request = {
        "TopicArn": archive,
        "AttributeName": "ArchivePolicy",
        "AttributeValue": json.dumps({"MessageRetentionPeriod": days}),
    }
    if is_allowed:
        sns.set_topic_attributes(**request)
    else:
        assert "ArchivePolicy" in refusal(sns.set_topic_attributes, **request)


@pytest.mark.parametrize(
    "policy",
    [
        {"PointType": "Sequence", "StartingPoint": "2026-01-01T00:00:00Z"},
        {"PointType": "Timestamp"},
        {"PointType": "Timestamp", "StartingPoint": "yesterday"},
        {
            "PointType": "Timestamp",
            "StartingPoint": "2026-01-02T00:00:00Z",
            "EndingPoint": "2026-01-01T00:00:00Z",
        },
        {"PointType": "Timestamp", "StartingPoint": "2026-01-01T00:00:00Z", "More": 1},
    ],
)
def test_replays_that_aws_refuses_are_refused(
    sns: Any, archive: str, listen: Listen, refusal: Refusal, policy: dict[str, Any]
) -> None:
    told = refusal(
        sns.set_subscription_attributes,
        SubscriptionArn=listen(archive).subscription,
        AttributeName="ReplayPolicy",
        AttributeValue=json.dumps(policy),
    )
    assert told.startswith("InvalidParameter: Invalid parameter: ReplayPolicy: ")
