"""What running WebSocket APIs stands on, beside the ground of all APIs."""

from __future__ import annotations

from dataclasses import dataclass, field

from fogline.apis.causes import cause_of
from fogline.aws.call import Call
from fogline.background.outbox import Outbox
from fogline.background.supervisor import Run
from fogline.ports.usage_plans import UsagePlans
from fogline.services.apigatewayv2.runtime import Runtime
from fogline.services.apigatewayv2.websocket.exchange import Exchange
from fogline.world.clock import HOUR, MINUTE, SECOND

_SERVICE = "apigateway"


@dataclass(frozen=True, slots=True)
class SocketLimits:
    """Every number of connections.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
    """

    message_bytes_max: int = 128 * 1024
    frame_bytes_max: int = 32 * 1024
    idle_ms_max: int = 10 * MINUTE
    connected_ms_max: int = 2 * HOUR
    connects_per_second_max: int = 0
    """Of an account in a region, and as many at once. AWS allows 500, and more to who asks; 0 is no bound."""
    url_characters_max: int = 4_096
    """Of the address by which a client connects."""
    authorizer_answer_bytes_max: int = 8 * 1024
    begun_per_turn_max: int = 50
    """Clients that begin to connect, messages and endings that are taken up in one turn of the event loop."""
    running_max: int = 32
    """Messages of one connection that are worked on at the same time. AWS names no number."""
    waiting_max: int = 256
    """Messages of one connection that wait for that; what comes beyond is refused."""
    waiting_characters_max: int = 1024 * 1024
    """When so much waits, no more is taken."""
    answer_bytes_max: int = 1024 * 1024
    """What is taken of an integration's answer."""
    node_lease_ms: int = 30 * SECOND
    """How long others wait for a node that says nothing any more."""
    node_renewal_ms: int = 10 * SECOND


@dataclass(frozen=True, slots=True)
class Standing:
    """What every connection is handed."""

    runtime: Runtime
    outbox: Outbox
    run: Run
    usage_plans: UsagePlans
    node: str
    """The name of this life of this process."""
    limits: SocketLimits = field(default_factory=SocketLimits)

    def cause(self, exchange: Exchange, credentials: str = "", region: str = "") -> Call:
        """The call as which an exchange asks others: as its integration's role, or as its account."""
        return cause_of(_SERVICE, self.runtime, exchange, credentials, region)
