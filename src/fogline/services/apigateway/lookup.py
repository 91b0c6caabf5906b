"""What a request names: an API, a resource, a method, and so on, to be read or changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from fogline.apis.parts import thawed
from fogline.aws.call import Call
from fogline.services.apigateway.errors import ApiNotFound, NotFoundException
from fogline.services.apigateway.service import ApiGateway
from fogline.store.documents import Document
from fogline.store.store import Tx

Request = Mapping[str, Any]
Result = Mapping[str, Any]


def lock_api(tx: Tx, call: Call, id: str) -> None:
    """Let nobody else change that API, its deployments or stages until commit."""
    tx.lock(f"apigateway:{call.account}:{call.region}:{id}")


def require_api(
    gateway: ApiGateway, tx: Tx, call: Call, id: str, refusal: Exception | None = None
) -> Document:
    """The API. Raises ApiNotFound, or what the operation has for it."""
    found = gateway.tables.apis.find(tx, call.account, call.region, id)
    if found is None:
        raise refusal or ApiNotFound(account=call.account, id=id)
    return found


def read_api(
    gateway: ApiGateway, call: Call, id: str, refusal: Exception | None = None
) -> Document:
    """The API, not to be changed. Raises ApiNotFound, or what the operation has for it."""
    with gateway.store.read() as tx:
        return require_api(gateway, tx, call, id, refusal)


@contextmanager
def changed_api(
    gateway: ApiGateway, call: Call, id: str, refusal: Exception | None = None
) -> Iterator[dict[str, Any]]:
    """The API, kept as it is left when the block ends."""
    with gateway.store.write() as tx:
        lock_api(tx, call, id)
        api = thawed(require_api(gateway, tx, call, id, refusal))
        yield api
        gateway.tables.apis.save(tx, call.account, call.region, id, api)


def no_resource() -> NotFoundException:
    """What all operations on resources and methods answer, also when there is no such API."""
    return NotFoundException(kind="Resource")


def require_resource(api: Mapping[str, Any], id: str) -> Any:
    """Raises NotFoundException."""
    found = api["resources"].get(id)
    if found is None:
        raise no_resource()
    return found


def require_method(api: Mapping[str, Any], request: Request) -> Any:
    """Raises NotFoundException."""
    resource = require_resource(api, request["resourceId"])
    found = resource["resourceMethods"].get(request["httpMethod"])
    if found is None:
        raise NotFoundException(kind="Method")
    return found


def require_integration(api: Mapping[str, Any], request: Request) -> Any:
    """Raises NotFoundException."""
    found = require_method(api, request).get("methodIntegration")
    if found is None:
        raise NotFoundException(kind="Integration")
    return found


def require_part(api: Mapping[str, Any], parts: str, id: str, kind: str) -> Any:
    """A part of an API, as an authorizer. Raises NotFoundException."""
    found = api[parts].get(id)
    if found is None:
        raise NotFoundException(kind=kind)
    return found
