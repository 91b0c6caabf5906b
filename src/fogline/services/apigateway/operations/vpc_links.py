"""VPC links: kept, though there is no private network that they could lead into."""

from __future__ import annotations

from fogline.aws.call import Call
from fogline.aws.members import given
from fogline.services.apigateway.errors import BadRequestException, NotFoundException
from fogline.services.apigateway.holdings import (
    changed_held,
    check_room,
    lock_held,
    page_of_held,
    read_held,
    require_held,
)
from fogline.services.apigateway.lookup import Request, Result
from fogline.services.apigateway.patching import Patches, Path
from fogline.services.apigateway.service import ApiGateway
from fogline.services.apigateway.tag_rules import read_tags

_PATCHES = Patches((Path("/name"), Path("/description")))


def create_vpc_link(gateway: ApiGateway, call: Call, request: Request) -> Result:
    if not request["targetArns"]:
        raise BadRequestException("Target ARNs are required for VPC links")
    link = given(
        {
            "id": gateway.ids.lowers(6),
            "name": request["name"],
            "description": request.get("description"),
            "targetArns": request["targetArns"],
            "status": "AVAILABLE",
            "statusMessage": "Your vpc link is ready for use",
            "tags": read_tags(request.get("tags"), call, gateway.limits) or None,
        }
    )
    documents = gateway.tables.vpc_links
    with gateway.store.write() as tx:
        tx.lock(f"apigateway-vpc-links:{call.account}:{call.region}")
        check_room(documents, tx, call, gateway.limits.vpc_links_max, "VPC links")
        documents.save(tx, call.account, call.region, link["id"], link)
    # What is asked for is on its way; whoever looks again finds it there.
    return {**link, "status": "PENDING", "statusMessage": None}


def get_vpc_link(gateway: ApiGateway, call: Call, request: Request) -> Result:
    return read_held(gateway, gateway.tables.vpc_links, call, request["vpcLinkId"], _missing())


def get_vpc_links(gateway: ApiGateway, call: Call, request: Request) -> Result:
    return page_of_held(gateway, gateway.tables.vpc_links, call, request)


def update_vpc_link(gateway: ApiGateway, call: Call, request: Request) -> Result:
    documents, id = gateway.tables.vpc_links, request["vpcLinkId"]
    with changed_held(gateway, documents, call, id, _missing()) as (_, link):
        _PATCHES.apply(link, request.get("patchOperations"))
    return link


def delete_vpc_link(gateway: ApiGateway, call: Call, request: Request) -> Result:
    documents, id = gateway.tables.vpc_links, request["vpcLinkId"]
    with gateway.store.write() as tx:
        lock_held(tx, call, id)
        require_held(documents, tx, call, id, _missing())
        documents.remove(tx, call.account, call.region, id)
    return {}


def _missing() -> NotFoundException:
    return NotFoundException(kind="Vpc Link")
