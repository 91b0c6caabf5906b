"""Rules, as a client sees them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.services.events.conftest import Put, PutRule, Queue

from fogline.aws.call import call_of_account
from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account

PATTERN = '{"source":["shop"]}'


def error(raised: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    found = raised.value.response["Error"]
    return found["Code"], found["Message"]


def test_a_rule_is_told_as_it_was_put(events: Any, fogline: Account) -> None:
    events.create_event_bus(Name="orders")
    role = f"arn:aws:iam::{fogline.id}:role/r"
    arn = events.put_rule(
        Name="rule", EventBusName="orders", EventPattern=PATTERN, Description="d", RoleArn=role
    )["RuleArn"]
    assert arn == f"arn:aws:events:us-east-1:{fogline.id}:rule/orders/rule"
    found = events.describe_rule(Name="rule", EventBusName="orders")
    del found["ResponseMetadata"]
    assert found == {
        "Name": "rule",
        "Arn": arn,
        "EventPattern": PATTERN,
        "State": "ENABLED",
        "Description": "d",
        "RoleArn": role,
        "EventBusName": "orders",
        "CreatedBy": fogline.id,
    }


def test_putting_a_rule_again_replaces_all_but_its_targets(
    events: Any, put_rule: PutRule, queue: Queue
) -> None:
    put_rule(queue, Description="d", State="DISABLED")
    put_rule(pattern={"source": ["other"]})
    found = events.describe_rule(Name="rule")
    assert found["EventPattern"] == '{"source": ["other"]}'
    assert found["State"] == "ENABLED"
    assert "Description" not in found
    assert len(events.list_targets_by_rule(Rule="rule")["Targets"]) == 1


def test_a_rule_that_is_switched_off_matches_nothing(
    events: Any, put_rule: PutRule, put: Put, queue: Queue
) -> None:
    put_rule(queue)
    events.disable_rule(Name="rule")
    assert events.describe_rule(Name="rule")["State"] == "DISABLED"
    put()
    assert queue.bodies() == []
    events.enable_rule(Name="rule")
    put()
    assert len(queue.bodies()) == 1


def test_a_rule_may_want_all_management_events(events: Any) -> None:
    state = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
    events.put_rule(Name="rule", EventPattern=PATTERN, State=state)
    assert events.describe_rule(Name="rule")["State"] == state


def test_a_changed_pattern_counts_from_the_next_event_on(
    put_rule: PutRule, put: Put, queue: Queue
) -> None:
    put_rule(queue)
    put()
    put_rule(pattern={"source": ["other"]})
    put()
    put(Source="other")
    assert [event["source"] for event in queue.events()] == ["shop", "other"]


def test_a_removed_rule_matches_nothing(
    events: Any, put_rule: PutRule, put: Put, queue: Queue
) -> None:
    put_rule(queue, name="one")
    put_rule(queue, name="two")
    put()
    assert len(queue.bodies()) == 2
    events.remove_targets(Rule="one", Ids=["target-0"])
    events.delete_rule(Name="one")
    events.delete_rule(Name="one")
    put()
    assert len(queue.bodies()) == 1


def test_a_rule_with_targets_cannot_be_deleted(
    events: Any, put_rule: PutRule, queue: Queue
) -> None:
    put_rule(queue)
    with pytest.raises(ClientError) as refused:
        events.delete_rule(Name="rule")
    assert error(refused) == (
        "ValidationException",
        "Rule can't be deleted since it has targets.",
    )


def test_rules_are_listed_by_prefix_and_in_pages(events: Any, put_rule: PutRule) -> None:
    for name in ("a-1", "a-2", "a-3", "z"):
        put_rule(name=name)
    page = events.list_rules(NamePrefix="a-", Limit=2)
    assert [rule["Name"] for rule in page["Rules"]] == ["a-1", "a-2"]
    assert page["Rules"][0]["EventBusName"] == "default"
    rest = events.list_rules(NamePrefix="a-", Limit=2, NextToken=page["NextToken"])
    assert [rule["Name"] for rule in rest["Rules"]] == ["a-3"]
    assert "NextToken" not in rest


def test_rules_of_a_bus_whose_name_begins_another_stay_apart(
    events: Any, put_rule: PutRule
) -> None:
    for bus in ("orders", "orders-2"):
        events.create_event_bus(Name=bus)
        put_rule(name="rule", bus=bus)
    assert len(events.list_rules(EventBusName="orders")["Rules"]) == 1


def test_rules_are_found_by_their_target(events: Any, put_rule: PutRule, make_queue: Any) -> None:
    one, two = make_queue("one"), make_queue("two")
    for at in range(3):
        put_rule(one, name=f"rule-{at}")
    put_rule(two, name="other")
    page = events.list_rule_names_by_target(TargetArn=one.arn, Limit=2)
    assert page["RuleNames"] == ["rule-0", "rule-1"]
    rest = events.list_rule_names_by_target(TargetArn=one.arn, NextToken=page["NextToken"])
    assert rest["RuleNames"] == ["rule-2"]
    assert "NextToken" not in rest
    assert events.list_rule_names_by_target(TargetArn="arn:aws:sqs:a:b:c")["RuleNames"] == []


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({}, "Parameter(s) EventPattern or ScheduleExpression must be specified."),
        ({"ScheduleExpression": "sometimes"}, "Parameter ScheduleExpression is not valid."),
        (
            {"ScheduleExpression": "rate(1 day)", "EventBusName": "orders"},
            "ScheduleExpression is supported only on the default event bus.",
        ),
    ],
)
def test_a_rule_without_a_sensible_beginning_is_refused(
    events: Any, given: dict[str, str], text: str
) -> None:
    events.create_event_bus(Name="orders")
    with pytest.raises(ClientError) as refused:
        events.put_rule(Name="rule", **given)
    assert error(refused) == ("ValidationException", text)


def test_a_pattern_is_refused_in_the_words_of_aws(events: Any) -> None:
    with pytest.raises(ClientError) as refused:
        events.put_rule(Name="rule", EventPattern='{"source": []}')
    assert error(refused) == (
        "InvalidEventPatternException",
        "Event pattern is not valid. Reason: Empty arrays are not allowed",
    )


@pytest.mark.parametrize("operation", ["describe_rule", "enable_rule", "disable_rule"])
def test_a_rule_that_is_not_there_is_not_found(events: Any, operation: str) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(events, operation)(Name="nothing")
    assert error(refused) == (
        "ResourceNotFoundException",
        "Rule nothing does not exist on EventBus default.",
    )


def test_a_rule_needs_a_bus(events: Any) -> None:
    with pytest.raises(ClientError) as refused:
        events.put_rule(Name="rule", EventPattern=PATTERN, EventBusName="nowhere")
    assert error(refused) == ("ResourceNotFoundException", "Event bus nowhere does not exist.")


def test_a_managed_rule_is_changed_by_force_only(
    events: Any, fogline: Account, fogline_platform: LocalPlatform, queue: Queue
) -> None:
    make_managed_rule(fogline, fogline_platform, queue)
    assert events.describe_rule(Name="rule")["ManagedBy"] == "pipes.amazonaws.com"
    target = {"Id": "mine", "Arn": queue.arn}
    for operation, request in (
        ("put_rule", {"Name": "rule", "EventPattern": PATTERN}),
        ("disable_rule", {"Name": "rule"}),
        ("delete_rule", {"Name": "rule"}),
        ("put_targets", {"Rule": "rule", "Targets": [target]}),
        ("remove_targets", {"Rule": "rule", "Ids": ["its"]}),
    ):
        with pytest.raises(ClientError, match="ManagedRuleException"):
            getattr(events, operation)(**request)
    events.remove_targets(Rule="rule", Ids=["its"], Force=True)
    events.delete_rule(Name="rule", Force=True)


def make_managed_rule(fogline: Account, platform: LocalPlatform, queue: Queue) -> None:
    """As a service of AWS makes one, from within."""
    from dataclasses import replace

    cause = call_of_account(
        fogline.id, "us-east-1", "id", platform.now(), platform.platform.pages.root_call(
            "events", fogline.id, "us-east-1"
        ).trace,
    )  # fmt: skip
    cause = cause._replace(principal=replace(cause.principal, arn="pipes.amazonaws.com"))

    async def make() -> None:
        perform = platform.platform.dispatch.call_waiting
        await perform("events", "PutRule", {"Name": "rule", "EventPattern": PATTERN}, cause)
        targets = [{"Id": "its", "Arn": queue.arn}]
        await perform("events", "PutTargets", {"Rule": "rule", "Targets": targets}, cause)

    platform.ask(make())


def test_rules_survive_many_changes_of_their_bus(
    events: Any, put_rule: PutRule, put: Put, queue: Queue
) -> None:
    put_rule(queue)
    for at in range(30):
        put_rule(name=f"rule-{at % 3}", pattern={"source": [f"shop-{at}"]})
        if at % 7 == 0:
            put()
    put(Source="shop-29")
    assert len(queue.bodies()) == 5


def test_a_rule_that_was_rolled_back_matches_nothing(
    fogline: Account, fogline_platform: LocalPlatform, put: Put, put_rule: PutRule, queue: Queue
) -> None:
    from fogline.services.events.service import Events
    from fogline.services.events.tables import BusKey

    put_rule(queue, name="kept")
    service = fogline_platform.platform.dispatch.made()["events"]
    stands_on = service.stands_on
    assert isinstance(stands_on, Events)
    bus = BusKey(fogline.id, "us-east-1", "default")

    async def change_and_fail() -> None:
        rule = {"name": "lost", "bus": "default", "state": "ENABLED", "pattern": PATTERN}
        target = {"Id": "1", "Arn": queue.arn}
        try:
            with stands_on.store.write() as tx:
                stands_on.tables.save_rule(tx, bus, {**rule, "targets": [target]}, 1)
                route = stands_on.routes.open(tx, bus)
                assert route is not None
                assert len(route.rules) == 2
                raise ZeroDivisionError
        except ZeroDivisionError:
            pass

    fogline_platform.ask(change_and_fail())
    put()
    assert len(queue.bodies()) == 1


def test_a_pattern_of_four_kilobytes_is_the_largest(events: Any) -> None:
    pattern = json.dumps({"source": ["x" * 4_096]})
    with pytest.raises(ClientError, match="4096"):
        events.put_rule(Name="rule", EventPattern=pattern)
