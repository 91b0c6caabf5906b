"""Tags, by the ARNs of what has them."""

from __future__ import annotations

from collections.abc import Callable

from fogline.apis.domains import lock_domain
from fogline.apis.tags import TAGGED_ARN, Tagged
from fogline.aws.call import Call
from fogline.services.apigatewayv2.errors import BadRequestException, NotFoundException
from fogline.services.apigatewayv2.lookup import Request, Result, lock_api, lock_vpc_links
from fogline.services.apigatewayv2.service import ApiGatewayV2
from fogline.services.apigatewayv2.tables import Tables, inside, thawed
from fogline.services.apigatewayv2.tag_rules import check_count, read_tags
from fogline.store.documents import Documents
from fogline.store.store import Tx

_HOLDERS: dict[str, Callable[[Tables], Documents]] = {
    "apis": lambda tables: tables.apis,
    "domainnames": lambda tables: tables.domains.names,
    "vpclinks": lambda tables: tables.vpc_links,
}


def _tagged(gateway: ApiGatewayV2, tx: Tx, call: Call, arn: str) -> Tagged:
    found = TAGGED_ARN.fullmatch(arn)
    if found is None or found[2] not in _HOLDERS or found[1] != call.region:
        raise BadRequestException("Invalid ARN specified in the request")
    _, kind, name, stage = found.groups()
    if stage and kind != "apis":
        raise BadRequestException("Invalid ARN specified in the request")
    _lock(tx, call, kind, name)
    documents = gateway.tables.stages if stage else _HOLDERS[kind](gateway.tables)
    key = inside(name, stage) if stage else name
    document = documents.find(tx, call.account, call.region, key)
    if document is None:
        raise NotFoundException(kind="Resource")
    # The tags of an API are where all that GetApi shows is; domain names are spelled as REST APIs spell them.
    is_api = kind == "apis" and not stage
    member = "tags" if kind == "domainnames" else "Tags"
    return Tagged(documents, key, thawed(document), "api" if is_api else "", member)


def _lock(tx: Tx, call: Call, kind: str, name: str) -> None:
    if kind == "vpclinks":
        lock_vpc_links(tx, call)
    elif kind == "domainnames":
        lock_domain(tx, call, name)
    else:
        lock_api(tx, call, name)


def get_tags(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    with gateway.store.read() as tx:
        return {"Tags": _tagged(gateway, tx, call, request["ResourceArn"]).tags}


def tag_resource(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    added = read_tags(request.get("Tags"), call, gateway.limits)
    with gateway.store.write() as tx:
        tagged = _tagged(gateway, tx, call, request["ResourceArn"])
        tags = {**tagged.tags, **added}
        check_count(tags, gateway.limits)
        tagged.save(tx, call, tags)
    return {}


def untag_resource(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    gone = set(request["TagKeys"])
    with gateway.store.write() as tx:
        _tagged(gateway, tx, call, request["ResourceArn"]).remove(tx, call, gone)
    return {}
