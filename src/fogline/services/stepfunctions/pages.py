"""Pages of lists: how long one is, where it begins, and the token of the next."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from fogline.aws import pages
from fogline.services.stepfunctions.errors import InvalidToken
from fogline.services.stepfunctions.limits import Limits

_SEAL_DIGITS = 16


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


def token_within(of: str, place: str) -> str:
    """A token of the place in one list or history, which `of` names, and of no other."""
    return pages.next_token(f"{place} {_seal(of, place)}")


def place_within(of: str, token: str | None) -> str:
    """The place that such a token names; "" without one. Raises InvalidToken, too, for what was given for another."""
    try:
        start = pages.page_start(token)
    except pages.InvalidNextToken:
        raise InvalidToken() from None
    place, _, seal = start.rpartition(" ")
    if start and seal != _seal(of, place):
        raise InvalidToken()
    return place


def _seal(of: str, place: str) -> str:
    return sha256(f"{of} {place}".encode()).hexdigest()[:_SEAL_DIGITS]
