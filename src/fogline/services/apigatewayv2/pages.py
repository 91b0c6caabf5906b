"""Pages by token and size, as the Get operations of HTTP and WebSocket APIs give them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fogline.aws.call import Call
from fogline.aws.pages import InvalidNextToken, names_after, next_token
from fogline.aws.pages import page_start as start_of
from fogline.services.apigatewayv2.errors import BadRequestException
from fogline.services.apigatewayv2.limits import Limits
from fogline.store.documents import Document, Documents
from fogline.store.store import Tx

Request = Mapping[str, Any]


def page_size(request: Request, limits: Limits) -> int:
    """How many items the page has. Raises BadRequestException."""
    asked = request.get("MaxResults")
    if not asked:
        return limits.page_items
    if not asked.isascii() or not asked.isdigit() or len(asked) > 9 or int(asked) == 0:
        raise BadRequestException("Invalid value for MaxResults")
    return min(int(asked), limits.page_items_max)


def page_start(request: Request) -> str:
    """What the page before ended with. Raises BadRequestException."""
    try:
        return start_of(request.get("NextToken"))
    except InvalidNextToken:
        raise BadRequestException("Invalid value for NextToken") from None


def page_of(
    items: Mapping[str, Any],
    request: Request,
    limits: Limits,
    show: Callable[[Any], Any] = dict,
) -> dict[str, Any]:
    """The page of things that are kept by their ids, in their order."""
    start, size = page_start(request), page_size(request, limits)
    page = names_after(items, start, size + 1)
    return _answer([(name, show(items[name])) for name in page], size)


def page_of_documents(
    documents: Documents,
    tx: Tx,
    call: Call,
    request: Request,
    limits: Limits,
    show: Callable[[Document], Any] = dict,
    prefix: str = "",
) -> dict[str, Any]:
    """The page of documents whose names begin so, in the order of their names."""
    start, size = page_start(request), page_size(request, limits)
    found = documents.page(
        tx, call.account, call.region, prefix=prefix, after=start, limit=size + 1
    )
    return _answer([(name, show(document)) for name, document in found], size)


def _answer(found: list[tuple[str, Any]], size: int) -> dict[str, Any]:
    shown: dict[str, Any] = {"Items": [item for _, item in found[:size]]}
    if len(found) > size:
        shown["NextToken"] = next_token(found[size - 1][0])
    return shown
