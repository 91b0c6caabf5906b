"""Page tokens: where a list goes on, in a form that clients hand back unread."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import orjson

from fogline.services.cloudformation.errors import ValidationError


def token_of(*position: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(position)).decode()


def position_of(token: str | None, *kinds: type) -> tuple[Any, ...] | None:
    """What `token_of` was given, None without a token. Raises ValidationError for anything else."""
    if not token:
        return None
    try:
        position = orjson.loads(base64.urlsafe_b64decode(token))
    except (binascii.Error, ValueError):
        position = None
    if (
        not isinstance(position, list)
        or len(position) != len(kinds)
        or not all(type(each) is kind for each, kind in zip(position, kinds, strict=True))
    ):
        raise ValidationError(f"Invalid token: {token[:100]}")
    return tuple(position)
