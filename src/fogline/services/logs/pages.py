"""Pages: lists cut to size, with tokens that say where the next page begins."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import TypeVar

from fogline.services.logs.errors import InvalidParameterException

T = TypeVar("T")


def token_after(*position: str) -> str:
    """The token of the page that begins after `position`."""
    return urlsafe_b64encode("\n".join(position).encode()).decode()


def position_of(token: str | None) -> tuple[str, ...]:
    """The position a token was made from; () without a token."""
    if not token:
        return ()
    try:
        return tuple(urlsafe_b64decode(token.encode()).decode().split("\n"))
    except ValueError:
        raise InvalidParameterException(reason="The specified nextToken is invalid.") from None


def page_of(
    items: Sequence[tuple[str, T]], token: str | None, limit: int
) -> tuple[list[tuple[str, T]], str | None]:
    """A page of items that are sorted by name, and the token of the next."""
    after = position_of(token)
    rest = [item for item in items if not after or item[0] > after[0]]
    page = rest[:limit]
    return page, token_after(page[-1][0]) if len(rest) > limit else None
