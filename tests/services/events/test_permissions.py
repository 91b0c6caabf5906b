"""The policy of an event bus."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fogline.testing.plugin import Account


def policy(events: Any, bus: str = "default") -> Any:
    found = events.describe_event_bus(Name=bus).get("Policy")
    return json.loads(found) if found else None


def permit(events: Any, id: str = "one", **given: Any) -> None:
    request = {"Action": "events:PutEvents", "Principal": "111122223333", "StatementId": id}
    events.put_permission(**{**request, **given})


def test_a_permission_becomes_a_statement(events: Any, fogline: Account) -> None:
    permit(events)
    bus = f"arn:aws:events:us-east-1:{fogline.id}:event-bus/default"
    assert policy(events) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "one",
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
                "Action": "events:PutEvents",
                "Resource": bus,
            }
        ],
    }


def test_everybody_of_an_organization_may_be_permitted(events: Any) -> None:
    condition = {"Type": "StringEquals", "Key": "aws:PrincipalOrgID", "Value": "o-1"}
    permit(events, Principal="*", Condition=condition)
    statement = policy(events)["Statement"][0]
    assert statement["Principal"] == "*"
    assert statement["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}


def test_a_statement_of_the_same_id_is_replaced(events: Any) -> None:
    permit(events, "one")
    permit(events, "two")
    permit(events, "one", Principal="*")
    found = {each["Sid"]: each["Principal"] for each in policy(events)["Statement"]}
    assert found == {"one": "*", "two": {"AWS": "arn:aws:iam::111122223333:root"}}


def test_a_whole_policy_takes_the_place_of_what_was_there(events: Any) -> None:
    events.create_event_bus(Name="orders")
    permit(events, EventBusName="orders")
    whole = {"Version": "2012-10-17", "Statement": [{"Sid": "s", "Effect": "Deny"}]}
    events.put_permission(EventBusName="orders", Policy=json.dumps(whole))
    assert policy(events, "orders") == whole


def test_statements_are_removed_one_by_one_or_all(events: Any) -> None:
    permit(events, "one")
    permit(events, "two")
    permit(events, "three")
    events.remove_permission(StatementId="one")
    assert [each["Sid"] for each in policy(events)["Statement"]] == ["two", "three"]
    events.remove_permission(RemoveAllPermissions=True)
    assert policy(events) is None


@pytest.mark.parametrize(
    ("request_", "text"),
    [
        ({"StatementId": "nobody"}, "Statement with the provided id does not exist."),
        ({"StatementId": "one", "EventBusName": "nowhere"}, "Event bus nowhere does not exist."),
    ],
)
def test_what_is_not_there_cannot_be_removed(
    events: Any, request_: dict[str, str], text: str
) -> None:
    permit(events)
    with pytest.raises(ClientError) as refused:
        events.remove_permission(**request_)
    assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"
    assert refused.value.response["Error"]["Message"] == text


def test_a_bus_without_policy_says_so(events: Any) -> None:
    with pytest.raises(ClientError, match="EventBus does not have a policy"):
        events.remove_permission(StatementId="one")


@pytest.mark.parametrize(
    "given",
    [
        {"Action": "events:Dance"},
        {"Policy": "{}"},
    ],
)
def test_a_permission_that_makes_no_sense_is_refused(events: Any, given: dict[str, str]) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        permit(events, **given)


@pytest.mark.parametrize("text", ["no json", "[]", '{"Statement": 1}', '{"Statement": [1]}'])
def test_a_policy_that_is_none_is_refused(events: Any, text: str) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        events.put_permission(Policy=text)


def test_a_policy_has_a_largest_size(events: Any) -> None:
    whole = {"Version": "2012-10-17", "Statement": [{"Sid": "s" * 11_000}]}
    with pytest.raises(ClientError, match="PolicyLengthExceededException"):
        events.put_permission(Policy=json.dumps(whole))
