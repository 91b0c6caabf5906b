"""The listening server: its connections, their bounds, and the handler of what they ask."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fogline.gateway.connection import Connection
from fogline.ports.http import HttpRequest, HttpResponse
from fogline.world.clock import Clock

if TYPE_CHECKING:
    from fogline.gateway.tls_transport import ContextFor, TlsTransport
    from fogline.gateway.websockets import WebSocketConnection

Reply = Callable[[HttpResponse], None]
Cancel = Callable[[], None]
Handler = Callable[[HttpRequest, Reply], Cancel | None]
"""Answers a request by calling its Reply once, now or later; may return what gives the request up."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one connection and of the server."""

    header_bytes_max: int = 64 * 1024
    header_count_max: int = 200
    body_memory_bytes_max: int = 8 * 1024 * 1024
    body_bytes_max: int = 5 * 1024 * 1024 * 1024
    pipelined_max: int = 64
    ahead_bytes_max: int = 64 * 1024
    """What is read of a client that asked for an upgrade and was not answered yet."""
    connections_max: int = 10_000
    receive_seconds_max: int = 30
    """A request that has begun must make progress within this time."""
    idle_seconds_max: int = 3_600
    """A connection between requests is kept this long."""
    sweep_seconds: int = 5


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
        self.handler = handler
        self.limits = limits or Limits()
        self.contexts = contexts
        self.connections: set[Connection | TlsTransport | WebSocketConnection] = set()
        self._clock = clock
        self._server: asyncio.AbstractServer | None = None
        self._sweep: asyncio.TimerHandle | None = None
        self._date_second = 0
        self._date = ""

    async def listen(self, host: str, port: int) -> tuple[str, int]:
        """Start listening; the address and port that it got. Raises OSError when they can't be had."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Connection(self), host, port, backlog=1024, reuse_address=True
        )
        self._sweep = loop.call_later(self.limits.sweep_seconds, self._close_slow)
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
        self._sweep = loop.call_later(self.limits.sweep_seconds, self._close_slow)

    def date(self) -> str:
        """The Date header's line, made once a second."""
        second = self._clock.now() // 1000
        if second != self._date_second:
            from email.utils import formatdate

            self._date_second = second
            self._date = f"Date: {formatdate(second, usegmt=True)}\r\n"
        return self._date
