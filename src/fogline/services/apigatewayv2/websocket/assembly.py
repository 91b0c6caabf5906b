"""How running WebSocket APIs is put together."""

from __future__ import annotations

from dataclasses import dataclass

from fogline.background.outbox import Outbox
from fogline.background.supervisor import Run
from fogline.background.topics import Topics
from fogline.ports.usage_plans import UsagePlans
from fogline.services.apigatewayv2.runtime import Runtime
from fogline.services.apigatewayv2.websocket import disconnecting
from fogline.services.apigatewayv2.websocket.holdings import Holdings
from fogline.services.apigatewayv2.websocket.nodes import Nodes
from fogline.services.apigatewayv2.websocket.road import SocketRoad
from fogline.services.apigatewayv2.websocket.standing import SocketLimits, Standing


@dataclass(frozen=True, slots=True)
class Sockets:
    """What the platform is given: who answers by HTTP, who holds connections, and a loop."""

    road: SocketRoad
    holdings: Holdings
    nodes: Nodes


def make_sockets(
    runtime: Runtime,
    outbox: Outbox,
    run: Run,
    topics: Topics,
    usage_plans: UsagePlans,
    limits: SocketLimits,
) -> Sockets:
    """WebSocket APIs on that ground; `$disconnect` goes through the outbox."""
    standing = Standing(runtime, outbox, run, usage_plans, runtime.ids.hex(16), limits)
    holdings = Holdings(standing, topics)
    outbox.register(disconnecting.KIND, disconnecting.Disconnecting(standing))
    return Sockets(SocketRoad(standing, holdings), holdings, Nodes(standing, holdings))
