"""Timestamps as Choice and Wait states read them: ISO 8601's extended format with an offset."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_TIMESTAMP = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?"
    r"(?:[Zz]|([+-])(\d\d):(\d\d)(?::(\d\d))?)"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OFFSET_MINUTES_MAX = 18 * 60


def find_nanoseconds(text: str) -> int | None:
    """Nanoseconds since 1970 of a timestamp, or None for what is none.

    A timestamp has a `T` and an offset (recorded: test_wait_timestamp_path).
    """
    found = _TIMESTAMP.fullmatch(text)
    if not found or not text.isascii():
        return None
    year, month, day, hour, minute, second = (int(found[n] or 0) for n in range(1, 7))
    offset = timedelta()
    if found[8]:
        minutes = int(found[9]) * 60 + int(found[10])
        if minutes > _OFFSET_MINUTES_MAX or int(found[10]) > 59:
            return None
        offset = timedelta(minutes=minutes, seconds=int(found[11] or 0))
        offset = -offset if found[8] == "-" else offset
    try:
        local = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    since = local - _EPOCH - offset
    fraction = int((found[7] or "").ljust(9, "0")) if found[7] else 0
    return (since.days * 86_400 + since.seconds) * 1_000_000_000 + fraction
