"""Instants as SNS writes and reads them."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache


@lru_cache(256)
def _second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def timestamp(instant: int) -> str:
    """`2026-01-01T00:00:00.000Z`."""
    return f"{_second(instant // 1000)}.{instant % 1000:03d}Z"


def find_instant(text: str) -> int | None:
    """The instant that an ISO 8601 timestamp names, in milliseconds, or None."""
    try:
        parsed = datetime.fromisoformat(text)
        if parsed.tzinfo is None:
            parsed = parsed.replace(tzinfo=UTC)
        return int(parsed.timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
