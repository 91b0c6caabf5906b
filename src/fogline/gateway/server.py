"""The listening server: it takes connections, and lets go of those that are too slow."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fogline.gateway.connection import Connection
from fogline.gateway.standing import Handler, Limits, Open, Reply, Standing
from fogline.world.clock import Clock

if TYPE_CHECKING:
    from fogline.gateway.tls_transport import ContextFor

__all__ = ["Handler", "Limits", "Reply", "Server"]


class Server:
    """Listens, and hands whole requests to `handler`.

    On its one port it answers plain HTTP, and with `contexts` for certificates TLS as well.
    """

    def __init__(
        self,
        handler: Handler,
        clock: Clock,
        limits: Limits | None = None,
        contexts: ContextFor | None = None,
    ) -> None:
        self._standing = Standing(handler, clock, limits or Limits(), contexts)
        self._server: asyncio.AbstractServer | None = None
        self._sweep: asyncio.TimerHandle | None = None

    @property
    def connections(self) -> set[Open]:
        """What is open now."""
        return self._standing.connections

    async def listen(self, host: str, port: int) -> tuple[str, int]:
        """Start listening; the address and port that it got. Raises OSError when they can't be had."""
        loop = asyncio.get_running_loop()
        standing = self._standing
        self._server = await loop.create_server(
            lambda: Connection(standing), host, port, backlog=1024, reuse_address=True
        )
        self._sweep = loop.call_later(standing.limits.sweep_seconds, self._close_slow)
        address = self._server.sockets[0].getsockname()
        return address[0], address[1]

    async def close(self) -> None:
        """Stop listening and close every connection."""
        if self._sweep is not None:
            self._sweep.cancel()
        if self._server is not None:
            self._server.close()
        for connection in list(self.connections):
            connection.go_away()
        await asyncio.sleep(0)

    def _close_slow(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        for connection in list(self.connections):
            connection.close_if_slow(now)
        self._sweep = loop.call_later(self._standing.limits.sweep_seconds, self._close_slow)
