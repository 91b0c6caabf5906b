"""Pages: tokens that say where the next one begins. Clients must not look inside, so they are encoded."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from itertools import islice

from fogline.aws.errors import AwsError


class InvalidNextToken(AwsError):
    """A token that we did not give."""

    code = "InvalidParameterValue"
    message = "The next token is not valid."


def next_token(last: str) -> str:
    """The token of the page after the one that ends with `last`."""
    return base64.urlsafe_b64encode(last.encode()).decode()


def page_start(token: str | None) -> str:
    """What the page before ended with; "" for the first page. Raises InvalidNextToken."""
    if not token:
        return ""
    try:
        start = base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except ValueError:
        raise InvalidNextToken() from None
    if "\x00" in start:  # nothing that has a name has this in it, and PostgreSQL takes no such text
        raise InvalidNextToken()
    return start


def names_after(names: Iterable[str], start: str, count: int) -> list[str]:
    """So many of the names, in their own order, that come after that one; from the first, where it is ""."""
    left = iter(names)
    if start:
        for name in left:
            if name == start:
                break
    return list(islice(left, count))
