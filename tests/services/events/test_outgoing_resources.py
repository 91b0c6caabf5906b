"""Stacks with connections, API destinations, archives and endpoints."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.services.events.site import Site, open_site

from fogline.testing.plugin import Account

PARTNER = """
Resources:
  Connection:
    Type: AWS::Events::Connection
    Properties:
      AuthorizationType: API_KEY
      AuthParameters:
        ApiKeyAuthParameters: {ApiKeyName: X-Key, ApiKeyValue: word}
  Destination:
    Type: AWS::Events::ApiDestination
    Properties:
      ConnectionArn: !GetAtt Connection.Arn
      HttpMethod: POST
      InvocationEndpoint: URL
      InvocationRateLimitPerSecond: RATE
  Rule:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [shop]}
      Targets:
        - Id: partner
          Arn: !GetAtt Destination.Arn
          RoleArn: arn:aws:iam::000000000000:role/events
Outputs:
  Connection: {Value: !Ref Connection}
  Destination: {Value: !Ref Destination}
  Arn: {Value: !GetAtt Destination.Arn}
  ForPolicy: {Value: !GetAtt Destination.ArnForPolicy}
"""

CONNECTION = """
Resources:
  Connection:
    Type: AWS::Events::Connection
    Properties:
      Name: partner
      AuthorizationType: BASIC
      AuthParameters:
        BasicAuthParameters: {Username: USER, Password: word}
        MORE
Outputs:
  Secret: {Value: !GetAtt Connection.SecretArn}
"""

ARCHIVE = """
Resources:
  Bus: {Type: AWS::Events::EventBus, Properties: {Name: shop}}
  Archive:
    Type: AWS::Events::Archive
    Properties:
      SourceArn: !GetAtt Bus.Arn
      SETTINGS
Outputs:
  Name: {Value: !Ref Archive}
  Arn: {Value: !GetAtt Archive.Arn}
"""

ENDPOINT = """
Resources:
  Endpoint:
    Type: AWS::Events::Endpoint
    Properties:
      Name: shop
      RoutingConfig:
        FailoverConfig:
          Primary: {HealthCheck: "arn:aws:route53:::healthcheck/0123"}
          Secondary: {Route: us-west-2}
      ReplicationConfig: {State: DISABLED}
      EventBuses:
        - EventBusArn: !Sub arn:aws:events:us-east-1:${AWS::AccountId}:event-bus/shop
        - EventBusArn: !Sub arn:aws:events:us-west-2:${AWS::AccountId}:event-bus/shop
Outputs:
  Url: {Value: !GetAtt Endpoint.EndpointUrl}
"""


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as site:
        yield site


@pytest.fixture
def deploy(fogline: Account) -> Callable[[str], dict[str, str]]:
    """Create or update the stack `shop`; its outputs."""
    cloudformation = fogline.client("cloudformation")
    made: list[str] = []

    def deploy(template: str) -> dict[str, str]:
        act = cloudformation.update_stack if made else cloudformation.create_stack
        made.append("shop")
        act(StackName="shop", TemplateBody=template)
        fogline.platform.settle()
        stack = cloudformation.describe_stacks(StackName="shop")["Stacks"][0]
        assert stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), stack
        return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}

    return deploy


def delete(fogline: Account) -> None:
    fogline.client("cloudformation").delete_stack(StackName="shop")
    fogline.platform.settle()


def test_a_stack_brings_events_to_a_partner(
    fogline: Account, site: Site, deploy: Callable[[str], dict[str, str]]
) -> None:
    template = PARTNER.replace("URL", site.url)
    outputs = deploy(template.replace("RATE", "10"))
    assert outputs["Arn"].startswith(outputs["ForPolicy"] + "/")
    assert outputs["ForPolicy"].endswith(f"api-destination/{outputs['Destination']}")
    events = fogline.client("events")
    events.put_events(Entries=[{"Source": "shop", "DetailType": "d", "Detail": '{"n": 1}'}])
    fogline.platform.settle()
    assert json.loads(site.bodies[0])["detail"] == {"n": 1}
    assert site.asked[0].headers["x-key"] == "word"
    deploy(template.replace("RATE", "20"))
    found = events.describe_api_destination(Name=outputs["Destination"])
    assert found["InvocationRateLimitPerSecond"] == 20
    delete(fogline)
    assert events.list_connections()["Connections"] == []
    assert events.list_api_destinations()["ApiDestinations"] == []


def test_a_stack_changes_how_a_connection_authorizes(
    fogline: Account, deploy: Callable[[str], dict[str, str]]
) -> None:
    events = fogline.client("events")
    more = "InvocationHttpParameters: {HeaderParameters: [{Key: X-A, Value: b, IsValueSecret: 'false'}]}"
    outputs = deploy(CONNECTION.replace("USER", "one").replace("MORE", more))
    found = events.describe_connection(Name="partner")
    assert found["SecretArn"] == outputs["Secret"]
    assert found["AuthParameters"]["InvocationHttpParameters"]["HeaderParameters"] == [
        {"Key": "X-A", "Value": "b", "IsValueSecret": False}
    ]
    deploy(CONNECTION.replace("USER", "two").replace("MORE", ""))
    assert events.describe_connection(Name="partner")["AuthParameters"] == {
        "BasicAuthParameters": {"Username": "two"},
        "InvocationHttpParameters": {},
    }


def test_a_stack_keeps_an_archive(
    fogline: Account, deploy: Callable[[str], dict[str, str]]
) -> None:
    events: Any = fogline.client("events")
    settings = "{RetentionDays: 3, Description: d, EventPattern: {source: [shop]}}"
    with_settings = ARCHIVE.replace("SETTINGS", settings[1:-1].replace(", ", "\n      "))
    outputs = deploy(with_settings)
    found = events.describe_archive(ArchiveName=outputs["Name"])
    assert found["ArchiveArn"] == outputs["Arn"]
    assert (found["RetentionDays"], found["Description"]) == (3, "d")
    assert json.loads(found["EventPattern"]) == {"source": ["shop"]}
    deploy(ARCHIVE.replace("SETTINGS", ""))
    found = events.describe_archive(ArchiveName=outputs["Name"])
    assert found["RetentionDays"] == 0
    assert "Description" not in found
    entry = {"EventBusName": "shop", "Source": "any", "DetailType": "d", "Detail": "{}"}
    events.put_events(Entries=[entry])
    assert events.describe_archive(ArchiveName=outputs["Name"])["EventCount"] == 1
    delete(fogline)
    assert events.list_archives()["Archives"] == []


def test_a_stack_keeps_an_endpoint(
    fogline: Account, deploy: Callable[[str], dict[str, str]]
) -> None:
    events = fogline.client("events")
    outputs = deploy(ENDPOINT)
    assert events.describe_endpoint(Name="shop")["EndpointUrl"] == outputs["Url"]
    delete(fogline)
    assert events.list_endpoints()["Endpoints"] == []
