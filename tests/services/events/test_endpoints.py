"""Global endpoints are kept, checked and told."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from fogline.testing.plugin import Account


@pytest.fixture
def events(fogline: Account) -> Any:
    return fogline.client("events")


def settings(account: str, second: str = "us-west-2") -> dict[str, Any]:
    check = "arn:aws:route53:::healthcheck/0123"
    return {
        "RoutingConfig": {
            "FailoverConfig": {
                "Primary": {"HealthCheck": check},
                "Secondary": {"Route": "us-west-2"},
            }
        },
        "EventBuses": [
            {"EventBusArn": f"arn:aws:events:{region}:{account}:event-bus/shop"}
            for region in ("us-east-1", second)
        ],
        "RoleArn": f"arn:aws:iam::{account}:role/replicate",
    }


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_an_endpoint_is_told_as_it_was_made(events: Any, fogline: Account) -> None:
    created = events.create_endpoint(Name="shop", Description="d", **settings(fogline.id))
    assert created["State"] == "CREATING"
    found = events.describe_endpoint(Name="shop")
    assert found["Arn"] == f"arn:aws:events:us-east-1:{fogline.id}:endpoint/shop"
    assert (found["State"], found["Description"]) == ("ACTIVE", "d")
    assert found["ReplicationConfig"] == {"State": "ENABLED"}
    assert found["EndpointUrl"] == f"https://{found['EndpointId']}.endpoint.events.amazonaws.com"


def test_an_update_of_an_endpoint_changes_what_it_names(events: Any, fogline: Account) -> None:
    events.create_endpoint(Name="shop", **settings(fogline.id))
    updated = events.update_endpoint(Name="shop", ReplicationConfig={"State": "DISABLED"})
    assert updated["State"] == "UPDATING"
    found = events.describe_endpoint(Name="shop")
    assert found["ReplicationConfig"] == {"State": "DISABLED"}
    assert found["RoutingConfig"] == settings(fogline.id)["RoutingConfig"]


def test_the_buses_of_an_endpoint_are_in_its_two_regions(events: Any, fogline: Account) -> None:
    with pytest.raises(ClientError) as error:
        events.create_endpoint(Name="shop", **settings(fogline.id, second="eu-west-1"))
    assert code(error) == "ValidationException"


def test_replication_needs_a_role(events: Any, fogline: Account) -> None:
    without = {key: value for key, value in settings(fogline.id).items() if key != "RoleArn"}
    with pytest.raises(ClientError) as error:
        events.create_endpoint(Name="shop", **without)
    assert code(error) == "ValidationException"
    events.create_endpoint(Name="shop", ReplicationConfig={"State": "DISABLED"}, **without)


def test_a_name_is_taken_once_until_it_is_deleted(events: Any, fogline: Account) -> None:
    events.create_endpoint(Name="shop", **settings(fogline.id))
    with pytest.raises(ClientError) as error:
        events.create_endpoint(Name="shop", **settings(fogline.id))
    assert code(error) == "ResourceAlreadyExistsException"
    events.delete_endpoint(Name="shop")
    with pytest.raises(ClientError) as error:
        events.describe_endpoint(Name="shop")
    assert code(error) == "ResourceNotFoundException"


def test_endpoints_are_listed_by_prefix_home_and_page(events: Any, fogline: Account) -> None:
    for name in ("a-1", "a-2", "b-1"):
        events.create_endpoint(Name=name, **settings(fogline.id))
    page = events.list_endpoints(MaxResults=2)
    rest = events.list_endpoints(MaxResults=2, NextToken=page["NextToken"])
    assert [each["Name"] for each in page["Endpoints"] + rest["Endpoints"]] == ["a-1", "a-2", "b-1"]
    assert [each["Name"] for each in events.list_endpoints(NamePrefix="b")["Endpoints"]] == ["b-1"]
    assert events.list_endpoints(HomeRegion="eu-west-1")["Endpoints"] == []
