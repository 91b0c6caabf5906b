"""Custom domain names, under which base path mappings put the stages of APIs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fogline.apis.domain_targets import edge_target, regional_target
from fogline.apis.parts import remove_parts
from fogline.aws.call import Call
from fogline.aws.members import given
from fogline.ports.addresses import ADDRESSES_TOPIC
from fogline.services.apigateway.api_settings import whole_endpoint
from fogline.services.apigateway.errors import (
    BadRequestException,
    NotFoundException,
)
from fogline.services.apigateway.holdings import (
    changed_held,
    check_room,
    lock_held,
    page_of_held,
    read_held,
    require_held,
)
from fogline.services.apigateway.lookup import Request, Result
from fogline.services.apigateway.patching import (
    ADD_REMOVE,
    ALL,
    REPLACE_REMOVE,
    Form,
    Patches,
    Path,
)
from fogline.services.apigateway.service import ApiGateway
from fogline.services.apigateway.tag_rules import read_tags

_NAME = re.compile(r"(\*\.)?([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z0-9-]{2,63}")
_MEMBERS = (
    "certificateName",
    "certificateArn",
    "regionalCertificateName",
    "regionalCertificateArn",
    "securityPolicy",
    "endpointAccessMode",
    "ownershipVerificationCertificateArn",
    "mutualTlsAuthentication",
    "policy",
    "routingMode",
)
_PATCHES = Patches(
    (
        *(
            Path(f"/{name}", REPLACE_REMOVE)
            for name in _MEMBERS
            if name != "mutualTlsAuthentication"
        ),
        Path("/endpointConfiguration/types", ADD_REMOVE, form=Form.LISTED),
        Path("/endpointConfiguration/types/{type}", ALL, form=Form.ELEMENT),
        Path("/endpointConfiguration/ipAddressType"),
        Path("/mutualTlsAuthentication/truststoreUri", REPLACE_REMOVE),
        Path("/mutualTlsAuthentication/truststoreVersion", REPLACE_REMOVE),
        Path("/mutualTlsAuthentication", frozenset(("remove",))),
    )
)


def create_domain_name(gateway: ApiGateway, call: Call, request: Request) -> Result:
    name = request["domainName"].lower()  # asked for in capitals, it isn't found: as on AWS
    if _NAME.fullmatch(name) is None:
        raise BadRequestException(f"Invalid domain name specified: {name[:253]}")
    domain = given(
        {
            "domainName": name,
            **{member: request.get(member) for member in _MEMBERS},
            "endpointConfiguration": whole_endpoint(request.get("endpointConfiguration")),
            "tags": read_tags(request.get("tags"), call, gateway.limits) or None,
            "token": gateway.ids.lowers(10),
            "createdDate": call.now,
        }
    )
    domain.setdefault("securityPolicy", "TLS_1_2")
    domain.setdefault("routingMode", "BASE_PATH_MAPPING_ONLY")
    if domain["endpointConfiguration"]["types"] == ["PRIVATE"]:
        domain["domainNameId"] = gateway.ids.lowers(10)
    documents = gateway.tables.domain_names
    with gateway.store.write() as tx:
        lock_held(tx, call, name)
        if documents.find(tx, call.account, call.region, name) is not None:
            raise BadRequestException("The domain name you provided already exists.")
        check_room(documents, tx, call, gateway.limits.domain_names_max, "domain names")
        documents.save(tx, call.account, call.region, name, domain)
        tx.stir(ADDRESSES_TOPIC)
    return shown_domain(call, domain)


def get_domain_name(gateway: ApiGateway, call: Call, request: Request) -> Result:
    documents, name = gateway.tables.domain_names, request["domainName"]
    return shown_domain(call, read_held(gateway, documents, call, name, no_domain()))


def get_domain_names(gateway: ApiGateway, call: Call, request: Request) -> Result:
    if request.get("resourceOwner") == "OTHER_ACCOUNTS":
        return {"items": []}  # nobody shares any
    return page_of_held(
        gateway,
        gateway.tables.domain_names,
        call,
        request,
        lambda domain: shown_domain(call, domain),
    )


def update_domain_name(gateway: ApiGateway, call: Call, request: Request) -> Result:
    documents, name = gateway.tables.domain_names, request["domainName"]
    with changed_held(gateway, documents, call, name, no_domain()) as (_, domain):
        _PATCHES.apply(domain, request.get("patchOperations"))
        if not domain["endpointConfiguration"]["types"]:
            raise BadRequestException("A domain name must have an endpoint type")
        if not domain.get("mutualTlsAuthentication"):
            domain.pop("mutualTlsAuthentication", None)
    return shown_domain(call, domain)


def delete_domain_name(gateway: ApiGateway, call: Call, request: Request) -> Result:
    tables, name = gateway.tables, request["domainName"]
    with gateway.store.write() as tx:
        lock_held(tx, call, name)
        require_held(tables.domain_names, tx, call, name, no_domain())
        for documents in (tables.mappings, tables.domains.rules):
            remove_parts(documents, tx, call, name)
        tables.domain_names.remove(tx, call.account, call.region, name)
        tx.stir(ADDRESSES_TOPIC)
    return {}


def no_domain() -> NotFoundException:
    return NotFoundException("Invalid domain name identifier specified")


def shown_domain(call: Call, domain: Mapping[str, Any]) -> dict[str, Any]:
    token, region = domain["token"], call.region
    shown = {name: value for name, value in domain.items() if name not in ("token", "createdDate")}
    shown["domainNameStatus"] = "AVAILABLE"
    shown["domainNameArn"] = (
        f"arn:aws:apigateway:{region}:{call.account}:/domainnames/{domain['domainName']}"
    )
    if "domainNameId" in domain:
        shown["domainNameArn"] += f"+{domain['domainNameId']}"
    types = domain["endpointConfiguration"]["types"]
    if "EDGE" in types:
        target = edge_target(token)
        shown["distributionDomainName"] = target.name
        shown["distributionHostedZoneId"] = target.zone
        shown["certificateUploadDate"] = domain["createdDate"]
    if "REGIONAL" in types:
        target = regional_target(token, region)
        shown["regionalDomainName"] = target.name
        shown["regionalHostedZoneId"] = target.zone
    return shown
