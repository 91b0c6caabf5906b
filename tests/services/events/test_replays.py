"""Replays: archived events come once more, to whom they are meant for."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fogline.config import read_config
from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account

BEFORE = timedelta(hours=-1)
AFTER = timedelta(hours=1)


class Shop:
    """A bus with an archive, and two rules with a queue each."""

    def __init__(self, account: Account, platform: LocalPlatform) -> None:
        self.platform = platform
        self.events = account.client("events")
        self.sqs = account.client("sqs")
        self.bus = self.events.create_event_bus(Name="shop")["EventBusArn"]
        self.archive = self.events.create_archive(ArchiveName="kept", EventSourceArn=self.bus)[
            "ArchiveArn"
        ]
        self.rules: dict[str, str] = {}
        self.urls: dict[str, str] = {}
        for name in ("one", "two"):
            self.urls[name] = self.sqs.create_queue(QueueName=name)["QueueUrl"]
            self.rules[name] = self.events.put_rule(
                Name=name, EventBusName="shop", EventPattern='{"source": ["shop"]}'
            )["RuleArn"]
            queue = f"arn:aws:sqs:us-east-1:{account.id}:{name}"
            self.events.put_targets(
                Rule=name, EventBusName="shop", Targets=[{"Id": "q", "Arn": queue}]
            )

    @property
    def now(self) -> datetime:
        """The time in whole seconds: events tell no smaller parts of it."""
        return datetime.fromtimestamp(self.platform.now() // 1000, UTC)

    def put(self, *numbers: int, at: datetime | None = None) -> None:
        for number in numbers:
            entry = {
                "EventBusName": "shop",
                "Source": "shop",
                "DetailType": "d",
                "Detail": json.dumps({"n": number}),
                **({"Time": at} if at else {}),
            }
            assert self.events.put_events(Entries=[entry])["FailedEntryCount"] == 0

    def take(self, queue: str) -> list[Any]:
        """All events in a queue, which is empty then."""
        taken: list[Any] = []
        while found := self.sqs.receive_message(
            QueueUrl=self.urls[queue], MaxNumberOfMessages=10
        ).get("Messages"):
            taken += [json.loads(message["Body"]) for message in found]
            entries = [
                {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                for number, message in enumerate(found)
            ]
            self.sqs.delete_message_batch(QueueUrl=self.urls[queue], Entries=entries)
        return taken

    def start(self, name: str = "again", **settings: Any) -> Any:
        rules = settings.pop("rules", None)
        destination = {"Arn": self.bus, **({"FilterArns": rules} if rules else {})}
        whole = {
            "ReplayName": name,
            "EventSourceArn": self.archive,
            "EventStartTime": self.now + BEFORE,
            "EventEndTime": self.now + AFTER,
            "Destination": destination,
        }
        return self.events.start_replay(**{**whole, **settings})

    def state(self, name: str = "again") -> str:
        return str(self.events.describe_replay(ReplayName=name)["State"])


@pytest.fixture
def shop(fogline: Account, fogline_platform: LocalPlatform) -> Shop:
    return Shop(fogline, fogline_platform)


def numbers(found: list[Any]) -> list[int]:
    return sorted(each["detail"]["n"] for each in found)


def refusal(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    told = error.value.response["Error"]
    return told["Code"], told["Message"]


def test_a_replay_brings_events_again_with_its_name(shop: Shop, fogline: Account) -> None:
    shop.put(1, 2)
    first = shop.take("one")
    started = shop.start()
    assert started["ReplayArn"] == f"arn:aws:events:us-east-1:{fogline.id}:replay/again"
    assert started["State"] == "STARTING"
    shop.platform.advance(seconds=1)
    again = shop.take("one")
    assert numbers(again) == [1, 2]
    assert {each.pop("replay-name") for each in again} == {"again"}
    by_id = {each["id"]: each for each in first}
    assert all(by_id[each["id"]] == each for each in again)


def test_a_replay_tells_how_far_it_came(shop: Shop) -> None:
    shop.put(1)
    at = shop.now
    shop.start(Description="d", rules=[shop.rules["one"]])
    assert "EventLastReplayedTime" not in shop.events.describe_replay(ReplayName="again")
    shop.platform.advance(seconds=1)
    found = shop.events.describe_replay(ReplayName="again")
    assert (found["State"], found["Description"]) == ("COMPLETED", "d")
    assert found["Destination"] == {"Arn": shop.bus, "FilterArns": [shop.rules["one"]]}
    assert found["EventLastReplayedTime"] == at.replace(microsecond=0)
    assert found["ReplayEndTime"] > found["ReplayStartTime"]


def test_a_replay_goes_to_the_chosen_rules_only(shop: Shop) -> None:
    shop.put(1)
    shop.take("one"), shop.take("two")
    shop.start(rules=[shop.rules["two"]])
    shop.platform.advance(seconds=1)
    assert shop.take("one") == []
    assert numbers(shop.take("two")) == [1]


def test_only_events_of_the_window_are_replayed(shop: Shop) -> None:
    begin = shop.now
    for number in range(5):
        shop.put(number, at=begin + timedelta(minutes=number))
    shop.take("one")
    shop.start(
        EventStartTime=begin + timedelta(minutes=1), EventEndTime=begin + timedelta(minutes=3)
    )
    shop.platform.advance(seconds=1)
    assert numbers(shop.take("one")) == [1, 2, 3]


def test_what_a_replay_brings_is_not_archived_again(shop: Shop) -> None:
    shop.put(1, 2)
    shop.start()
    shop.platform.advance(seconds=1)
    assert shop.events.describe_archive(ArchiveName="kept")["EventCount"] == 2


def test_a_large_archive_is_replayed_whole_and_once(shop: Shop) -> None:
    entry = {"EventBusName": "shop", "Source": "shop", "DetailType": "d"}
    for start in range(0, 250, 10):
        shop.events.put_events(
            Entries=[{**entry, "Detail": json.dumps({"n": start + i})} for i in range(10)]
        )
    shop.take("one")
    shop.start(rules=[shop.rules["one"]])
    shop.platform.advance(seconds=1)
    assert numbers(shop.take("one")) == list(range(250))


def test_a_replay_goes_on_after_the_server_was_stopped(tmp_path: Path) -> None:
    config = read_config({}, port=0, clock="manual", data=tmp_path)
    with LocalPlatform(config) as platform:
        shop = Shop(Account(platform, "000000000000"), platform)
        shop.put(1, 2)
        shop.take("one")
        shop.start()
    with LocalPlatform(config) as platform:
        platform.advance(seconds=1)
        queue = platform.client("sqs").get_queue_url(QueueName="one")["QueueUrl"]
        found = platform.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
        events = platform.client("events")
        assert events.describe_replay(ReplayName="again")["State"] == "COMPLETED"
    assert numbers([json.loads(each["Body"]) for each in found["Messages"]]) == [1, 2]


def test_an_empty_window_completes_at_once_with_nothing(shop: Shop) -> None:
    shop.start()
    shop.platform.settle()
    found = shop.events.describe_replay(ReplayName="again")
    assert found["State"] == "COMPLETED"
    assert "EventLastReplayedTime" not in found


def test_a_replay_can_be_canceled_until_it_has_ended(shop: Shop) -> None:
    shop.put(1)
    shop.take("one")
    shop.start()
    assert shop.events.cancel_replay(ReplayName="again")["State"] == "CANCELLING"
    assert shop.state() == "CANCELLING"
    shop.platform.advance(seconds=1)
    assert shop.state() == "CANCELLED"
    assert shop.take("one") == []
    with pytest.raises(ClientError) as error:
        shop.events.cancel_replay(ReplayName="again")
    assert refusal(error)[0] == "IllegalStatusException"


def test_a_replay_whose_archive_is_deleted_fails(shop: Shop) -> None:
    shop.put(1)
    shop.start()
    shop.events.delete_archive(ArchiveName="kept")
    shop.platform.advance(seconds=1)
    found = shop.events.describe_replay(ReplayName="again")
    assert found["State"] == "FAILED"
    assert "does not exist" in found["StateReason"]


def test_a_name_is_used_once(shop: Shop) -> None:
    shop.start()
    with pytest.raises(ClientError) as error:
        shop.start()
    assert refusal(error) == ("ResourceAlreadyExistsException", "Replay again already exists.")


def test_ten_replays_may_be_under_way(shop: Shop) -> None:
    shop.put(1)
    for number in range(10):
        shop.start(f"r{number}")
    with pytest.raises(ClientError) as error:
        shop.start("r10")
    assert refusal(error) == (
        "LimitExceededException",
        "The requested resource exceeds the maximum number allowed.",
    )
    shop.platform.advance(seconds=1)
    shop.start("r10")


def test_a_window_must_begin_before_it_ends(shop: Shop) -> None:
    with pytest.raises(ClientError) as error:
        shop.start(EventEndTime=shop.now + BEFORE)
    assert refusal(error) == (
        "ValidationException",
        "Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.",
    )


def test_a_replay_goes_to_the_bus_of_its_archive(shop: Shop) -> None:
    with pytest.raises(ClientError) as error:
        shop.start(Destination={"Arn": shop.bus + "x"})
    assert refusal(error) == ("ResourceNotFoundException", "Event bus shopx does not exist.")
    shop.events.create_event_bus(Name="shopx")
    with pytest.raises(ClientError) as error:
        shop.start(Destination={"Arn": shop.bus + "x"})
    assert refusal(error) == (
        "ValidationException",
        "Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted.",
    )


def test_a_replay_needs_an_archive(shop: Shop) -> None:
    with pytest.raises(ClientError) as error:
        shop.start(EventSourceArn=shop.archive + "x")
    assert refusal(error)[0] == "ValidationException"
    with pytest.raises(ClientError) as error:
        shop.events.describe_replay(ReplayName="none")
    assert refusal(error) == ("ResourceNotFoundException", "Replay none does not exist.")


def test_replays_are_listed_by_prefix_state_archive_and_page(shop: Shop) -> None:
    shop.put(1)
    for name in ("a-1", "a-2", "a-3"):
        shop.start(name)
    shop.platform.advance(seconds=1)
    shop.start("b-1")
    listed = shop.events.list_replays
    page = listed(NamePrefix="a-", Limit=2)
    rest = listed(NamePrefix="a-", Limit=2, NextToken=page["NextToken"])
    assert [each["ReplayName"] for each in page["Replays"]] == ["a-1", "a-2"]
    assert [each["ReplayName"] for each in rest["Replays"]] == ["a-3"]
    assert [each["ReplayName"] for each in listed(State="STARTING")["Replays"]] == ["b-1"]
    assert len(listed(EventSourceArn=shop.archive)["Replays"]) == 4
    assert listed(EventSourceArn=shop.archive + "x")["Replays"] == []
