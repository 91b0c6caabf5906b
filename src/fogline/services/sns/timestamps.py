"""Instants as SNS reads them."""

from __future__ import annotations

from datetime import UTC, datetime


def find_instant(text: str) -> int | None:
    """The instant that an ISO 8601 timestamp names, in milliseconds, or None."""
    try:
        parsed = datetime.fromisoformat(text)
        if parsed.tzinfo is None:
            parsed = parsed.replace(tzinfo=UTC)
        return int(parsed.timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
