"""Tags, by the ARNs of what has them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from fogline.apis.parts import inside, thawed
from fogline.aws.call import Call
from fogline.services.apigateway.errors import BadRequestException, NotFoundException
from fogline.services.apigateway.lookup import Request, Result, lock_api
from fogline.services.apigateway.service import ApiGateway
from fogline.services.apigateway.tables import Tables
from fogline.services.apigateway.tag_rules import check_count, read_tags
from fogline.store.documents import Documents
from fogline.store.store import Tx

_ARN = re.compile(
    r"arn:[a-z0-9-]+:apigateway:([a-z0-9-]*):\d*:/([a-z]+)/([^/]+)(?:/stages/([^/]+))?"
)
_HOLDERS: dict[str, Callable[[Tables], Documents]] = {
    "apikeys": lambda tables: tables.api_keys,
    "clientcertificates": lambda tables: tables.client_certificates,
    "domainnames": lambda tables: tables.domain_names,
    "usageplans": lambda tables: tables.usage_plans,
    "vpclinks": lambda tables: tables.vpc_links,
    "restapis": lambda tables: tables.apis,
}


class _Tagged:
    """Something that has tags."""

    def __init__(self, gateway: ApiGateway, tx: Tx, call: Call, arn: str) -> None:
        found = _ARN.fullmatch(arn)
        if found is None or found[2] not in _HOLDERS or found[1] != call.region:
            raise BadRequestException("Invalid ARN specified in the request")
        _, kind, name, stage = found.groups()
        if kind == "restapis":
            lock_api(tx, call, name)
        self._documents = gateway.tables.stages if stage else _HOLDERS[kind](gateway.tables)
        self._name = inside(name, stage) if stage else name
        self._tx, self._call = tx, call
        document = self._documents.find(tx, call.account, call.region, self._name)
        if document is None:
            raise NotFoundException("Invalid Resource identifier specified")
        self._document = thawed(document)
        # The tags of an API are where all that GetRestApi shows is.
        is_api = kind == "restapis" and not stage
        self._holder: dict[str, Any] = self._document["restApi"] if is_api else self._document

    @property
    def tags(self) -> dict[str, str]:
        return dict(self._holder.get("tags") or {})

    def save(self, tags: dict[str, str]) -> None:
        self._holder["tags"] = tags
        call = self._call
        self._documents.save(self._tx, call.account, call.region, self._name, self._document)


def get_tags(gateway: ApiGateway, call: Call, request: Request) -> Result:
    with gateway.store.read() as tx:
        tags = _Tagged(gateway, tx, call, request["resourceArn"]).tags
    # The answer has no place for a position: all of them are told at once.
    return {"tags": tags}


def tag_resource(gateway: ApiGateway, call: Call, request: Request) -> Result:
    added = read_tags(request["tags"], call, gateway.limits)
    with gateway.store.write() as tx:
        tagged = _Tagged(gateway, tx, call, request["resourceArn"])
        tags = {**tagged.tags, **added}
        check_count(tags, gateway.limits)
        tagged.save(tags)
    return {}


def untag_resource(gateway: ApiGateway, call: Call, request: Request) -> Result:
    gone = set(request["tagKeys"])
    with gateway.store.write() as tx:
        tagged = _Tagged(gateway, tx, call, request["resourceArn"])
        tagged.save({key: value for key, value in tagged.tags.items() if key not in gone})
    return {}
