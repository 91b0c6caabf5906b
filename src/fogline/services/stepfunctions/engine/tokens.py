"""Task tokens: what names a task to whoever is to answer it. They say where it is, and cannot be guessed."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

_PREFIX = b"AQB4AAAAK"
_ID_DIGITS = 32
_ATTEMPT_DIGITS = 24


@dataclass(frozen=True, slots=True)
class Place:
    """A task: of which execution, in which of its branches, at which attempt."""

    execution: str
    branch: int
    attempt: str


def token_of(place: Place) -> str:
    """The token of a task."""
    raw = f"{place.execution}{place.attempt}{place.branch}".encode()
    return base64.urlsafe_b64encode(_PREFIX + raw).decode()


def find_place(token: str) -> Place | None:
    """The task that a token names, or None for what is no token of ours."""
    try:
        raw = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
        text = raw.removeprefix(_PREFIX).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    number = text[_ID_DIGITS + _ATTEMPT_DIGITS :]
    if not raw.startswith(_PREFIX) or not number.isdigit() or len(number) > 12:
        return None
    return Place(text[:_ID_DIGITS], int(number), text[_ID_DIGITS : _ID_DIGITS + _ATTEMPT_DIGITS])
