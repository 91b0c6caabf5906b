"""Event buses, as a client sees them."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from fogline.testing.plugin import Account

FRONT = "arn:aws:events:us-east-1"


def error(raised: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    found = raised.value.response["Error"]
    return found["Code"], found["Message"]


def test_the_default_bus_is_always_there(events: Any, fogline: Account) -> None:
    bus = events.describe_event_bus()
    assert bus["Name"] == "default"
    assert bus["Arn"] == f"{FRONT}:{fogline.id}:event-bus/default"
    assert [each["Name"] for each in events.list_event_buses()["EventBuses"]] == ["default"]


def test_a_bus_keeps_what_it_was_made_with(events: Any, fogline: Account) -> None:
    letters = f"arn:aws:sqs:us-east-1:{fogline.id}:letters"
    settings = {
        "Description": "orders",
        "KmsKeyIdentifier": "alias/mine",
        "DeadLetterConfig": {"Arn": letters},
        "LogConfig": {"IncludeDetail": "FULL", "Level": "INFO"},
    }
    made = events.create_event_bus(Name="orders", **settings)
    assert made["EventBusArn"] == f"{FRONT}:{fogline.id}:event-bus/orders"
    found = events.describe_event_bus(Name=made["EventBusArn"])
    assert {name: found[name] for name in settings} == settings
    assert found["CreationTime"] == found["LastModifiedTime"]


def test_an_update_changes_what_it_names(events: Any) -> None:
    events.create_event_bus(Name="orders", Description="old", KmsKeyIdentifier="alias/mine")
    answer = events.update_event_bus(Name="orders", Description="new")
    assert (answer["Name"], answer["Description"]) == ("orders", "new")
    found = events.describe_event_bus(Name="orders")
    assert (found["Description"], found["KmsKeyIdentifier"]) == ("new", "alias/mine")


def test_buses_are_listed_by_prefix_and_in_pages(events: Any) -> None:
    for name in ("a-1", "a-2", "a-3", "z"):
        events.create_event_bus(Name=name)
    page = events.list_event_buses(NamePrefix="a-", Limit=2)
    assert [bus["Name"] for bus in page["EventBuses"]] == ["a-1", "a-2"]
    rest = events.list_event_buses(NamePrefix="a-", NextToken=page["NextToken"])
    assert [bus["Name"] for bus in rest["EventBuses"]] == ["a-3"]
    assert "NextToken" not in rest


def test_the_default_bus_stands_among_the_pages(events: Any) -> None:
    for name in ("a", "z"):
        events.create_event_bus(Name=name)
    names, token = [], {}
    while True:
        page = events.list_event_buses(Limit=1, **token)
        names += [bus["Name"] for bus in page["EventBuses"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert names == ["a", "default", "z"]


@pytest.mark.parametrize("name", ["orders", "default"])
def test_a_name_is_taken_once(events: Any, name: str) -> None:
    events.create_event_bus(Name="orders")
    with pytest.raises(ClientError) as refused:
        events.create_event_bus(Name=name)
    assert error(refused) == (
        "ResourceAlreadyExistsException",
        f"Event bus {name} already exists.",
    )


def test_a_bus_that_is_gone_is_not_found(events: Any) -> None:
    events.create_event_bus(Name="orders")
    events.delete_event_bus(Name="orders")
    events.delete_event_bus(Name="orders")
    with pytest.raises(ClientError) as refused:
        events.describe_event_bus(Name="orders")
    assert error(refused) == ("ResourceNotFoundException", "Event bus orders does not exist.")


def test_the_default_bus_cannot_be_deleted(events: Any) -> None:
    with pytest.raises(ClientError) as refused:
        events.delete_event_bus(Name="default")
    assert error(refused) == ("ValidationException", "Cannot delete event bus default.")


def test_a_bus_with_rules_cannot_be_deleted(events: Any) -> None:
    events.create_event_bus(Name="orders")
    events.put_rule(Name="rule", EventBusName="orders", EventPattern='{"source":["a"]}')
    with pytest.raises(ClientError) as refused:
        events.delete_event_bus(Name="orders")
    assert error(refused)[0] == "ValidationException"
    events.delete_rule(Name="rule", EventBusName="orders")
    events.delete_event_bus(Name="orders")


def test_a_slash_is_for_partners(events: Any) -> None:
    with pytest.raises(ClientError) as refused:
        events.create_event_bus(Name="a/b")
    assert error(refused)[0] == "ValidationException"


def test_buses_of_regions_and_accounts_are_apart(events: Any, fogline: Account) -> None:
    events.create_event_bus(Name="orders")
    elsewhere = fogline.client("events", "eu-central-1")
    assert [bus["Name"] for bus in elsewhere.list_event_buses()["EventBuses"]] == ["default"]
