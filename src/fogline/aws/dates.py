"""Instants (milliseconds since the epoch) as AWS writes them: by ISO 8601, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

_SECONDS_REMEMBERED = 256


def iso_seconds(instant: int) -> str:
    """`2015-01-25T08:00:00Z`, whatever is beyond the second."""
    return f"{_second(instant // 1000)}Z"


def iso_milliseconds(instant: int) -> str:
    """`2015-01-25T08:00:00.123Z`"""
    return f"{_second(instant // 1000)}.{instant % 1000:03d}Z"


def iso_shortest(instant: int) -> str:
    """`2015-01-25T08:00:00Z`, with milliseconds where there are any."""
    return iso_milliseconds(instant) if instant % 1000 else iso_seconds(instant)


@lru_cache(_SECONDS_REMEMBERED)
def _second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).replace(tzinfo=None).isoformat()
