"""Pages: lists cut to size, and tokens that say where the next page begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from fogline.aws import pages
from fogline.services.logs.errors import InvalidParameterException

T = TypeVar("T")


def token_after(*position: str) -> str:
    """The token of the page that begins after `position`."""
    return pages.next_token("\n".join(position))


def position_of(token: str | None) -> tuple[str, ...]:
    """The position a token was made from; () without a token."""
    try:
        start = pages.page_start(token)
    except pages.InvalidNextToken:
        raise InvalidParameterException(reason="The specified nextToken is invalid.") from None
    return tuple(start.split("\n")) if start else ()


def page_of(
    items: Sequence[tuple[str, T]], token: str | None, limit: int
) -> tuple[list[tuple[str, T]], str | None]:
    """A page of items that are sorted by name, and the token of the next."""
    after = position_of(token)
    rest = [item for item in items if not after or item[0] > after[0]]
    page = rest[:limit]
    return page, token_after(page[-1][0]) if len(rest) > limit else None
