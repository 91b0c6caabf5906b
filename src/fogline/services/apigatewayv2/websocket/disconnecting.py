"""Disconnecting: a connection's row goes, and in the same transaction its `$disconnect` is promised.

So it runs however a connection ended, also when this process was killed: at least once, and at most once more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from fogline.apis.addresses import Address
from fogline.aws.call import root_trace
from fogline.background.outbox import Delivery, DeliveryFailed
from fogline.services.apigatewayv2.websocket import tables
from fogline.services.apigatewayv2.websocket.compiled import DISCONNECT_KEY
from fogline.services.apigatewayv2.websocket.conversing import site_of
from fogline.services.apigatewayv2.websocket.exchange import DISCONNECT, Exchange, new_id
from fogline.services.apigatewayv2.websocket.faults import Fault
from fogline.services.apigatewayv2.websocket.integrating import integrate
from fogline.services.apigatewayv2.websocket.peer import Peer, peer_of
from fogline.services.apigatewayv2.websocket.records import record
from fogline.services.apigatewayv2.websocket.standing import Standing
from fogline.store.store import Tx

KIND = "apigatewayv2.disconnect"

_REASONS = {
    1001: "Going away",
    1005: "Client-side close frame status not set",
    1006: "Connection Closed Abnormally",
    1009: "Message too large",
}
"""What `$disconnect` is told where who closed gave no reason. Those of 1001 and 1005 are AWS's words."""


def end_connection(
    standing: Standing, tx: Tx, peer: Peer, code: int, reason: str, now: int
) -> None:
    """Let go of a connection that is over; whoever comes first sees to its `$disconnect`."""
    if not tables.remove_connection(tx, peer.id):
        return
    runtime = standing.runtime
    site = runtime.sites.find(tx, Address(peer.api, peer.stage, "/", "/"))
    if site is None or site.deployed is None:
        return
    has_route = site.deployed.socket.find(DISCONNECT_KEY) is not None
    if not has_route and not site.stage.get("AccessLogSettings"):
        return
    standing.outbox.promise(
        tx,
        kind=KIND,
        target=f"{peer.api}/{peer.stage}",
        account=peer.account,
        region=peer.region,
        payload=orjson.dumps(peer.facts()),
        trace=root_trace(runtime.ids.hex(24), runtime.ids.hex(16), now),
        now=now,
        facts={
            "id": peer.id,
            "api": peer.api,
            "stage": peer.stage,
            "connectedAt": peer.connected_at,
            "code": code,
            "reason": reason or _REASONS.get(code, ""),
        },
    )


class Disconnecting:
    """Runs `$disconnect` (a performer of the outbox)."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    async def perform(self, delivery: Delivery) -> None:
        standing, facts = self._standing, delivery.facts
        peer = _peer(delivery)
        site = await site_of(standing, peer)
        if site is None or site.deployed is None:
            return
        runtime = standing.runtime
        exchange = Exchange(
            site=site,
            peer=peer,
            event=DISCONNECT,
            route_key=DISCONNECT_KEY,
            now=runtime.clock.now(),
            request_id=new_id(runtime.ids),
            trace=delivery.trace,
            authorizer=peer.authorizer,
            identity=peer.identity,
            disconnect_code=facts["code"],
            disconnect_reason=facts["reason"],
        )
        exchange.route = site.deployed.socket.find(DISCONNECT_KEY)
        integration = exchange.route.integration if exchange.route is not None else None
        status, fault = 200, None
        if integration is not None:
            try:
                status = (await integrate(standing, exchange, integration)).status
            except Fault as failed:
                status, fault = failed.kind.status, failed
        await record(standing, exchange, status, 0, fault)

    def succeed(self, tx: Tx, delivery: Delivery, result: Any, now: int) -> None:
        """Nothing follows."""

    def retry_at(self, delivery: Delivery, failure: DeliveryFailed, now: int) -> int | None:
        """As on AWS, an integration is told once, whatever it makes of it."""
        return None

    def give_up(self, tx: Tx, delivery: Delivery, failure: DeliveryFailed, now: int) -> None:
        """Nothing follows."""


def _peer(delivery: Delivery) -> Peer:
    facts: Mapping[str, Any] = delivery.facts
    return peer_of(
        facts["id"],
        delivery.account,
        delivery.region,
        facts["api"],
        facts["stage"],
        facts["connectedAt"],
        orjson.loads(delivery.payload),
    )
