"""Keys of tokens: the public keys of user pools and of other issuers, fetched when a token asks for them.

Fogline has no user pools of its own. The keys of a pool are fetched from where the setting `cognito_jwks` says: the
pool in AWS by default, or whatever stands in its place. Other issuers say in their discovery document where
theirs are.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import orjson

from fogline.background.outgoing import Outgoing, OutgoingFailed

_KEYS_MS = 3_600_000
_RETRY_MS = 60_000
_ISSUERS_MAX = 1_000
_FETCH_SECONDS = 10.0
_KEYS_BYTES_MAX = 1024 * 1024
_POOL = re.compile(r"https://cognito-idp\.([a-z0-9-]+)\.amazonaws\.com/([A-Za-z0-9_-]+)/?")

Key = Mapping[str, Any]


class TokenKeys:
    """Keys by issuer, fetched when they are first needed and again when they may have changed."""

    def __init__(self, outgoing: Outgoing, cognito_jwks: str) -> None:
        self._outgoing = outgoing
        self.cognito_jwks = cognito_jwks
        """With `{region}` and `{pool}` in it."""
        self._known: dict[str, tuple[int, Sequence[Key]]] = {}

    def forget(self) -> None:
        """Fetch all keys anew."""
        self._known.clear()

    async def of_pool(self, region: str, pool: str, key_id: str, now: int) -> Sequence[Key]:
        """The keys of a user pool at `now` (ms). Raises OutgoingFailed."""
        url = self.cognito_jwks.replace("{region}", region).replace("{pool}", pool)
        return await self._of(f"pool {region} {pool}", key_id, now, lambda: self._fetch(url))

    async def of_issuer(self, issuer: str, key_id: str, now: int) -> Sequence[Key]:
        """The keys of the issuer with that address at `now` (ms). Raises OutgoingFailed."""
        pool = _POOL.fullmatch(issuer)
        if pool is not None:
            return await self.of_pool(pool[1], pool[2], key_id, now)
        return await self._of(issuer, key_id, now, lambda: self._discover(issuer))

    async def _of(
        self, issuer: str, key_id: str, now: int, fetch: Callable[[], Awaitable[Sequence[Key]]]
    ) -> Sequence[Key]:
        """The keys; they are fetched anew for a key nobody has heard of, but not for each such token."""
        known = self._known.get(issuer)
        if known is not None:
            fetched_at, keys = known
            is_there = any(key.get("kid") == key_id for key in keys)
            if now - fetched_at < (_KEYS_MS if is_there else _RETRY_MS):
                return keys
        keys = await fetch()
        if len(self._known) >= _ISSUERS_MAX:
            del self._known[next(iter(self._known))]
        self._known[issuer] = (now, keys)
        return keys

    async def _discover(self, issuer: str) -> Sequence[Key]:
        url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        found = await self._document(url)
        address = found.get("jwks_uri") if isinstance(found, dict) else None
        if not isinstance(address, str):
            raise OutgoingFailed(f"{url} names no jwks_uri")
        return await self._fetch(address)

    async def _fetch(self, url: str) -> Sequence[Key]:
        found = await self._document(url)
        keys = found.get("keys") if isinstance(found, dict) else None
        if not isinstance(keys, list):
            raise OutgoingFailed(f"{url} has no keys")
        return [key for key in keys if isinstance(key, dict)]

    async def _document(self, url: str) -> Any:
        answer = await self._outgoing.send(
            "GET", url, timeout_seconds=_FETCH_SECONDS, answer_bytes_max=_KEYS_BYTES_MAX
        )
        try:
            return orjson.loads(answer.body)
        except orjson.JSONDecodeError:
            raise OutgoingFailed(f"{url} is no JSON (status {answer.status})") from None
