"""What authorizers answered, kept for the time that their APIs allow."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

_KEPT_MAX = 10_000


class AuthorizerCache:
    """Answers by key. Each is known until its time is up, or it was told to be forgotten."""

    def __init__(self, kept_max: int = _KEPT_MAX) -> None:
        self._kept: dict[Hashable, tuple[int, int, Any]] = {}
        self._kept_max = kept_max

    def find(self, key: Hashable, now: int, flushed_at: int = 0) -> Any | None:
        """The answer, if it came after `flushed_at` and is still good at `now` (ms)."""
        found = self._kept.get(key)
        if found is None:
            return None
        came_at, until, answer = found
        if now >= until or came_at < flushed_at:
            del self._kept[key]
            return None
        return answer

    def keep(self, key: Hashable, answer: Any, now: int, until: int) -> None:
        self._kept.pop(key, None)
        if len(self._kept) >= self._kept_max:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = (now, until, answer)
