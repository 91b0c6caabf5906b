"""Pages of lists: a hundred entries, and a token that says where the next page begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws import pages
from fogline.services.sns.errors import InvalidParameterException


def page_start(request: Mapping[str, Any], name: str = "NextToken") -> str:
    """What the page before ended with; "" for the first page. Raises InvalidParameterException."""
    try:
        return pages.page_start(request.get(name))
    except pages.InvalidNextToken:
        raise InvalidParameterException(reason=name) from None


def numbered_start(request: Mapping[str, Any]) -> int:
    """The number that the page before ended with; 0 for the first page. Raises InvalidParameterException."""
    start = page_start(request) or "0"
    if not (start.isascii() and start.isdigit() and len(start) <= 19):
        raise InvalidParameterException(reason="NextToken")
    return int(start)


def paged(name: str, found: list[Any], last: str, entries_max: int) -> dict[str, Any]:
    """One page of `found`, which holds one entry more than a page where others follow."""
    if len(found) <= entries_max:
        return {name: found}
    return {name: found[:entries_max], "NextToken": pages.next_token(last)}
