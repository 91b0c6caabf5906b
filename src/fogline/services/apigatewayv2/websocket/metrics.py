"""Metrics of WebSocket APIs: what CloudWatch is told of connections and of messages.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-logging.html
"""

from __future__ import annotations

from collections.abc import Sequence

from fogline.apis.metrics import integration_latency, sources_of
from fogline.ports.metrics import Measure, Source
from fogline.services.apigatewayv2.websocket.exchange import CONNECT, MESSAGE, Exchange
from fogline.services.apigatewayv2.websocket.faults import INTEGRATION_FAILURE, Fault
from fogline.services.apigatewayv2.websocket.peer import Peer

_CONNECTED = Measure("ConnectCount", 1, "Count")
_MESSAGE = Measure("MessageCount", 1, "Count")
"""From a client, or to one."""
POSTED = (_MESSAGE,)
_NO_CLIENT_ERROR, _CLIENT_ERROR = (Measure("ClientError", value, "Count") for value in (0, 1))
_NO_EXECUTION_ERROR, _EXECUTION_ERROR = (
    Measure("ExecutionError", value, "Count") for value in (0, 1)
)
_NO_INTEGRATION_ERROR, _INTEGRATION_ERROR = (
    Measure("IntegrationError", value, "Count") for value in (0, 1)
)
_FINE = (_NO_CLIENT_ERROR, _NO_EXECUTION_ERROR, _NO_INTEGRATION_ERROR)
_OF_CLIENT = (_CLIENT_ERROR, _NO_EXECUTION_ERROR, _NO_INTEGRATION_ERROR)
_OF_EXECUTION = (_NO_CLIENT_ERROR, _EXECUTION_ERROR, _NO_INTEGRATION_ERROR)
_OF_INTEGRATION = (_NO_CLIENT_ERROR, _NO_EXECUTION_ERROR, _INTEGRATION_ERROR)


def sources(exchange: Exchange) -> Sequence[Source]:
    """What the numbers of an exchange are about."""
    site, key = exchange.site, exchange.route_key
    detail: tuple[tuple[str, str], ...] = ()
    if exchange.route is not None and site.route_settings(key).get("DetailedMetricsEnabled"):
        detail = (("Route", key),)
    return sources_of(site.account, site.region, ("ApiId", site.api_id), site.stage_name, detail)


def sources_of_peer(peer: Peer) -> Sequence[Source]:
    """What the numbers of a message that a backend sends to a client are about: no route sends it."""
    return sources_of(peer.account, peer.region, ("ApiId", peer.api), peer.stage)


def measures(
    exchange: Exchange, status: int, answer_bytes: int, fault: Fault | None
) -> Sequence[Measure]:
    """The numbers of an exchange that is over."""
    found = [*_ending(exchange, status, fault)]
    took = exchange.facts.get("integrationLatency")
    if exchange.event == MESSAGE:
        found.append(_MESSAGE)
        if answer_bytes:
            found.append(_MESSAGE)
    elif exchange.event == CONNECT and (fault is None or took is not None):
        found.append(_CONNECTED)
    integration = exchange.route.integration if exchange.route is not None else None
    if took is not None and integration is not None and integration.kind != "MOCK":
        found.append(integration_latency(took))
    return found


def _ending(exchange: Exchange, status: int, fault: Fault | None) -> Sequence[Measure]:
    """Whose error it was, if it was one: the client's, or the integration's, or one in between."""
    if fault is None:
        return _FINE if status < 400 else _OF_INTEGRATION
    if fault.kind.status < 500:
        return _OF_CLIENT
    if fault.kind is INTEGRATION_FAILURE and _has_answered(exchange, fault):
        return _OF_INTEGRATION
    return _OF_EXECUTION


def _has_answered(exchange: Exchange, fault: Fault) -> bool:
    """An integration's own status is noted as it came; of one that gave none, the status of the fault."""
    status = exchange.facts.get("integrationStatus")
    return status is not None and status != fault.kind.status
