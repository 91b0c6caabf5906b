"""Domains of APIs of SAM, with records that lead to them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.services.apigateway.serverless.conftest import Call, Deploy, event, function, serverless

from fogline.testing.plugin import Account

CERTIFICATE = "arn:aws:acm:us-east-1:000000000000:certificate/c"


def domain(name: str, **more: Any) -> dict[str, Any]:
    return {"DomainName": name, "CertificateArn": CERTIFICATE, **more}


@pytest.mark.parametrize("endpoint", ["REGIONAL", "EDGE"])
def test_a_record_leads_to_a_rest_api(
    deploy: Deploy, call: Call, fogline: Account, endpoint: str
) -> None:
    name = f"r{fogline.id}.example.com"
    zone = {"HostedZoneId": "Z1", "IpV6": True}
    about = domain(name, EndpointConfiguration=endpoint, Route53=zone)
    deploy(
        {
            "Shop": serverless("Api", StageName="prod", Domain=about),
            "List": function(Events={"It": event("/pets", RestApiId={"Ref": "Shop"})}),
        }
    )
    assert call("/pets", api=name).status == 200


def test_a_record_leads_to_an_http_api(deploy: Deploy, call: Call, fogline: Account) -> None:
    name = f"r{fogline.id}.example.com"
    about = domain(name, Route53={"HostedZoneName": "example.com."})
    events = {"It": {"Type": "HttpApi", "Properties": {"ApiId": {"Ref": "Shop"}}}}
    deploy(
        {
            "Shop": serverless("HttpApi", Domain=about),
            "List": function(Events=events),
        }
    )
    assert call("/pets", api=name).status == 200


def test_a_private_name_leads_to_an_endpoint(deploy: Deploy, call: Call, fogline: Account) -> None:
    name = f"p{fogline.id}.example.com"
    zone = {
        "HostedZoneId": "Z1",
        "VpcEndpointDomainName": "vpce-1.execute-api.us-east-1.vpce.amazonaws.com",
        "VpcEndpointHostedZoneId": "Z2",
    }
    about = domain(name, EndpointConfiguration="PRIVATE", Route53=zone)
    deploy(
        {
            "Shop": serverless("Api", StageName="prod", Domain=about),
            "List": function(Events={"It": event("/pets", RestApiId={"Ref": "Shop"})}),
        }
    )
    assert call("/pets", api=name).status == 200


@pytest.mark.parametrize(
    "record",
    [
        {"Type": "A", "ResourceRecords": ["10.0.0.1"]},
        {"Type": "CNAME", "ResourceRecords": ["elsewhere.example.com"]},
        {"Type": "A"},
        {"Type": "TXT", "ResourceRecords": ["vpce-1.execute-api.us-east-1.vpce.amazonaws.com"]},
        {"Type": "A", "AliasTarget": "x"},
    ],
)
def test_other_records_are_refused(fogline: Account, record: dict[str, Any]) -> None:
    cloudformation = fogline.client("cloudformation")
    properties = {"HostedZoneId": "Z1", "Name": "www.example.com.", **record}
    resources = {"Record": {"Type": "AWS::Route53::RecordSet", "Properties": properties}}
    cloudformation.create_stack(StackName="shop", TemplateBody=json.dumps({"Resources": resources}))
    fogline.platform.settle()
    events = cloudformation.describe_stack_events(StackName="shop")["StackEvents"]
    reasons = [each.get("ResourceStatusReason", "") for each in events]
    assert any("Fogline keeps no DNS records" in reason for reason in reasons)
