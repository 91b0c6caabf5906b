"""Custom domain names, under which API mappings put the stages of APIs."""

from __future__ import annotations

from fogline.apis.domains import lock_domain
from fogline.aws.call import Call
from fogline.ports.addresses import ADDRESSES_TOPIC
from fogline.services.apigatewayv2.domain_names import (
    change_domain,
    is_shown,
    new_domain,
    shown_domain,
)
from fogline.services.apigatewayv2.errors import (
    BadRequestException,
    NotFoundException,
    TooManyRequestsException,
)
from fogline.services.apigatewayv2.lookup import Request, Result
from fogline.services.apigatewayv2.pages import page_of
from fogline.services.apigatewayv2.service import ApiGatewayV2
from fogline.services.apigatewayv2.tables import remove_parts, thawed
from fogline.services.apigatewayv2.tag_rules import read_tags
from fogline.store.documents import Document
from fogline.store.store import Tx


def create_domain_name(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    documents = gateway.tables.domains.names
    domain = new_domain(gateway.ids, call, request)
    name = domain["domainName"]
    tags = read_tags(request.get("Tags"), call, gateway.limits)
    if tags:
        domain["tags"] = tags
    with gateway.store.write() as tx:
        lock_domain(tx, call, name)
        if documents.find(tx, call.account, call.region, name) is not None:
            raise BadRequestException("The domain name you provided already exists.")
        if documents.count(tx, call.account, call.region) >= gateway.limits.domain_names_max:
            raise TooManyRequestsException(kind="Domain Names", scope="account")
        documents.save(tx, call.account, call.region, name, domain)
        tx.stir(ADDRESSES_TOPIC)
    return shown_domain(call, domain)


def get_domain_name(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    with gateway.store.read() as tx:
        return shown_domain(call, require_domain(gateway, tx, call, request["DomainName"]))


def get_domain_names(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    with gateway.store.read() as tx:
        found = gateway.tables.domains.names.page(tx, call.account, call.region)
    shown = {name: domain for name, domain in found if is_shown(domain)}
    return page_of(shown, request, gateway.limits, lambda domain: shown_domain(call, domain))


def update_domain_name(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    name, documents = request["DomainName"], gateway.tables.domains.names
    with gateway.store.write() as tx:
        lock_domain(tx, call, name)
        domain = thawed(require_domain(gateway, tx, call, name))
        change_domain(domain, request)
        documents.save(tx, call.account, call.region, name, domain)
    return shown_domain(call, domain)


def delete_domain_name(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    name, domains = request["DomainName"], gateway.tables.domains
    with gateway.store.write() as tx:
        lock_domain(tx, call, name)
        require_domain(gateway, tx, call, name)
        for documents in (domains.mappings, domains.rules):
            remove_parts(documents, tx, call, name)
        domains.names.remove(tx, call.account, call.region, name)
        tx.stir(ADDRESSES_TOPIC)
    return {}


def require_domain(gateway: ApiGatewayV2, tx: Tx, call: Call, name: str) -> Document:
    """Raises NotFoundException."""
    found = gateway.tables.domains.names.find(tx, call.account, call.region, name)
    if found is None or not is_shown(found):
        raise NotFoundException("Invalid domain name identifier specified")
    return found
