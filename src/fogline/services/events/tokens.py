"""OAuth tokens: got with client credentials, kept in the store until they expire, got anew when they were refused."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from fogline.aws.arn import find_arn
from fogline.aws.call import Call
from fogline.background.outbox import Delivery, DeliveryFailed
from fogline.background.outgoing import OutgoingFailed
from fogline.ports.api_destinations import CallRefused
from fogline.services.events import connections
from fogline.services.events.authorization import read_token, token_call
from fogline.services.events.connections import AUTHORIZED, DEAUTHORIZED, connection_arn
from fogline.services.events.service import Events
from fogline.store.documents import Document
from fogline.store.store import Tx
from fogline.world.clock import MINUTE, SECOND

KIND = "events.connection"

T = TypeVar("T")

_EARLY_MS = 1 * MINUTE
"""A token is renewed that long before it expires, or at half of a shorter life."""
_TIMEOUT_SECONDS = 5.0
_ATTEMPTS_MAX = 4
_REFUSED = range(400, 500)


async def look(events: Events, work: Callable[[Tx], T]) -> T:
    """Read from a coroutine."""
    if events.store.is_shared:
        return await events.store.transact(work)
    with events.store.read() as tx:
        return work(tx)


class Tokens:
    """Finds tokens. All of it belongs to the event loop's thread."""

    def __init__(self, events: Events) -> None:
        self._events = events
        # Of many calls that need a new token at the same time one gets it.
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def find(self, arn: str, connection: Document, *, refused: str = "") -> Document | None:
        """The token that authorizes by that connection, got anew when it is due; None where no token is needed.

        `refused` is the access token that an endpoint would not take. Raises CallRefused.
        """
        if connection["type"] != "OAUTH_CLIENT_CREDENTIALS":
            return None
        kept = await self._find_kept(arn, connection, refused)
        if kept is not None:
            return kept
        turn = self._turns.setdefault(arn, asyncio.Lock())
        async with turn:
            kept = await self._find_kept(arn, connection, refused)
            return kept if kept is not None else await self._fetch(arn, connection)

    async def _find_kept(self, arn: str, connection: Document, refused: str) -> Document | None:
        """The token of the store, unless it is another's, is due for renewal, or was refused."""
        account, region = _place(arn)
        tokens = self._events.tables.calls.tokens
        kept = await look(
            self._events, lambda tx: tokens.find(tx, account, region, connection["name"])
        )
        if kept is None or kept["connection"] != connection["id"]:
            return None
        if kept["modified_at"] != connection["modified_at"] or kept["access_token"] == refused:
            return None
        is_fresh = kept["renew_at"] is None or self._events.clock.now() < kept["renew_at"]
        return kept if is_fresh else None

    async def _fetch(self, arn: str, connection: Document) -> Document:
        events = self._events
        account, region = _place(arn)
        call = token_call(connection["parameters"]["OAuthParameters"])
        try:
            answer = await events.outgoing.send(
                call.method,
                call.url,
                headers=call.headers,
                body=call.body,
                timeout_seconds=_TIMEOUT_SECONDS,
            )
        except OutgoingFailed as failed:
            # Not refused, only not reached: what waits for the token waits on.
            raise CallRefused(
                f"The authorization endpoint could not be reached: {failed}",
                code="CONNECTION_FAILURE",
            ) from failed
        now = events.clock.now()
        said = read_token(answer, now)
        if isinstance(said, str):
            if answer.status < 300 or answer.status in _REFUSED:
                await note(events, arn, connection, DEAUTHORIZED, f"Failed to authorize: {said}")
            raise CallRefused(f"Failed to authorize: {said}", code="SDK_CLIENT_ERROR")
        token = {
            **said,
            "connection": connection["id"],
            "modified_at": connection["modified_at"],
            "renew_at": _renew_at(said, now),
        }

        def keep(tx: Tx) -> None:
            events.tables.calls.tokens.save(tx, account, region, connection["name"], token)
            connections.set_state(events, tx, account, region, connection, AUTHORIZED, now)

        await events.store.transact(keep)
        return token


def _renew_at(token: dict[str, Any], now: int) -> int | None:
    expires_at: int | None = token["expires_at"]
    if expires_at is None:
        return None
    return max(expires_at - _EARLY_MS, now + (expires_at - now) // 2)


async def note(events: Events, arn: str, connection: Document, state: str, reason: str) -> None:
    """Note the state in which an attempt has left the connection."""
    account, region = _place(arn)
    now = events.clock.now()
    await events.store.transact(
        lambda tx: connections.set_state(
            events, tx, account, region, connection, state, now, reason
        )
    )


def _place(arn_text: str) -> tuple[str, str]:
    arn = find_arn(arn_text)
    assert arn is not None, "a connection has an ARN"
    return arn.account, arn.region


# ---- the first token of a connection


def promise(events: Events, tx: Tx, call: Call, connection: Document) -> None:
    """Promise to authorize a connection that was made or changed."""
    events.outbox.promise(
        tx,
        kind=KIND,
        target=connection_arn(call.account, call.region, connection),
        account=call.account,
        region=call.region,
        payload=b"",
        trace=call.trace,
        now=call.now,
        facts={"modified_at": connection["modified_at"]},
    )


class Authorizer:
    """Performs the authorization of connections (answers `background/outbox.py`)."""

    def __init__(self, events: Events, tokens: Tokens) -> None:
        self._events = events
        self._tokens = tokens

    async def perform(self, delivery: Delivery) -> None:
        connection = await look(self._events, lambda tx: self._find(tx, delivery))
        if connection is None:
            return
        try:
            await self._tokens.find(delivery.target, connection)
        except CallRefused as refused:
            raise DeliveryFailed(str(refused)) from refused

    def _find(self, tx: Tx, delivery: Delivery) -> Document | None:
        """The connection as it was promised, as long as nobody has changed it or told what became of it."""
        found = connections.find_connection(self._events, tx, delivery.target)
        if found is None or found["modified_at"] != delivery.facts["modified_at"]:
            return None
        return found if found["state"] == connections.AUTHORIZING else None

    def succeed(self, tx: Tx, delivery: Delivery, result: object, now: int) -> None:
        """Nothing follows."""

    def retry_at(self, delivery: Delivery, failure: DeliveryFailed, now: int) -> int | None:
        if delivery.attempts >= _ATTEMPTS_MAX:
            return None
        return now + (SECOND << (delivery.attempts - 1))

    def give_up(self, tx: Tx, delivery: Delivery, failure: DeliveryFailed, now: int) -> None:
        connection = self._find(tx, delivery)
        if connection is not None:
            connections.set_state(
                self._events,
                tx,
                delivery.account,
                delivery.region,
                connection,
                DEAUTHORIZED,
                now,
                str(failure),
            )
