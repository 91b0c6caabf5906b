"""Pages of lists: how long one is, where it begins, and the token of the next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws import pages
from fogline.services.stepfunctions.errors import InvalidToken
from fogline.services.stepfunctions.limits import Limits


def page_size(request: Mapping[str, Any], limits: Limits) -> int:
    """How many a page holds at most; 0 means AWS's default."""
    return request.get("maxResults") or limits.page_size_default


def page_start(request: Mapping[str, Any]) -> str:
    """What the page before ended with; "" for the first page. Raises InvalidToken."""
    try:
        return pages.page_start(request.get("nextToken"))
    except pages.InvalidNextToken:
        raise InvalidToken() from None


def next_member(last: str | None) -> dict[str, str]:
    """The member that names the page after the one that ends with `last`; none after the last page."""
    return {} if last is None else {"nextToken": pages.next_token(last)}
