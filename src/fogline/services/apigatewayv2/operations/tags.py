"""Tags, by the ARNs of what has them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from fogline.apis.domains import lock_domain
from fogline.aws.call import Call
from fogline.services.apigatewayv2.errors import BadRequestException, NotFoundException
from fogline.services.apigatewayv2.lookup import Request, Result, lock_api, lock_vpc_links
from fogline.services.apigatewayv2.service import ApiGatewayV2
from fogline.services.apigatewayv2.tables import Tables, inside, thawed
from fogline.services.apigatewayv2.tag_rules import check_count, read_tags
from fogline.store.documents import Documents
from fogline.store.store import Tx

_ARN = re.compile(
    r"arn:[a-z0-9-]+:apigateway:([a-z0-9-]*):\d*:/([a-z]+)/([^/]+)(?:/stages/([^/]+))?"
)
_HOLDERS: dict[str, Callable[[Tables], Documents]] = {
    "apis": lambda tables: tables.apis,
    "domainnames": lambda tables: tables.domains.names,
    "vpclinks": lambda tables: tables.vpc_links,
}


class _Tagged:
    """Something that has tags."""

    def __init__(self, gateway: ApiGatewayV2, tx: Tx, call: Call, arn: str) -> None:
        found = _ARN.fullmatch(arn)
        if found is None or found[2] not in _HOLDERS or found[1] != call.region:
            raise BadRequestException("Invalid ARN specified in the request")
        _, kind, name, stage = found.groups()
        if stage and kind != "apis":
            raise BadRequestException("Invalid ARN specified in the request")
        _lock(tx, call, kind, name)
        self._documents = gateway.tables.stages if stage else _HOLDERS[kind](gateway.tables)
        self._name = inside(name, stage) if stage else name
        self._tx, self._call = tx, call
        document = self._documents.find(tx, call.account, call.region, self._name)
        if document is None:
            raise NotFoundException(kind="Resource")
        self._document = thawed(document)
        # The tags of an API are where all that GetApi shows is; domain names are spelled as REST APIs spell them.
        is_api = kind == "apis" and not stage
        self._holder: dict[str, Any] = self._document["api"] if is_api else self._document
        self._member = "tags" if kind == "domainnames" else "Tags"

    @property
    def tags(self) -> dict[str, str]:
        return dict(self._holder.get(self._member) or {})

    def save(self, tags: dict[str, str]) -> None:
        self._holder[self._member] = tags
        call = self._call
        self._documents.save(self._tx, call.account, call.region, self._name, self._document)


def _lock(tx: Tx, call: Call, kind: str, name: str) -> None:
    if kind == "vpclinks":
        lock_vpc_links(tx, call)
    elif kind == "domainnames":
        lock_domain(tx, call, name)
    else:
        lock_api(tx, call, name)


def get_tags(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    with gateway.store.read() as tx:
        return {"Tags": _Tagged(gateway, tx, call, request["ResourceArn"]).tags}


def tag_resource(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    added = read_tags(request.get("Tags"), call, gateway.limits)
    with gateway.store.write() as tx:
        tagged = _Tagged(gateway, tx, call, request["ResourceArn"])
        tags = {**tagged.tags, **added}
        check_count(tags, gateway.limits)
        tagged.save(tags)
    return {}


def untag_resource(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    gone = set(request["TagKeys"])
    with gateway.store.write() as tx:
        tagged = _Tagged(gateway, tx, call, request["ResourceArn"])
        tagged.save({key: value for key, value in tagged.tags.items() if key not in gone})
    return {}
