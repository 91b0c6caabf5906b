"""Connections of WebSocket APIs: who is connected, and what may be done with a connection. Answered by apigatewayv2."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class Posted(Enum):
    """What became of a message for a client."""

    SENT = "sent"
    GONE = "gone"
    """There is no such connection any more."""
    FULL = "full"
    """The client does not read, and no more is kept for it."""


@dataclass(frozen=True, slots=True)
class Connection:
    """One open connection. Times are in milliseconds since the epoch."""

    id: str
    account: str
    region: str
    api: str
    stage: str
    connected_at: int
    last_active_at: int
    source_ip: str
    user_agent: str


class Connections(Protocol):
    """All open connections, of every node. All of it belongs to the event loop's thread."""

    async def find(self, id: str) -> Connection | None:
        """The connection of that id."""

    async def post(self, id: str, message: bytes) -> Posted:
        """Send a client a message: as text where it is UTF-8, else as a binary one.

        Of a connection that another node holds, SENT says that the message is on its way there.
        """

    async def end(self, id: str) -> bool:
        """Disconnect a client; False if there is no such connection."""
