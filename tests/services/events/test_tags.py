"""Tags of buses and rules."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from fogline.testing.plugin import Account


def tags(events: Any, arn: str) -> dict[str, str]:
    found = events.list_tags_for_resource(ResourceARN=arn)["Tags"]
    return {tag["Key"]: tag["Value"] for tag in found}


@pytest.fixture(params=["bus", "default", "rule", "rule on a bus"])
def arn(request: pytest.FixtureRequest, events: Any, fogline: Account) -> str:
    if request.param == "default":
        return f"arn:aws:events:us-east-1:{fogline.id}:event-bus/default"
    made = events.create_event_bus(Name="orders")["EventBusArn"]
    if request.param == "bus":
        return str(made)
    bus = "default" if request.param == "rule" else "orders"
    rule = events.put_rule(Name="rule", EventBusName=bus, EventPattern='{"source":["a"]}')
    return str(rule["RuleArn"])


def test_tags_come_and_go(events: Any, arn: str) -> None:
    assert tags(events, arn) == {}
    events.tag_resource(
        ResourceARN=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    )
    events.tag_resource(ResourceARN=arn, Tags=[{"Key": "b", "Value": "3"}])
    assert tags(events, arn) == {"a": "1", "b": "3"}
    events.untag_resource(ResourceARN=arn, TagKeys=["a", "nothing"])
    assert tags(events, arn) == {"b": "3"}


def test_a_rule_and_a_bus_are_made_with_tags(events: Any) -> None:
    given = [{"Key": "a", "Value": "1"}]
    bus = events.create_event_bus(Name="orders", Tags=given)["EventBusArn"]
    rule = events.put_rule(Name="rule", EventPattern='{"source":["a"]}', Tags=given)["RuleArn"]
    assert tags(events, bus) == tags(events, rule) == {"a": "1"}


def test_putting_a_rule_again_leaves_its_tags(events: Any) -> None:
    rule = {"Name": "rule", "EventPattern": '{"source":["a"]}'}
    arn = events.put_rule(**rule, Tags=[{"Key": "a", "Value": "1"}])["RuleArn"]
    events.put_rule(**rule, Tags=[{"Key": "b", "Value": "2"}])
    assert tags(events, arn) == {"a": "1"}


@pytest.mark.parametrize(
    ("resource", "text"),
    [
        ("rule/nothing", "Rule nothing does not exist on EventBus default."),
        ("rule/nowhere/nothing", "Event bus nowhere does not exist."),
        ("event-bus/nowhere", "Event bus nowhere does not exist."),
    ],
)
def test_what_is_not_there_has_no_tags(
    events: Any, fogline: Account, resource: str, text: str
) -> None:
    with pytest.raises(ClientError) as refused:
        events.list_tags_for_resource(
            ResourceARN=f"arn:aws:events:us-east-1:{fogline.id}:{resource}"
        )
    assert refused.value.response["Error"] == {"Code": "ResourceNotFoundException", "Message": text}


@pytest.mark.parametrize("arn", ["orders", "arn:aws:sqs:us-east-1:1:q"])
def test_other_things_are_no_resources(events: Any, arn: str) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        events.list_tags_for_resource(ResourceARN=arn)


def test_names_of_aws_are_kept_for_aws(events: Any) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        events.create_event_bus(Name="orders", Tags=[{"Key": "aws:mine", "Value": ""}])


def test_fifty_tags_are_the_most(events: Any) -> None:
    many = [{"Key": str(at), "Value": ""} for at in range(51)]
    arn = events.create_event_bus(Name="orders", Tags=many[:50])["EventBusArn"]
    with pytest.raises(ClientError, match="LimitExceededException"):
        events.tag_resource(ResourceARN=arn, Tags=many[50:])
