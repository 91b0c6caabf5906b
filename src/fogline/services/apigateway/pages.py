"""Pages by position and limit, as the Get operations of API Gateway give them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fogline.aws.pages import InvalidNextToken, names_after, next_token
from fogline.aws.pages import page_start as start_of
from fogline.services.apigateway.errors import BadRequestException
from fogline.services.apigateway.limits import Limits

Request = Mapping[str, Any]


def page_size(request: Request, limits: Limits) -> int:
    """How many items the page has; what is out of bounds counts as not said (AWS takes -1, recorded)."""
    asked = request.get("limit") or 0
    return min(asked, limits.page_items_max) if asked > 0 else limits.page_items


def page_start(request: Request) -> str:
    """What the page before ended with. Raises BadRequestException."""
    try:
        return start_of(request.get("position"))
    except InvalidNextToken:
        raise BadRequestException("Invalid position parameter specified.") from None


def page_of(
    items: Mapping[str, Any],
    request: Request,
    limits: Limits,
    show: Callable[[Any], Any] = lambda item: item,
) -> dict[str, Any]:
    """The page of things that are kept by their ids, in their order."""
    start, size = page_start(request), page_size(request, limits)
    page = names_after(items, start, size + 1)
    return answer([(name, show(items[name])) for name in page], size)


def answer(found: list[tuple[str, Any]], size: int) -> dict[str, Any]:
    """The answer for what was found by name: `size` of it, and the position of more, if there is more."""
    shown: dict[str, Any] = {"items": [item for _, item in found[:size]]}
    if len(found) > size:
        shown["position"] = next_token(found[size - 1][0])
    return shown
