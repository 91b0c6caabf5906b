"""One call of an API destination: its place in the rate, its authorization, and what follows from a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.call import Trace
from fogline.background.outgoing import Answer
from fogline.ports.api_destinations import CallRefused, HttpCall
from fogline.services.events import authorization
from fogline.services.events.connections import AUTHORIZED, DEAUTHORIZED, find_connection
from fogline.services.events.destinations import call_of, find_destination
from fogline.services.events.service import Events
from fogline.services.events.tokens import Tokens, look, note
from fogline.store.documents import Document
from fogline.store.store import Tx

_TIMEOUT_SECONDS = 5.0
_NOT_AUTHORIZED = frozenset((401, 407))


class Calls:
    """Answers `ports/api_destinations.py`."""

    def __init__(self, events: Events, tokens: Tokens) -> None:
        self._events = events
        self._tokens = tokens

    async def call(
        self, arn: str, body: bytes, http_parameters: Mapping[str, Any], trace: Trace
    ) -> Answer:
        await self._events.store.transact(lambda tx: self._take_place(tx, arn))
        return await self.attempt(arn, body, http_parameters, trace)

    def _take_place(self, tx: Tx, arn: str) -> None:
        destination = _require_destination(self._events, tx, arn)
        calls, now = self._events.tables.calls, self._events.clock.now()
        due_at = calls.reserve_place(tx, arn, destination["rate"], now)
        if due_at > now:
            raise CallRefused(
                f"The API destination takes {destination['rate']} calls per second",
                code="THROTTLING",
                retry_at=due_at,
            )

    async def attempt(
        self, arn: str, body: bytes, http_parameters: Mapping[str, Any], trace: Trace
    ) -> Answer:
        """A call that has its place already. Raises CallRefused and OutgoingFailed."""
        events = self._events
        destination = await look(events, lambda tx: _require_destination(events, tx, arn))
        call = call_of(destination, body, http_parameters)
        traced = authorization.with_headers(call.headers, [("X-Amzn-Trace-Id", trace.header())])
        call = HttpCall(call.method, call.url, traced, call.body)
        connection_arn = destination["connection"]
        connection, token = await self._authority(connection_arn)
        answer = await self._send(_authorized(call, connection, token))
        if answer.status not in _NOT_AUTHORIZED:
            return answer
        if token is None:
            reason = f"The endpoint answered with status code {answer.status}"
            await note(events, connection_arn, connection, DEAUTHORIZED, reason)
            return answer
        token = await self._tokens.find(connection_arn, connection, refused=token["access_token"])
        return await self._send(_authorized(call, connection, token))

    async def authorize(
        self, connection_arn: str, call: HttpCall, *, renew: bool = False
    ) -> HttpCall:
        connection, token = await self._authority(connection_arn)
        if renew and token is not None:
            token = await self._tokens.find(
                connection_arn, connection, refused=token["access_token"]
            )
        return _authorized(call, connection, token)

    async def _authority(self, connection_arn: str) -> tuple[Document, Document | None]:
        """The connection, and its token where it needs one."""
        connection = await look(
            self._events, lambda tx: find_connection(self._events, tx, connection_arn)
        )
        if connection is None:
            raise CallRefused(
                f"The connection {connection_arn} does not exist",
                code="NO_RESOURCE",
                is_lasting=True,
            )
        if connection["state"] == DEAUTHORIZED:
            raise CallRefused(
                f"The connection {connection['name']} is not in the state {AUTHORIZED}",
                code="NO_PERMISSIONS",
            )
        return connection, await self._tokens.find(connection_arn, connection)

    async def _send(self, call: HttpCall) -> Answer:
        return await self._events.outgoing.send(
            call.method,
            call.url,
            headers=call.headers,
            body=call.body,
            timeout_seconds=_TIMEOUT_SECONDS,
        )


def _authorized(call: HttpCall, connection: Document, token: Document | None) -> HttpCall:
    more = connection["parameters"].get("InvocationHttpParameters") or {}
    try:
        whole = authorization.with_parameters(call, more)
    except ValueError as invalid:
        raise CallRefused(
            f"{call.url} is not a valid URL: {invalid}", code="INVALID_PARAMETER", is_lasting=True
        ) from invalid
    return authorization.with_authorization(whole, connection, token)


def _require_destination(events: Events, tx: Tx, arn: str) -> Document:
    found = find_destination(events, tx, arn)
    if found is None:
        raise CallRefused(
            f"The API destination {arn} does not exist", code="NO_RESOURCE", is_lasting=True
        )
    return found
