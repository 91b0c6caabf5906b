"""Partner event sources: offered by one account, taken in by another."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account

NAME = "aws.partner/example.com/shop"
PARTNER = "999999999999"


class Sides:
    """The partner's side and the account's, on the same platform."""

    def __init__(self, account: Account, platform: LocalPlatform) -> None:
        self.name = f"{NAME}-{account.id}"
        self.id = account.id
        self.account = account
        self.ours = account.client("events")
        self.theirs = platform.client("events", PARTNER)
        self.theirs.create_partner_event_source(Name=self.name, Account=account.id)

    def state(self) -> str:
        return str(self.ours.describe_event_source(Name=self.name)["State"])

    def put(self, **entry: Any) -> Any:
        whole = {"Source": self.name, "DetailType": "OrderPlaced", "Detail": '{"n": 1}'}
        return self.theirs.put_partner_events(Entries=[{**whole, **entry}])

    def accept(self) -> None:
        self.ours.create_event_bus(Name=self.name, EventSourceName=self.name)


@pytest.fixture
def sides(fogline: Account, fogline_platform: LocalPlatform) -> Any:
    sides = Sides(fogline, fogline_platform)
    yield sides
    sides.theirs.close()


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_a_source_waits_until_a_bus_takes_it_in(sides: Sides) -> None:
    found = sides.ours.describe_event_source(Name=sides.name)
    assert found["Arn"] == f"arn:aws:events:us-east-1::event-source/{sides.name}"
    assert (found["State"], found["CreatedBy"]) == ("PENDING", "example.com")
    assert found["ExpirationTime"] > found["CreationTime"]
    sides.accept()
    assert sides.state() == "ACTIVE"


def test_a_partners_events_reach_the_rules_of_that_bus(
    sides: Sides, fogline_platform: LocalPlatform
) -> None:
    sqs = sides.account.client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    sides.accept()
    pattern = json.dumps({"source": [{"prefix": "aws.partner"}]})
    sides.ours.put_rule(Name="r", EventBusName=sides.name, EventPattern=pattern)
    queue = f"arn:aws:sqs:us-east-1:{sides.id}:q"
    sides.ours.put_targets(Rule="r", EventBusName=sides.name, Targets=[{"Id": "q", "Arn": queue}])
    assert sides.put()["FailedEntryCount"] == 0
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    event = json.loads(message["Body"])
    assert (event["source"], event["account"], event["detail"]) == (sides.name, sides.id, {"n": 1})


def test_entries_that_cannot_be_put_are_told_one_by_one(sides: Sides) -> None:
    assert sides.put(Source=NAME + "-none")["Entries"][0]["ErrorCode"] == "InvalidArgument"
    assert sides.put(Detail="no json")["Entries"][0]["ErrorCode"] == "MalformedDetail"


def test_a_source_can_be_switched_off_and_on(sides: Sides) -> None:
    with pytest.raises(ClientError) as error:
        sides.ours.activate_event_source(Name=sides.name)
    assert code(error) == "InvalidStateException"
    sides.accept()
    sides.ours.deactivate_event_source(Name=sides.name)
    assert sides.state() == "PENDING"
    sides.ours.activate_event_source(Name=sides.name)
    assert sides.state() == "ACTIVE"


def test_a_source_that_nobody_takes_in_is_gone_after_two_weeks(
    sides: Sides, fogline_platform: LocalPlatform
) -> None:
    fogline_platform.advance(days=14)
    with pytest.raises(ClientError) as error:
        sides.state()
    assert code(error) == "ResourceNotFoundException"
    assert sides.ours.list_event_sources()["EventSources"] == []


def test_both_sides_list_their_sources(sides: Sides) -> None:
    (found,) = sides.ours.list_event_sources(NamePrefix="aws.partner")["EventSources"]
    assert found["Name"] == sides.name
    assert sides.theirs.describe_partner_event_source(Name=sides.name)["Name"] == sides.name
    listed = sides.theirs.list_partner_event_sources(NamePrefix=sides.name)
    assert [each["Name"] for each in listed["PartnerEventSources"]] == [sides.name]
    accounts = sides.theirs.list_partner_event_source_accounts(EventSourceName=sides.name)
    (told,) = accounts["PartnerEventSourceAccounts"]
    assert (told["Account"], told["State"]) == (sides.id, "PENDING")


def test_a_source_is_offered_once_and_can_be_taken_back(sides: Sides) -> None:
    with pytest.raises(ClientError) as error:
        sides.theirs.create_partner_event_source(Name=sides.name, Account=sides.id)
    assert code(error) == "ResourceAlreadyExistsException"
    sides.theirs.delete_partner_event_source(Name=sides.name, Account=sides.id)
    with pytest.raises(ClientError) as error:
        sides.state()
    assert code(error) == "ResourceNotFoundException"
    with pytest.raises(ClientError) as error:
        sides.theirs.describe_partner_event_source(Name=sides.name)
    assert code(error) == "ResourceNotFoundException"
