"""Putting events, and what their rules' targets get."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.services.events.conftest import MakeQueue, Put, PutRule, Queue

from fogline.services.events.entries import Refused, check_entry
from fogline.testing.plugin import Account


def test_a_target_gets_the_whole_event(
    put_rule: PutRule, put: Put, queue: Queue, fogline: Account
) -> None:
    put_rule(queue)
    at = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    id = put({"a": [1, 2.5, None]}, Resources=["arn:x"], Time=at)["EventId"]
    assert queue.bodies() == [
        f'{{"version":"0","id":"{id}","detail-type":"Order Placed","source":"shop",'
        f'"account":"{fogline.id}","time":"2026-03-04T05:06:07Z","region":"us-east-1",'
        '"resources":["arn:x"],"detail":{"a":[1,2.5,null]}}'
    ]


def test_every_rule_that_matches_gets_the_event(
    put_rule: PutRule, put: Put, make_queue: MakeQueue
) -> None:
    one, two, three = make_queue("one"), make_queue("two"), make_queue("three")
    put_rule(one, name="by-source")
    put_rule(two, name="by-detail", pattern={"detail": {"id": [{"numeric": ["<", 5]}]}})
    put_rule(three, name="other", pattern={"detail": {"id": [9]}})
    put({"id": 1})
    assert [len(each.bodies()) for each in (one, two, three)] == [1, 1, 0]


def test_entries_are_answered_in_their_order_and_one_does_not_stop_the_others(
    events: Any, put_rule: PutRule, queue: Queue
) -> None:
    put_rule(queue)
    good = {"Source": "shop", "DetailType": "t", "Detail": "{}"}
    required = "Parameter {0} is not valid. Reason: {0} is a required argument."
    cases: list[tuple[dict[str, str], str, str]] = [
        ({**good, "Source": ""}, "InvalidArgument", required.format("Source")),
        ({"Source": "shop", "Detail": "{}"}, "InvalidArgument", required.format("DetailType")),
        ({"Source": "shop", "DetailType": "t"}, "InvalidArgument", required.format("Detail")),
        ({**good, "Detail": "no json"}, "MalformedDetail", "Detail is malformed."),
        ({**good, "Detail": "[1]"}, "MalformedDetail", "Detail is malformed."),
        ({**good, "Detail": '{"a": NaN}'}, "MalformedDetail", "Detail is malformed."),
        ({**good, "Source": "aws.s3"}, "NotAuthorizedForSourceException", "Not authorized for the source."),
    ]  # fmt: skip
    answer = events.put_events(Entries=[good, *(entry for entry, _, _ in cases), good])
    assert answer["FailedEntryCount"] == len(cases)
    found = [(each.get("ErrorCode"), each.get("ErrorMessage")) for each in answer["Entries"][1:-1]]
    assert found == [(code, text) for _, code, text in cases]
    ids = [answer["Entries"][at]["EventId"] for at in (0, -1)]
    assert [event["id"] for event in queue.events()] == ids


def test_a_megabyte_is_the_most_that_one_request_brings(
    events: Any, put_rule: PutRule, queue: Queue
) -> None:
    def entries(characters: int) -> list[dict[str, str]]:
        detail = json.dumps({"text": "x" * (characters - len('{"text": ""}'))})
        return [{"Source": "s", "DetailType": "t", "Detail": detail}]

    assert events.put_events(Entries=entries(1_048_576 - 2))["FailedEntryCount"] == 0
    with pytest.raises(ClientError) as refused:
        events.put_events(Entries=entries(1_048_576 - 1))
    assert refused.value.response["Error"] == {
        "Code": "ValidationException",
        "Message": "Total size of the entries in the request is over the limit.",
    }


def test_ten_entries_are_the_most_that_come_together(events: Any) -> None:
    entry = {"Source": "s", "DetailType": "t", "Detail": "{}"}
    assert events.put_events(Entries=[entry] * 10)["FailedEntryCount"] == 0
    with pytest.raises(ClientError, match="ValidationException"):
        events.put_events(Entries=[entry] * 11)


def test_a_detail_may_be_deep(put_rule: PutRule, put: Put, queue: Queue) -> None:
    put_rule(queue)
    deep = '{"d":' * 799 + "{}" + "}" * 799
    assert "EventId" in put(Detail=deep)
    assert put(Detail='{"d":' * 800 + "{}" + "}" * 800)["ErrorCode"] == "MalformedDetail"
    [body] = queue.bodies()
    assert deep in body


@pytest.mark.parametrize("at", [-62_135_596_801, 253_402_300_800, 10**15])
def test_a_time_that_no_calendar_has_is_refused(at: int) -> None:
    entry = {"Source": "shop", "DetailType": "t", "Detail": "{}", "Time": at * 1000}
    with pytest.raises(Refused, match=r"Parameter Time is not valid\."):
        check_entry(entry)


def test_an_endpoint_must_be_there(events: Any, put_rule: PutRule, queue: Queue) -> None:
    put_rule(queue)
    front = events.describe_event_bus()["Arn"]
    made = events.create_endpoint(
        Name="endpoint",
        RoutingConfig={
            "FailoverConfig": {
                "Primary": {"HealthCheck": "arn:aws:route53:::healthcheck/abc"},
                "Secondary": {"Route": "us-west-2"},
            }
        },
        ReplicationConfig={"State": "DISABLED"},
        EventBuses=[
            {"EventBusArn": front},
            {"EventBusArn": front.replace("us-east-1", "us-west-2")},
        ],
    )
    id = events.describe_endpoint(Name=made["Name"])["EndpointId"]
    entry = {"Source": "shop", "DetailType": "t", "Detail": "{}"}
    assert events.put_events(EndpointId=id, Entries=[entry])["FailedEntryCount"] == 0
    assert len(queue.bodies()) == 1
    with pytest.raises(ClientError) as refused:
        events.put_events(EndpointId="nobody.abc", Entries=[entry])
    assert refused.value.response["Error"]["Message"] == "Endpoint nobody.abc does not exist."


def test_a_bus_that_does_not_exist_takes_events_and_forgets_them(put: Put) -> None:
    assert "EventId" in put(bus="nowhere")


def test_an_event_goes_to_the_bus_that_it_names_and_no_other(
    events: Any, put_rule: PutRule, put: Put, make_queue: MakeQueue
) -> None:
    arn = events.create_event_bus(Name="orders")["EventBusArn"]
    here, there = make_queue("here"), make_queue("there")
    put_rule(here)
    put_rule(there, bus="orders")
    put(bus="orders")
    put(bus=arn)
    assert [len(here.bodies()), len(there.bodies())] == [0, 2]


def test_an_event_reaches_buses_of_other_accounts_and_regions(
    fogline: Account, put: Put, make_queue: MakeQueue
) -> None:
    there = fogline.client("events", "eu-central-1")
    arn = there.create_event_bus(Name="orders")["EventBusArn"]
    there.put_rule(Name="rule", EventBusName="orders", EventPattern='{"source":["shop"]}')
    queue = make_queue("far", "eu-central-1")
    there.put_targets(Rule="rule", EventBusName="orders", Targets=[{"Id": "1", "Arn": queue.arn}])
    put(bus=arn)
    [event] = queue.events()
    assert (event["account"], event["region"]) == (fogline.id, "us-east-1")


def test_a_trace_that_an_entry_brings_goes_on_to_its_targets(
    put_rule: PutRule, put: Put, queue: Queue
) -> None:
    put_rule(queue)
    put(TraceHeader="Root=1-67f4141f-e1cd7672871da115129f8b19;Parent=d0ee9531727135a0;Sampled=1")
    [message] = queue.messages()
    header = message["Attributes"]["AWSTraceHeader"]
    assert header.startswith("Root=1-67f4141f-e1cd7672871da115129f8b19;Parent=")


# ---- schemas (ours)


class Strict:
    """A registry in which every order has a number."""

    def misfits(self, tx: Any, account: str, region: str, registry: str, event: Any) -> list[str]:
        fits = registry != "orders" or isinstance(event["detail"].get("id"), int)
        return [] if fits else ["$.detail.id: is no integer"]


@pytest.fixture
def care(events: Any, fogline: Account, fogline_platform: Any) -> Any:
    """Make a bus that wants what its tag says."""
    stands_on = fogline_platform.platform.dispatch.made()["events"].stands_on
    before = stands_on.schemas
    stands_on.schemas = Strict()

    def care(wish: str) -> None:
        tags = [{"Key": "fogline:schemas", "Value": wish}]
        events.create_event_bus(Name="orders", Tags=tags)

    yield care
    stands_on.schemas = before


def test_a_strict_bus_rejects_what_does_not_fit(
    care: Any, put: Put, put_rule: PutRule, queue: Queue
) -> None:
    care("reject:orders")
    put_rule(queue, bus="orders")
    assert put({"id": "x"}, bus="orders") == {
        "ErrorCode": "SchemaMismatch",
        "ErrorMessage": "The event does not fit its schema: $.detail.id: is no integer",
    }
    assert "EventId" in put({"id": 1}, bus="orders")
    assert [event["detail"] for event in queue.events()] == [{"id": 1}]


def test_a_lenient_bus_flags_what_does_not_fit(
    care: Any, put: Put, put_rule: PutRule, queue: Queue
) -> None:
    care("flag:orders")
    put_rule(queue, bus="orders", pattern={"source": ["shop", "fogline.schemas"]})
    id = put({"id": "x"}, bus="orders")["EventId"]
    event, flag = queue.events()
    assert event["id"] == id
    assert flag["detail-type"] == "Event Does Not Fit Schema"
    assert flag["detail"] == {
        "eventId": id,
        "schema": "shop@OrderPlaced",
        "errors": ["$.detail.id: is no integer"],
    }


@pytest.mark.parametrize("wish", ["reject:", "reject", "flag:others", "sometimes:orders"])
def test_a_bus_that_wants_nothing_sensible_looks_at_nothing(care: Any, put: Put, wish: str) -> None:
    care(wish)
    assert "EventId" in put({"id": "x"}, bus="orders")
