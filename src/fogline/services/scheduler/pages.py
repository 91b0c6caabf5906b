"""Pages of schedules and groups."""

from __future__ import annotations

from fogline.aws import pages
from fogline.aws.errors import ValidationException


def after(token: str | None) -> str:
    """What the page before ended with. Raises ValidationException for a token that is not ours."""
    try:
        return pages.page_start(token)
    except pages.InvalidNextToken:
        raise ValidationException("Invalid NextToken.") from None


def member(last: str | None) -> dict[str, str]:
    """The member that names the page after the one that ends with `last`; none after the last page."""
    return {} if last is None else {"NextToken": pages.next_token(last)}
