"""Time zones: from an instant to the time on a wall, and back."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1)
_EPOCH_UTC = _EPOCH.replace(tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_NOT_IANA = ("posix/", "right/", "localtime", "posixrules", "Factory")
"""What stands beside the database's names on many machines."""
_NAME = re.compile(r"[A-Za-z0-9_+-]{1,32}(/[A-Za-z0-9_+-]{1,32}){0,2}", re.ASCII)


class UnknownZone(ValueError):
    """The IANA database knows no time zone of that name."""


@lru_cache(maxsize=1_024)
def find_zone(name: str) -> tzinfo:
    """The time zone of an IANA name. Raises UnknownZone."""
    if name == "UTC":
        return UTC
    if not _NAME.fullmatch(name) or name.startswith(_NOT_IANA):
        raise UnknownZone(name)
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):  # ZoneInfoNotFoundError is a LookupError
        raise UnknownZone(name) from None


def wall_time(instant: int, zone: tzinfo) -> datetime:
    """What a clock in that zone shows at `instant`, to the minute."""
    there = (_EPOCH_UTC + timedelta(milliseconds=instant)).astimezone(zone)
    return there.replace(second=0, microsecond=0, tzinfo=None, fold=0)


def instant_at(wall: datetime, zone: tzinfo) -> int | None:
    """When a clock in that zone first shows `wall`; None for a time that daylight saving skips."""
    if zone is UTC:
        return (wall - _EPOCH) // _MILLISECOND
    instant = wall.replace(tzinfo=zone).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != wall:
        return None
    return (instant - _EPOCH_UTC) // _MILLISECOND
