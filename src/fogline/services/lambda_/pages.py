"""Pages of what the versions and aliases of a function have: settings of one kind, by qualifier."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fogline.aws.pages import next_token, page_start
from fogline.services.lambda_.names import Reference
from fogline.services.lambda_.service import Lambda
from fogline.store.documents import Document, Documents
from fogline.store.store import Tx


def page_size(lambda_: Lambda, request: Mapping[str, Any]) -> int:
    """How many items the page has."""
    limit = lambda_.limits.page_items_max
    return min(request.get("MaxItems") or limit, limit)


def page_of(
    lambda_: Lambda,
    tx: Tx,
    documents: Documents,
    reference: Reference,
    request: Mapping[str, Any],
    member: str,
    show: Callable[[Document], Mapping[str, Any]] = lambda document: document,
) -> dict[str, Any]:
    """The answer: the page under its member, and the marker of the next, if there is one."""
    count = page_size(lambda_, request)
    found = documents.page(
        tx,
        reference.account,
        reference.region,
        prefix=f"{reference.name}:",
        after=page_start(request.get("Marker")),
        limit=count + 1,
    )
    shown: dict[str, Any] = {member: [show(document) for _, document in found[:count]]}
    if len(found) > count:
        shown["NextMarker"] = next_token(found[count - 1][0])
    return shown
