"""Expiry: credentials that are no longer good leave the store.

They stay for an hour in which whoever still signs with them is told so.
"""

from __future__ import annotations

from fogline.services.sts.credentials import next_expiry, remove_expired
from fogline.store.store import Store

_REMOVED_AT_ONCE_MAX = 500
_REST_MILLISECONDS = 600_000
_KEPT_MILLISECONDS = 3_600_000


class Expiry:
    """Removes expired credentials, some minutes late: nobody is let in by them."""

    name = "sts.expiry"
    topics: tuple[str, ...] = ("sts-credentials",)

    def __init__(self, store: Store) -> None:
        self._store = store

    def step(self, now: int) -> int | None:
        with self._store.write() as tx:
            removed = remove_expired(tx, now - _KEPT_MILLISECONDS, _REMOVED_AT_ONCE_MAX)
            following = next_expiry(tx)
        if removed == _REMOVED_AT_ONCE_MAX:
            return now
        if following is None:
            return None
        return max(following + _KEPT_MILLISECONDS, now + _REST_MILLISECONDS)
