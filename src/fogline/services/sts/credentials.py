"""Temporary credentials: issued, kept while they are good, and found by their access key."""

from __future__ import annotations

import base64
import hmac

from fogline.aws.access_keys import TEMPORARY, make_access_key
from fogline.aws.call import Principal
from fogline.aws.role_sessions import id_of_role, session_of
from fogline.ports.credentials import Credentials
from fogline.ports.roles import Roles
from fogline.store.store import Store, Tx
from fogline.world.clock import Clock
from fogline.world.ids import Ids

_CACHED_MAX = 4_096
_SECRET_CHARACTERS = 40
_TOKEN_BYTES = 192


class IssuedCredentials:
    """Answers `ports/credentials.py`, and `ports/principals.py` for `ASIA` keys."""

    def __init__(self, store: Store, ids: Ids, clock: Clock, roles: Roles) -> None:
        self._store = store
        self._ids = ids
        self._clock = clock
        self._roles = roles
        self._cache: dict[str, tuple[Principal, int]] = store.make_cache()

    def issue(
        self, tx: Tx, role_arn: str, session_name: str, now: int, seconds: int
    ) -> Credentials:
        role = self._roles.find(tx, role_arn)
        principal = session_of(role_arn, role.id if role else id_of_role(role_arn), session_name)
        return self.issue_to(tx, principal, now, seconds)

    def issue_to(self, tx: Tx, principal: Principal, now: int, seconds: int) -> Credentials:
        """Credentials of anybody."""
        access_key = make_access_key(TEMPORARY, principal.account, self._ids.bytes(10))
        made = Credentials(
            access_key,
            self._ids.secret(_SECRET_CHARACTERS),
            _token(self._ids.secret(_TOKEN_BYTES), access_key),
            now + seconds * 1000,
        )
        tx.run(
            "INSERT INTO sts_credentials (access_key, secret_key, account, arn, user_id,"
            " expires_at) VALUES (?, ?, ?, ?, ?, ?)",
            access_key,
            made.secret_key,
            principal.account,
            principal.arn,
            principal.user_id,
            made.expires_at,
        )
        tx.stir("sts-credentials")
        return made

    def find(self, access_key: str) -> Principal | None:
        """Who holds that key, while it is good."""
        known = self._cache.get(access_key)
        if known is None:
            with self._store.read() as tx:
                row = tx.row(
                    "SELECT account, arn, user_id, expires_at FROM sts_credentials"
                    " WHERE access_key = ?",
                    access_key,
                )
            if row is None:
                return None
            known = Principal(*row[:3]), row[3]
            if len(self._cache) >= _CACHED_MAX:
                self._cache.clear()
            self._cache[access_key] = known
        return known[0] if self._clock.now() < known[1] else None


def _token(chance: str, access_key: str) -> str:
    """A session token: opaque, long, and different for each key."""
    digest = hmac.digest(chance.encode(), access_key.encode(), "sha256")
    raw = b"\x21\x0a" + digest + chance.encode()
    return base64.b64encode(raw).decode()


def remove_expired(tx: Tx, now: int, limit: int) -> int:
    """Remove up to `limit` credentials that have expired; how many."""
    return tx.run(
        "DELETE FROM sts_credentials WHERE access_key IN"
        " (SELECT access_key FROM sts_credentials WHERE expires_at <= ? LIMIT ?)",
        now,
        limit,
    )


def next_expiry(tx: Tx) -> int | None:
    """When the next credentials expire."""
    row = tx.row("SELECT MIN(expires_at) FROM sts_credentials")
    return row[0] if row else None
