"""VPC links, which are kept."""

from __future__ import annotations

from typing import Any

from tests.services.apigatewayv2.conftest import Refusal


def test_a_link_is_kept(gateway: Any, refusal: Refusal) -> None:
    made = gateway.create_vpc_link(
        Name="link", SubnetIds=["subnet-1"], SecurityGroupIds=["sg-1"], Tags={"a": "b"}
    )
    assert (made["VpcLinkStatus"], made["VpcLinkVersion"]) == ("PENDING", "V2")
    id = made["VpcLinkId"]
    shown = gateway.get_vpc_link(VpcLinkId=id)
    del shown["ResponseMetadata"]
    assert shown["VpcLinkStatus"] == "AVAILABLE"
    assert (shown["SubnetIds"], shown["SecurityGroupIds"]) == (["subnet-1"], ["sg-1"])
    assert gateway.get_vpc_links()["Items"] == [shown]
    assert gateway.update_vpc_link(VpcLinkId=id, Name="other")["Name"] == "other"
    gateway.delete_vpc_link(VpcLinkId=id)
    assert refusal(gateway.get_vpc_link, VpcLinkId=id) == (
        "NotFoundException",
        "Invalid Vpc Link identifier specified",
    )


def test_a_link_has_ten_subnets(gateway: Any, refusal: Refusal) -> None:
    ten = [f"subnet-{number}" for number in range(10)]
    assert gateway.create_vpc_link(Name="link", SubnetIds=ten)["SubnetIds"] == ten
    refused = refusal(gateway.create_vpc_link, Name="link", SubnetIds=[*ten, "more"])
    assert refused.message == "A VPC link can have at most 10 subnets"


def test_links_are_bounded(gateway: Any, refusal: Refusal) -> None:
    for number in range(10):
        gateway.create_vpc_link(Name=f"l{number}", SubnetIds=["s"])
    refused = refusal(gateway.create_vpc_link, Name="more", SubnetIds=["s"])
    assert refused.code == "TooManyRequestsException"
    refused = refusal(gateway.create_vpc_link, Name="none", SubnetIds=[])
    assert refused.message == "At least one subnet is required for VPC links"
