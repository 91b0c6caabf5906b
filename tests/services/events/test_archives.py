"""Archives: what they keep, and for how long."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account

ORDERS = json.dumps({"source": ["shop.orders"]})


@pytest.fixture
def events(fogline: Account) -> Any:
    return fogline.client("events")


@pytest.fixture
def bus(events: Any) -> str:
    return str(events.create_event_bus(Name="shop")["EventBusArn"])


def put(events: Any, *sources: str) -> None:
    entries = [
        {"EventBusName": "shop", "Source": source, "DetailType": "d", "Detail": "{}"}
        for source in sources
    ]
    assert events.put_events(Entries=entries)["FailedEntryCount"] == 0


def count(events: Any, name: str = "kept") -> int:
    return int(events.describe_archive(ArchiveName=name)["EventCount"])


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_an_archive_is_told_as_it_was_made(events: Any, bus: str, fogline: Account) -> None:
    created = events.create_archive(
        ArchiveName="kept", EventSourceArn=bus, EventPattern=ORDERS, RetentionDays=2
    )
    assert created["ArchiveArn"] == f"arn:aws:events:us-east-1:{fogline.id}:archive/kept"
    assert created["State"] == "ENABLED"
    found = events.describe_archive(ArchiveName="kept")
    told = (found["EventPattern"], found["RetentionDays"], found["EventCount"], found["SizeBytes"])
    assert told == (ORDERS, 2, 0, 0)


def test_an_archive_keeps_the_events_that_match_its_pattern(events: Any, bus: str) -> None:
    events.create_archive(ArchiveName="kept", EventSourceArn=bus, EventPattern=ORDERS)
    put(events, "shop.orders", "shop.other", "shop.orders")
    assert count(events) == 2
    assert events.describe_archive(ArchiveName="kept")["SizeBytes"] > 2 * 150


def test_an_archive_without_a_pattern_keeps_everything(events: Any, bus: str) -> None:
    events.create_archive(ArchiveName="kept", EventSourceArn=bus)
    put(events, "a", "b")
    assert count(events) == 2


def test_an_archive_is_filled_by_a_rule_that_cannot_be_changed(events: Any, bus: str) -> None:
    events.create_archive(ArchiveName="kept", EventSourceArn=bus)
    (rule,) = events.list_rules(EventBusName="shop")["Rules"]
    assert rule["Name"] == "Events-Archive-kept"
    assert rule["ManagedBy"] == "prod.vhs.events.aws.internal"
    with pytest.raises(ClientError) as error:
        events.disable_rule(Name="Events-Archive-kept", EventBusName="shop")
    assert code(error) == "ManagedRuleException"


def test_an_update_changes_what_is_kept_from_now_on(events: Any, bus: str) -> None:
    events.create_archive(ArchiveName="kept", EventSourceArn=bus, EventPattern=ORDERS)
    put(events, "shop.orders")
    events.update_archive(
        ArchiveName="kept", EventPattern=json.dumps({"source": ["shop.other"]}), Description="new"
    )
    put(events, "shop.orders", "shop.other", "shop.other")
    assert count(events) == 3
    assert events.describe_archive(ArchiveName="kept")["Description"] == "new"


def test_events_leave_an_archive_when_their_days_are_over(
    events: Any, bus: str, fogline_platform: LocalPlatform
) -> None:
    events.create_archive(ArchiveName="kept", EventSourceArn=bus, RetentionDays=1)
    put(events, "a")
    fogline_platform.advance(hours=12)
    put(events, "b")
    fogline_platform.advance(hours=12, seconds=1)
    assert count(events) == 1
    events.update_archive(ArchiveName="kept", RetentionDays=0)
    fogline_platform.advance(days=3)
    assert count(events) == 1


def test_rows_of_expired_events_are_freed_within_the_hour(
    events: Any, bus: str, fogline: Account, fogline_platform: LocalPlatform
) -> None:
    events.create_archive(ArchiveName="kept", EventSourceArn=bus, RetentionDays=1)
    put(events, "a", "b")
    fogline_platform.advance(days=1, hours=1, seconds=1)
    with fogline_platform.platform.store.read() as tx:
        kept = f'%"account":"{fogline.id}"%'
        assert tx.row("SELECT count(*) FROM events_archived WHERE body LIKE ?", kept) == (0,)


def test_a_deleted_archive_is_gone_with_its_rule_and_its_events(
    events: Any, bus: str, fogline_platform: LocalPlatform
) -> None:
    events.create_archive(ArchiveName="kept", EventSourceArn=bus)
    put(events, "a")
    events.delete_archive(ArchiveName="kept")
    assert events.list_rules(EventBusName="shop")["Rules"] == []
    with pytest.raises(ClientError) as error:
        events.describe_archive(ArchiveName="kept")
    assert error.value.response["Error"] == {
        "Code": "ResourceNotFoundException",
        "Message": "Archive kept does not exist.",
    }
    events.create_archive(ArchiveName="kept", EventSourceArn=bus)
    assert count(events) == 0
    fogline_platform.settle()
    with fogline_platform.platform.store.read() as tx:
        row = tx.row("SELECT count(*) FROM events_discarded")
    assert row == (0,)


def test_an_archive_needs_a_bus_and_a_pattern_that_is_one(events: Any, bus: str) -> None:
    with pytest.raises(ClientError) as error:
        events.create_archive(ArchiveName="kept", EventSourceArn=bus + "x")
    assert error.value.response["Error"]["Message"] == "Event bus shopx does not exist."
    with pytest.raises(ClientError) as error:
        events.create_archive(ArchiveName="kept", EventSourceArn=bus, EventPattern="{no json")
    assert code(error) == "InvalidEventPatternException"


def test_a_name_is_taken_once(events: Any, bus: str) -> None:
    events.create_archive(ArchiveName="kept", EventSourceArn=bus)
    with pytest.raises(ClientError) as error:
        events.create_archive(ArchiveName="kept", EventSourceArn=bus)
    assert error.value.response["Error"] == {
        "Code": "ResourceAlreadyExistsException",
        "Message": "Archive kept already exists.",
    }


def test_archives_are_listed_by_prefix_bus_and_state(events: Any, bus: str) -> None:
    other = events.create_event_bus(Name="other")["EventBusArn"]
    for name, source in (("a-1", bus), ("a-2", other), ("b-1", bus)):
        events.create_archive(ArchiveName=name, EventSourceArn=source)

    def names(**by: str) -> list[str]:
        return [each["ArchiveName"] for each in events.list_archives(**by)["Archives"]]

    assert names(NamePrefix="a-") == ["a-1", "a-2"]
    assert names(EventSourceArn=bus) == ["a-1", "b-1"]
    assert names(State="ENABLED") == ["a-1", "a-2", "b-1"]
    assert names(State="DISABLED") == []
