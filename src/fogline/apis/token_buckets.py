"""Token buckets: a burst may pass at once, then a steady rate."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

_BUCKETS_MAX = 10_000


class TokenBuckets:
    """Buckets by key. Each is full at first and is filled again with `rate` tokens a second, up to `burst`."""

    def __init__(self, buckets_max: int = _BUCKETS_MAX) -> None:
        self._buckets: dict[Hashable, list[Any]] = {}
        self._buckets_max = buckets_max

    def take(self, key: Hashable, rate: float, burst: float, now: int) -> bool:
        """Take one token at `now` (ms); False when there is none, and then nothing is taken.

        A change of rate or burst counts from then on.
        """
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= self._buckets_max:
                # What was not asked of for longest is full by now, or is the first to begin anew.
                del self._buckets[next(iter(self._buckets))]
            bucket = self._buckets[key] = [float(burst), now]
        tokens, filled_at = bucket
        if now > filled_at:
            tokens += rate * (now - filled_at) / 1000
            bucket[1] = now
        if tokens > burst:
            tokens = burst
        if tokens < 1:
            bucket[0] = tokens
            return False
        bucket[0] = tokens - 1
        return True
