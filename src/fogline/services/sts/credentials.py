"""Temporary credentials: issued, kept while they are good, and found by their access key."""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass, field, replace
from typing import Literal

from fogline.aws.access_keys import TEMPORARY, make_access_key
from fogline.aws.call import Principal
from fogline.aws.role_sessions import id_of_role, session_of
from fogline.aws.signature_v4.checking import signing_key
from fogline.ports.credentials import Credentials
from fogline.ports.roles import Roles
from fogline.store.store import Store, Tx
from fogline.world.clock import Clock
from fogline.world.ids import Ids

_CACHED_MAX = 4_096
_SECRET_CHARACTERS = 40
_TOKEN_BYTES = 192
_TOKEN_HEAD = b"\x21\x0a"
_TOKEN_CHARACTERS_MAX = 1_024


@dataclass(frozen=True, slots=True)
class SessionKey:
    """A temporary key (`ports/principals.Key`). Its token is not kept: whoever has the secret can tell it."""

    access_key: str
    principal: Principal
    expires_at: int
    secret: str = field(repr=False)
    status: Literal["active", "expired"] = "active"

    def has_token(self, token: str) -> bool:
        if len(token) > _TOKEN_CHARACTERS_MAX:
            return False
        try:
            raw = base64.b64decode(token, validate=True)
        except (binascii.Error, ValueError):
            return False
        chance = raw[len(_TOKEN_HEAD) + 32 :]
        return hmac.compare_digest(raw, _token_bytes(chance, self.access_key, self.secret))

    def signing_key(self, date: str, region: str, service: str) -> bytes:
        return signing_key(self.secret, date, region, service)


class IssuedCredentials:
    """Answers `ports/credentials.py`, and `ports/principals.py` for `ASIA` keys."""

    def __init__(self, store: Store, ids: Ids, clock: Clock, roles: Roles) -> None:
        self._store = store
        self._ids = ids
        self._clock = clock
        self._roles = roles
        self._cache: dict[str, SessionKey] = store.make_cache()

    def issue(
        self, tx: Tx, role_arn: str, session_name: str, now: int, seconds: int
    ) -> Credentials:
        role = self._roles.find(tx, role_arn)
        principal = session_of(role_arn, role.id if role else id_of_role(role_arn), session_name)
        return self.issue_to(tx, principal, now, seconds)

    def issue_to(self, tx: Tx, principal: Principal, now: int, seconds: int) -> Credentials:
        """Credentials of anybody."""
        access_key = make_access_key(TEMPORARY, principal.account, self._ids.bytes(10))
        secret = self._ids.secret(_SECRET_CHARACTERS)
        chance = self._ids.secret(_TOKEN_BYTES).encode()
        made = Credentials(
            access_key,
            secret,
            base64.b64encode(_token_bytes(chance, access_key, secret)).decode(),
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
        key = self.find_key(access_key)
        return key.principal if key is not None and key.status == "active" else None

    def find_key(self, access_key: str) -> SessionKey | None:
        """That key; for some time also when it is not good any more."""
        known = self._cache.get(access_key)
        if known is None:
            with self._store.read() as tx:
                row = tx.row(
                    "SELECT account, arn, user_id, expires_at, secret_key FROM sts_credentials"
                    " WHERE access_key = ?",
                    access_key,
                )
            if row is None:
                return None
            known = SessionKey(access_key, Principal(*row[:3]), row[3], row[4])
            if len(self._cache) >= _CACHED_MAX:
                self._cache.clear()
            self._cache[access_key] = known
        return known if self._clock.now() < known.expires_at else replace(known, status="expired")


def _token_bytes(chance: bytes, access_key: str, secret: str) -> bytes:
    """A session token: opaque, long, different for each key, and made by nobody who has not its secret."""
    sealed = hmac.digest(secret.encode(), access_key.encode() + chance, "sha256")
    return _TOKEN_HEAD + sealed + chance


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
