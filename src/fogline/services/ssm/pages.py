"""Pages: lists cut to size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from fogline.aws import pages
from fogline.services.ssm.errors import InvalidNextToken

T = TypeVar("T")


def page_of(
    items: Sequence[tuple[str, T]], token: str | None, limit: int
) -> tuple[list[tuple[str, T]], dict[str, str]]:
    """A page of items that are sorted by name, and the member that names the next page, if any."""
    try:
        after = pages.page_start(token)
    except pages.InvalidNextToken:
        raise InvalidNextToken() from None
    rest = [item for item in items if item[0] > after]
    page = rest[:limit]
    if len(rest) <= limit:
        return page, {}
    return page, {"NextToken": pages.next_token(page[-1][0])}
