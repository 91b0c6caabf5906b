"""`AWS::ApiGateway::DomainNameV2` and `BasePathMappingV2`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account

Deploy = Callable[..., dict[str, str]]

NAME = "private.example.com"
RESOURCES: dict[str, Any] = {
    "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "shop"}},
    "Domain": {
        "Type": "AWS::ApiGateway::DomainNameV2",
        "Properties": {
            "DomainName": NAME,
            "EndpointConfiguration": {"Types": ["PRIVATE"]},
            "CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/c",
            "SecurityPolicy": "TLS_1_2",
            "Policy": {"Version": "2012-10-17", "Statement": []},
            "Tags": [{"Key": "team", "Value": "pets"}],
        },
    },
    "Mapping": {
        "Type": "AWS::ApiGateway::BasePathMappingV2",
        "Properties": {
            "BasePath": "pets",
            "DomainNameArn": {"Fn::GetAtt": ["Domain", "DomainNameArn"]},
            "RestApiId": {"Ref": "Api"},
        },
    },
}
OUTPUTS = {
    "Domain": {"Value": {"Ref": "Domain"}},
    "Id": {"Value": {"Fn::GetAtt": ["Domain", "DomainNameId"]}},
    "Mapping": {"Value": {"Ref": "Mapping"}},
}


@pytest.fixture
def deploy(fogline: Account, fogline_platform: LocalPlatform) -> Deploy:
    cloudformation = fogline.client("cloudformation")

    def deploy(resources: Any, *, update: bool = False) -> dict[str, str]:
        change = cloudformation.update_stack if update else cloudformation.create_stack
        template = {"Resources": resources, "Outputs": OUTPUTS}
        change(StackName="shop", TemplateBody=json.dumps(template))
        fogline_platform.settle()
        stack = cloudformation.describe_stacks(StackName="shop")["Stacks"][0]
        outputs = {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", ())}
        return {"Status": stack["StackStatus"], **outputs}

    return deploy


def test_a_private_name_is_known_by_its_arn(deploy: Deploy, gateway: Any) -> None:
    made = deploy(RESOURCES)
    domain = gateway.get_domain_name(domainName=NAME, domainNameId=made["Id"])
    assert made["Domain"] == domain["domainNameArn"]
    assert made["Domain"].endswith(f"/domainnames/{NAME}+{made['Id']}")
    assert made["Mapping"] == f"{made['Domain']}/basepathmappings/pets"
    assert domain["tags"]["team"] == "pets"
    assert json.loads(domain["policy"])["Statement"] == []
    assert gateway.get_base_path_mapping(domainName=NAME, basePath="pets")["restApiId"]


def test_a_private_name_and_its_mapping_change_in_place_and_go(
    deploy: Deploy, gateway: Any, fogline: Account, fogline_platform: LocalPlatform
) -> None:
    before = deploy(RESOURCES)
    resources = json.loads(json.dumps(RESOURCES))
    resources["Domain"]["Properties"]["Policy"] = {"Version": "2008-10-17", "Statement": []}
    resources["Other"] = resources["Api"]
    resources["Mapping"]["Properties"]["RestApiId"] = {"Ref": "Other"}
    after = deploy(resources, update=True)
    assert after == {**before, "Status": "UPDATE_COMPLETE"}
    domain = gateway.get_domain_name(domainName=NAME, domainNameId=after["Id"])
    assert json.loads(domain["policy"])["Version"] == "2008-10-17"
    fogline.client("cloudformation").delete_stack(StackName="shop")
    fogline_platform.settle()
    assert gateway.get_domain_names()["items"] == []


def test_names_that_are_not_private_are_refused(deploy: Deploy, gateway: Any) -> None:
    resources = json.loads(json.dumps(RESOURCES))
    resources["Domain"]["Properties"]["EndpointConfiguration"] = {"Types": ["REGIONAL"]}
    assert deploy(resources)["Status"] == "ROLLBACK_COMPLETE"
    assert gateway.get_domain_names()["items"] == []
