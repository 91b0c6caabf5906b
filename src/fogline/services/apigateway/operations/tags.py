"""Tags, by the ARNs of what has them."""

from __future__ import annotations

from collections.abc import Callable

from fogline.apis.parts import inside, thawed
from fogline.apis.tags import TAGGED_ARN, Tagged
from fogline.aws.call import Call
from fogline.services.apigateway.errors import BadRequestException, NotFoundException
from fogline.services.apigateway.lookup import Request, Result, lock_api
from fogline.services.apigateway.service import ApiGateway
from fogline.services.apigateway.tables import Tables
from fogline.services.apigateway.tag_rules import check_count, read_tags
from fogline.store.documents import Documents
from fogline.store.store import Tx

_HOLDERS: dict[str, Callable[[Tables], Documents]] = {
    "apikeys": lambda tables: tables.api_keys,
    "clientcertificates": lambda tables: tables.client_certificates,
    "domainnames": lambda tables: tables.domain_names,
    "usageplans": lambda tables: tables.usage_plans,
    "vpclinks": lambda tables: tables.vpc_links,
    "restapis": lambda tables: tables.apis,
}


def _tagged(gateway: ApiGateway, tx: Tx, call: Call, arn: str) -> Tagged:
    found = TAGGED_ARN.fullmatch(arn)
    if found is None or found[2] not in _HOLDERS or found[1] != call.region:
        raise BadRequestException("Invalid ARN specified in the request")
    _, kind, name, stage = found.groups()
    if kind == "restapis":
        lock_api(tx, call, name)
    documents = gateway.tables.stages if stage else _HOLDERS[kind](gateway.tables)
    key = inside(name, stage) if stage else name
    document = documents.find(tx, call.account, call.region, key)
    if document is None:
        raise NotFoundException("Invalid Resource identifier specified")
    # The tags of an API are where all that GetRestApi shows is.
    is_api = kind == "restapis" and not stage
    return Tagged(documents, key, thawed(document), "restApi" if is_api else "")


def get_tags(gateway: ApiGateway, call: Call, request: Request) -> Result:
    with gateway.store.read() as tx:
        tags = _tagged(gateway, tx, call, request["resourceArn"]).tags
    # The answer has no place for a position: all of them are told at once.
    return {"tags": tags}


def tag_resource(gateway: ApiGateway, call: Call, request: Request) -> Result:
    added = read_tags(request["tags"], call, gateway.limits)
    with gateway.store.write() as tx:
        tagged = _tagged(gateway, tx, call, request["resourceArn"])
        tags = {**tagged.tags, **added}
        check_count(tags, gateway.limits)
        tagged.save(tx, call, tags)
    return {}


def untag_resource(gateway: ApiGateway, call: Call, request: Request) -> Result:
    gone = set(request["tagKeys"])
    with gateway.store.write() as tx:
        _tagged(gateway, tx, call, request["resourceArn"]).remove(tx, call, gone)
    return {}
