"""Conversing: what becomes of a message that a client sent, and what the client is sent back."""

from __future__ import annotations

from fogline.apis.addresses import Address
from fogline.apis.transactions import look
from fogline.aws.call import root_trace
from fogline.services.apigatewayv2.sites import Site
from fogline.services.apigatewayv2.websocket.exchange import MESSAGE, Exchange, new_id
from fogline.services.apigatewayv2.websocket.faults import (
    FORBIDDEN,
    INTEGRATION_FAILURE,
    Fault,
    fault_text,
    misconfigured,
)
from fogline.services.apigatewayv2.websocket.integrating import answer_of, integrate
from fogline.services.apigatewayv2.websocket.peer import Peer
from fogline.services.apigatewayv2.websocket.records import record
from fogline.services.apigatewayv2.websocket.selection import DEFAULT
from fogline.services.apigatewayv2.websocket.standing import Standing
from fogline.services.apigatewayv2.websocket.throttling import throttle


async def site_of(standing: Standing, peer: Peer) -> Site | None:
    """The stage that a client is connected to, with what is deployed there now; None if it is gone."""
    address = Address(peer.api, peer.stage, "/", "/")
    sites = standing.runtime.sites
    return await look(standing.runtime.store, lambda tx: sites.find(tx, address))


class StageGone(Exception):
    """The stage that a client is connected to is there no more, or nothing is deployed to it."""


async def converse(standing: Standing, peer: Peer, text: str) -> bytes | None:
    """The answer to a message; None where the client gets none. Raises StageGone."""
    runtime = standing.runtime
    now = runtime.clock.now()
    request_id = new_id(runtime.ids)
    site = await site_of(standing, peer)
    if site is None or site.deployed is None:
        raise StageGone
    exchange = Exchange(
        site=site,
        peer=peer,
        event=MESSAGE,
        route_key=DEFAULT,
        now=now,
        request_id=request_id,
        trace=root_trace(runtime.ids.hex(24), runtime.ids.hex(16), now),
        body=text,
        message_id=new_id(runtime.ids),
        authorizer=peer.authorizer,
        identity=peer.identity,
    )
    try:
        answer, status = await _answer(standing, exchange)
    except Fault as fault:
        answer = fault_text(fault.message, peer.id, request_id).encode()
        await record(standing, exchange, fault.kind.status, len(answer), fault)
        return answer
    await record(standing, exchange, status, len(answer or b""))
    return answer


async def _answer(standing: Standing, exchange: Exchange) -> tuple[bytes | None, int]:
    assert exchange.site.deployed is not None
    route = exchange.site.deployed.socket.route_of(exchange)
    if route is None:
        throttle(standing, exchange)
        raise Fault(FORBIDDEN, "There is no route for the message, and no $default")
    exchange.route, exchange.route_key = route, route.key
    throttle(standing, exchange)
    route.check_body(exchange)
    integration = route.integration
    if integration is None:
        raise misconfigured("No integration defined for route")
    reply = await integrate(standing, exchange, integration)
    if not route.answers:
        return None, reply.status
    answer = answer_of(exchange, integration, reply)
    if len(answer) > standing.limits.message_bytes_max:
        raise Fault(INTEGRATION_FAILURE, "The answer is larger than a message may be")
    return answer or None, reply.status
