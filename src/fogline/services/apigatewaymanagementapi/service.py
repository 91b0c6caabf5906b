"""The front page of `@connections`: what it stands on, and every operation by its file."""

from __future__ import annotations

from dataclasses import dataclass

from fogline.background.loop import Loop
from fogline.ports.connections import Connections
from fogline.ports.service import Service

MESSAGE_BYTES_MAX = 128 * 1024


@dataclass(frozen=True, slots=True)
class ManagementApi:
    """What every operation is handed."""

    connections: Connections
    message_bytes_max: int = MESSAGE_BYTES_MAX


OPERATIONS = {
    "connections": ("delete_connection", "get_connection", "post_to_connection"),
}


def make_service(connections: Connections, *loops: Loop) -> Service:
    """The management API as the platform takes it in, with the loops that see to connections."""
    return Service(
        name="apigatewaymanagementapi",
        package="fogline.services.apigatewaymanagementapi",
        stands_on=ManagementApi(connections),
        operations=OPERATIONS,
        loops=loops,
    )
