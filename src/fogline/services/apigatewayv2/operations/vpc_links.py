"""VPC links: kept, though there is no private network that they could lead into."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.call import Call
from fogline.services.apigatewayv2.errors import (
    BadRequestException,
    NotFoundException,
    TooManyRequestsException,
)
from fogline.services.apigatewayv2.lookup import Request, Result, lock_vpc_links
from fogline.services.apigatewayv2.pages import page_of_documents
from fogline.services.apigatewayv2.service import ApiGatewayV2
from fogline.services.apigatewayv2.tag_rules import read_tags
from fogline.store.documents import Document
from fogline.store.store import Tx


def create_vpc_link(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    _check_name(request["Name"])
    if not request["SubnetIds"]:
        raise BadRequestException("At least one subnet is required for VPC links")
    if len(request["SubnetIds"]) > gateway.limits.subnets_max:
        most = gateway.limits.subnets_max
        raise BadRequestException(f"A VPC link can have at most {most} subnets")
    link: dict[str, Any] = {
        "CreatedDate": call.now,
        "Name": request["Name"],
        "SecurityGroupIds": list(request.get("SecurityGroupIds") or ()),
        "SubnetIds": list(request["SubnetIds"]),
        "Tags": read_tags(request.get("Tags"), call, gateway.limits),
        "VpcLinkId": gateway.ids.lowers(6),
        "VpcLinkVersion": "V2",
    }
    documents = gateway.tables.vpc_links
    with gateway.store.write() as tx:
        lock_vpc_links(tx, call)
        if documents.count(tx, call.account, call.region) >= gateway.limits.vpc_links_max:
            raise TooManyRequestsException(kind="VPC Links", scope="account")
        documents.save(tx, call.account, call.region, link["VpcLinkId"], link)
    # What is asked for is on its way; whoever looks again finds it there.
    return _shown(link, "PENDING", "VPC link is provisioning ENIs")


def get_vpc_link(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    with gateway.store.read() as tx:
        return _shown(_require(gateway, tx, call, request["VpcLinkId"]))


def get_vpc_links(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    documents = gateway.tables.vpc_links
    with gateway.store.read() as tx:
        return page_of_documents(documents, tx, call, request, gateway.limits, _shown)


def update_vpc_link(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    documents, id = gateway.tables.vpc_links, request["VpcLinkId"]
    with gateway.store.write() as tx:
        lock_vpc_links(tx, call)
        link = dict(_require(gateway, tx, call, id))
        if request.get("Name") is not None:
            _check_name(request["Name"])
            link["Name"] = request["Name"]
        documents.save(tx, call.account, call.region, id, link)
    return _shown(link)


def delete_vpc_link(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    documents, id = gateway.tables.vpc_links, request["VpcLinkId"]
    with gateway.store.write() as tx:
        lock_vpc_links(tx, call)
        _require(gateway, tx, call, id)
        documents.remove(tx, call.account, call.region, id)
    return {}


def _require(gateway: ApiGatewayV2, tx: Tx, call: Call, id: str) -> Document:
    found = gateway.tables.vpc_links.find(tx, call.account, call.region, id)
    if found is None:
        raise NotFoundException(kind="Vpc Link")
    return found


def _check_name(name: str) -> None:
    if not 1 <= len(name) <= 128:
        raise BadRequestException("VPC link name must have between 1 and 128 characters")


def _shown(
    link: Mapping[str, Any],
    status: str = "AVAILABLE",
    message: str = "VPC link is ready to route traffic",
) -> dict[str, Any]:
    return {**link, "VpcLinkStatus": status, "VpcLinkStatusMessage": message}
