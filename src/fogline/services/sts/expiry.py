"""Expiry: credentials that are no longer good leave the store."""

from __future__ import annotations

from fogline.services.sts.credentials import next_expiry, remove_expired
from fogline.store.store import Store

_REMOVED_AT_ONCE_MAX = 500
_REST_MILLISECONDS = 600_000


class Expiry:
    """Removes expired credentials, some minutes late: what has expired is not found anyway."""

    name = "sts.expiry"
    topics: tuple[str, ...] = ("sts-credentials",)

    def __init__(self, store: Store) -> None:
        self._store = store

    def step(self, now: int) -> int | None:
        with self._store.write() as tx:
            removed = remove_expired(tx, now, _REMOVED_AT_ONCE_MAX)
            following = next_expiry(tx)
        if removed == _REMOVED_AT_ONCE_MAX:
            return now
        return None if following is None else max(following, now + _REST_MILLISECONDS)
