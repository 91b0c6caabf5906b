"""Spans and instants as people write them: `90`, `90s`, `5m`, `1h30m`, `2d`; `2026-01-31T12:00:00Z`."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w)")


def parse_seconds(text: str) -> float:
    """A span in seconds. Raises ValueError, saying what can be read."""
    plain = text.strip().lower().replace(" ", "")
    if re.fullmatch(r"\d+(\.\d+)?", plain):
        return float(plain)
    parts = _PART.findall(plain)
    if not parts or "".join(number + unit for number, unit in parts) != plain:
        raise ValueError(f"'{text}' is not a duration; write 90s, 5m, 1h30m or 2d")
    return float(sum(float(number) * _SECONDS[unit] for number, unit in parts))


def parse_instant(text: str, now: int) -> int:
    """An instant in milliseconds: an ISO date and time, or how long ago. Raises ValueError."""
    try:
        return now - round(parse_seconds(text) * 1000)
    except ValueError:
        pass
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"'{text}' is neither a duration (5m, 2h) nor a time (2026-01-31T12:00:00Z)"
        ) from None
    return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)


def show_instant(instant: int) -> str:
    """An instant (milliseconds) as date and time in UTC."""
    return datetime.fromtimestamp(instant / 1000, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def show_span(seconds: float) -> str:
    """A span in its two largest units: `3d 4h`, `2m 5s`."""
    left = round(seconds)
    parts = []
    for unit in ("d", "h", "m", "s"):
        count, left = divmod(left, int(_SECONDS[unit]))
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts[:2]) or "0s"
