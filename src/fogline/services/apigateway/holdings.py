"""What an account has beside its APIs, each a document by its id: to be found, listed and changed alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from fogline.apis.parts import thawed
from fogline.aws.call import Call
from fogline.services.apigateway.errors import LimitExceededException, NotFoundException
from fogline.services.apigateway.pages import answer, page_size, page_start
from fogline.services.apigateway.service import ApiGateway
from fogline.store.documents import Document, Documents
from fogline.store.store import Tx

_BATCH = 500


def require_held(
    documents: Documents, tx: Tx, call: Call, id: str, refusal: NotFoundException
) -> Document:
    """Raises `refusal`."""
    found = documents.find(tx, call.account, call.region, id)
    if found is None:
        raise refusal
    return found


def read_held(
    gateway: ApiGateway, documents: Documents, call: Call, id: str, refusal: NotFoundException
) -> Document:
    """Raises `refusal`."""
    with gateway.store.read() as tx:
        return require_held(documents, tx, call, id, refusal)


@contextmanager
def changed_held(
    gateway: ApiGateway, documents: Documents, call: Call, id: str, refusal: NotFoundException
) -> Iterator[tuple[Tx, dict[str, Any]]]:
    """One of them, kept as it is left when the block ends. Raises `refusal`."""
    with gateway.store.write() as tx:
        lock_held(tx, call, id)
        document = thawed(require_held(documents, tx, call, id, refusal))
        yield tx, document
        documents.save(tx, call.account, call.region, id, document)


def lock_held(tx: Tx, call: Call, id: str) -> None:
    tx.lock(f"apigateway-held:{call.account}:{call.region}:{id}")


def check_room(documents: Documents, tx: Tx, call: Call, most: int, kind: str) -> None:
    """Raises LimitExceededException."""
    if documents.count(tx, call.account, call.region) >= most:
        raise LimitExceededException(kind=kind, scope="account")


def page_of_held(
    gateway: ApiGateway,
    documents: Documents,
    call: Call,
    request: Mapping[str, Any],
    show: Callable[[Document], Any] = dict,
    *,
    prefix: str = "",
    keep: Callable[[Document], bool] = lambda document: True,
) -> dict[str, Any]:
    """The page of them that the request asks for, of those whose names begin so and that `keep` lets pass."""
    size, after = page_size(request, gateway.limits), page_start(request)
    found: list[tuple[str, Any]] = []
    with gateway.store.read() as tx:
        while len(found) <= size:
            rows = documents.page(
                tx, call.account, call.region, prefix=prefix, after=after, limit=_BATCH
            )
            found += [(name, show(document)) for name, document in rows if keep(document)]
            if len(rows) < _BATCH:
                break
            after = rows[-1][0]
    return answer(found, size)
