"""Connecting: a client is let in by its API's `$connect`, and then its connection is kept.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-route-keys-connect-disconnect.html
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from sys import intern

from fogline.apis.addresses import Address, is_address
from fogline.apis.fields import Headers, parse_query, request_headers
from fogline.apis.requests import raw_headers, source_ip, trace_header
from fogline.aws.call import Trace
from fogline.ports.http import HttpRequest, HttpResponse
from fogline.services.apigatewayv2.sites import Site
from fogline.services.apigatewayv2.websocket import tables
from fogline.services.apigatewayv2.websocket.authorizing import admit
from fogline.services.apigatewayv2.websocket.compiled import CONNECT_KEY
from fogline.services.apigatewayv2.websocket.events import Reply
from fogline.services.apigatewayv2.websocket.exchange import CONNECT, Exchange, new_id
from fogline.services.apigatewayv2.websocket.faults import (
    BAD_PARAMETERS,
    FORBIDDEN,
    INTEGRATION_FAILURE,
    TOO_LONG,
    Fault,
    fault_text,
)
from fogline.services.apigatewayv2.websocket.held import Held
from fogline.services.apigatewayv2.websocket.holdings import Holdings
from fogline.services.apigatewayv2.websocket.integrating import headers_of, integrate
from fogline.services.apigatewayv2.websocket.parameters import missing
from fogline.services.apigatewayv2.websocket.peer import Peer
from fogline.services.apigatewayv2.websocket.records import record
from fogline.services.apigatewayv2.websocket.selection import DEFAULT
from fogline.services.apigatewayv2.websocket.standing import Standing
from fogline.services.apigatewayv2.websocket.throttling import throttle, throttle_connecting
from fogline.store.store import Tx

_DROPPED = frozenset(("connection", "upgrade", "content-length", "transfer-encoding"))
_LOST = 1006
_JSON = "application/json"


async def connect(
    standing: Standing,
    holdings: Holdings,
    request: HttpRequest,
    site: Site,
    address: Address,
    trace: Trace,
) -> HttpResponse:
    """The answer to a client that wants to connect: 101 with who handles its socket, or a refusal."""
    exchange = _exchange(standing, request, site, address, trace)
    if _url_characters(request) > standing.limits.url_characters_max:
        body = fault_text(TOO_LONG.message, exchange.peer.id, exchange.request_id).encode()
        return _refused(exchange, TOO_LONG.status, body, _JSON)
    holdings.begin(exchange.peer.id)
    response = None
    try:
        await holdings.turn()
        response = await _connect(standing, holdings, exchange)
    finally:
        if response is None or response.upgrade is None:
            holdings.settle(exchange.peer.id)
    return response


async def _connect(standing: Standing, holdings: Holdings, exchange: Exchange) -> HttpResponse:
    try:
        reply = await _ask(standing, exchange)
    except Fault as fault:
        body = fault_text(fault.message, exchange.peer.id, exchange.request_id).encode()
        await record(standing, exchange, fault.kind.status, len(body), fault)
        return _refused(exchange, fault.kind.status, body, _JSON)
    if not 200 <= reply.status < 300:
        await record(standing, exchange, reply.status, len(reply.body))
        kind = reply.headers.find("content-type") or _JSON
        return _refused(exchange, reply.status, reply.body, kind)
    peer = replace(exchange.peer, authorizer=exchange.authorizer, identity=exchange.identity)
    try:
        await _keep(standing, peer)
        await record(standing, exchange, reply.status)
    except asyncio.CancelledError:
        holdings.run(holdings.forget(peer, _LOST, ""), f"the end of {peer.id}")
        raise
    headers = [("Sec-WebSocket-Protocol", each) for each in _protocols(reply.headers)]
    return HttpResponse(101, headers, upgrade=Held(holdings, peer))


async def _ask(standing: Standing, exchange: Exchange) -> Reply:
    """What `$connect` says, if the API has it; all may connect to one that does not. Raises Fault."""
    deployed = exchange.site.deployed
    if deployed is None:
        raise Fault(FORBIDDEN, "Nothing is deployed to the stage")
    throttle_connecting(standing, exchange)
    throttle(standing, exchange)
    route = exchange.route = deployed.socket.find(CONNECT_KEY)
    if route is None:
        return Reply(200, Headers(), b"")
    await admit(standing, exchange, route)
    names = missing(route.parameters, exchange)
    if names:
        text = f"Missing required request parameters: [{', '.join(names)}]"
        raise Fault(BAD_PARAMETERS, text, message=text)
    integration = route.integration
    if integration is None:
        return Reply(200, Headers(), b"")
    reply = await integrate(standing, exchange, integration)
    response = integration.response_for(reply.error) if reply.error else None
    if reply.error and (response is None or response.key == DEFAULT):
        # There is no status in a response that could say so: a function that fails lets nobody in.
        raise Fault(INTEGRATION_FAILURE, f"The function failed: {reply.error}")
    return reply._replace(headers=headers_of(exchange, integration, reply))


def _url_characters(request: HttpRequest) -> int:
    return len("wss://") + len(request.headers.get("host", "")) + len(request.target)


def _exchange(
    standing: Standing, request: HttpRequest, site: Site, address: Address, trace: Trace
) -> Exchange:
    runtime = standing.runtime
    now = runtime.clock.now()
    headers = request_headers(raw_headers(request), _DROPPED)
    peer = Peer(
        id=new_id(runtime.ids),
        account=intern(site.account),
        region=intern(site.region),
        api=intern(site.api_id),
        stage=intern(site.stage_name),
        host=intern(_host(standing, request, site, address)),
        connected_at=now,
        source_ip=intern(source_ip(request)),
        user_agent=intern(headers.find("user-agent") or ""),
    )
    return Exchange(
        site=site,
        peer=peer,
        event=CONNECT,
        route_key=CONNECT_KEY,
        now=now,
        request_id=new_id(runtime.ids),
        trace=trace,
        headers=headers,
        query=parse_query(request.query),
        request=request,
        scheme=request.scheme,
        trace_header=trace_header(request, trace),
    )


def _host(standing: Standing, request: HttpRequest, site: Site, address: Address) -> str:
    """The name under which functions reach the API again, whatever their resolvers know of custom domain names."""
    host = request.headers.get("host", "")
    if is_address(host, "/") and ".amazonaws.com" not in host:
        return host
    port = standing.runtime.endpoint().rpartition(":")[2]
    name = address.domain or f"{site.api_id}.execute-api.{site.region}"
    return f"{name}.localhost:{port}"


async def _keep(standing: Standing, peer: Peer) -> None:
    store = standing.runtime.store

    def add(tx: Tx) -> None:
        if store.is_shared:
            tables.add_node(tx, standing.node, peer.connected_at + standing.limits.node_lease_ms)
        tables.add_connection(tx, peer, standing.node)

    await store.transact(add)


def _protocols(headers: Headers) -> list[str]:
    """The subprotocols that `$connect` has chosen."""
    return [
        value
        for value in headers.all("sec-websocket-protocol")
        if not any(letter in value for letter in "\r\n\0")
    ]


def _refused(exchange: Exchange, status: int, body: bytes, kind: str) -> HttpResponse:
    headers = [("Content-Type", kind), ("x-amz-apigw-id", exchange.request_id)]
    return HttpResponse(status, headers, body)
