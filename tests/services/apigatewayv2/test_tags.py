"""Tags, by the ARNs of what has them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.services.apigatewayv2.conftest import ApiOfTests, Refusal

_FRONT = "arn:aws:apigateway:us-east-1::"


@pytest.fixture(params=["api", "stage", "domain", "link"])
def arn(request: pytest.FixtureRequest, gateway: Any, api: ApiOfTests) -> str:
    """Something that has tags."""
    if request.param == "api":
        return f"{_FRONT}/apis/{api.id}"
    if request.param == "stage":
        api.create_stage(StageName="$default")
        return f"{_FRONT}/apis/{api.id}/stages/$default"
    if request.param == "domain":
        gateway.create_domain_name(
            DomainName="a.example.com", DomainNameConfigurations=[{"EndpointType": "REGIONAL"}]
        )
        return f"{_FRONT}/domainnames/a.example.com"
    id = gateway.create_vpc_link(Name="link", SubnetIds=["s"])["VpcLinkId"]
    return f"{_FRONT}/vpclinks/{id}"


def test_tags_come_and_go(gateway: Any, arn: str) -> None:
    gateway.tag_resource(ResourceArn=arn, Tags={"a": "1", "b": "2"})
    gateway.tag_resource(ResourceArn=arn, Tags={"b": "3"})
    assert gateway.get_tags(ResourceArn=arn)["Tags"] == {"a": "1", "b": "3"}
    gateway.untag_resource(ResourceArn=arn, TagKeys=["a", "c"])
    assert gateway.get_tags(ResourceArn=arn)["Tags"] == {"b": "3"}


def test_tags_show_on_what_has_them(gateway: Any, api: ApiOfTests) -> None:
    gateway.tag_resource(ResourceArn=f"{_FRONT}/apis/{api.id}", Tags={"a": "1"})
    assert api.get_api()["Tags"] == {"a": "1"}


@pytest.mark.parametrize(
    ("resource", "code"),
    [
        ("/apis/nope", "NotFoundException"),
        ("/restapis/nope", "BadRequestException"),
        ("/vpclinks/a/stages/b", "BadRequestException"),
        ("nope", "BadRequestException"),
    ],
)
def test_other_things_have_no_tags(
    gateway: Any, refusal: Refusal, resource: str, code: str
) -> None:
    assert refusal(gateway.get_tags, ResourceArn=_FRONT + resource).code == code


def test_tags_are_held_to_their_rules(gateway: Any, api: ApiOfTests, refusal: Refusal) -> None:
    arn = f"{_FRONT}/apis/{api.id}"
    gateway.tag_resource(ResourceArn=arn, Tags={f"k{n}": "v" for n in range(50)})
    refused = refusal(gateway.tag_resource, ResourceArn=arn, Tags={"more": "v"})
    assert refused.code == "TooManyRequestsException"
    refused = refusal(gateway.tag_resource, ResourceArn=arn, Tags={"aws:a": "v"})
    assert "aws: prefixed tag key names are not allowed" in refused.message
    refused = refusal(gateway.tag_resource, ResourceArn=arn, Tags={"k0": "v" * 257})
    assert refused.message == "Invalid tag key or value specified: k0"
