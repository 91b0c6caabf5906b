"""What every connection is handed: the bounds, the handler of what is asked, and the others that are open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from fogline.ports.http import HttpRequest, HttpResponse
from fogline.world.clock import Clock

if TYPE_CHECKING:
    from fogline.gateway.tls_transport import ContextFor

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


class Open(Protocol):
    """What is open, whatever it speaks."""

    def go_away(self) -> None:
        """The server ends."""

    def close_if_slow(self, now: float) -> None:
        """End, if the other side takes longer than it may."""


class Standing:
    """The ground of all connections of a server. With `contexts` for certificates they may speak TLS."""

    __slots__ = ("_clock", "_date", "_date_second", "connections", "contexts", "handler", "limits")

    def __init__(
        self, handler: Handler, clock: Clock, limits: Limits, contexts: ContextFor | None
    ) -> None:
        self.handler = handler
        self.limits = limits
        self.contexts = contexts
        self.connections: set[Open] = set()
        self._clock = clock
        self._date_second = 0
        self._date = ""

    def date(self) -> str:
        """The Date header's line, made once a second."""
        second = self._clock.now() // 1000
        if second != self._date_second:
            from email.utils import formatdate

            self._date_second = second
            self._date = f"Date: {formatdate(second, usegmt=True)}\r\n"
        return self._date
