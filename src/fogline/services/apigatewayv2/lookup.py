"""What a request names: an API or a part of it, to be read or changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from fogline.aws.call import Call
from fogline.services.apigatewayv2.deploying import auto_deploy
from fogline.services.apigatewayv2.errors import ApiNotFound, NotFoundException
from fogline.services.apigatewayv2.service import ApiGatewayV2
from fogline.services.apigatewayv2.tables import thawed
from fogline.store.documents import Document
from fogline.store.store import Tx

Request = Mapping[str, Any]
Result = Mapping[str, Any]


def lock_api(tx: Tx, call: Call, id: str) -> None:
    """Let nobody else change that API, its deployments or stages until commit."""
    tx.lock(f"apigatewayv2:{call.account}:{call.region}:{id}")


def lock_vpc_links(tx: Tx, call: Call) -> None:
    """Let nobody else change VPC links until commit."""
    tx.lock(f"apigatewayv2-vpc-links:{call.account}:{call.region}")


def require_api(gateway: ApiGatewayV2, tx: Tx, call: Call, id: str) -> Document:
    """The API. Raises ApiNotFound."""
    found = gateway.tables.apis.find(tx, call.account, call.region, id)
    if found is None:
        raise ApiNotFound(account=call.account, id=id)
    return found


def read_api(gateway: ApiGatewayV2, call: Call, id: str) -> Document:
    """The API, not to be changed. Raises ApiNotFound."""
    with gateway.store.read() as tx:
        return require_api(gateway, tx, call, id)


@contextmanager
def changed_api(gateway: ApiGatewayV2, call: Call, id: str) -> Iterator[dict[str, Any]]:
    """The API, kept as it is left when the block ends, and deployed to the stages that ask for it."""
    with gateway.store.write() as tx:
        lock_api(tx, call, id)
        api = thawed(require_api(gateway, tx, call, id))
        yield api
        gateway.tables.apis.save(tx, call.account, call.region, id, api)
        auto_deploy(gateway, tx, call, id)


def require_part(parts: Mapping[str, Any], id: str, kind: str) -> Any:
    """A part of an API, as an authorizer, or of a part of it. Raises NotFoundException."""
    found = parts.get(id)
    if found is None:
        raise NotFoundException(kind=kind)
    return found
