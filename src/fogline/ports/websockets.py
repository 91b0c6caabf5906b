"""WebSockets as the services that answer them see them: whole messages, in order, both ways."""

from __future__ import annotations

from typing import Protocol


class WebSocket(Protocol):
    """One open connection. Everything here is for the event loop's own thread."""

    is_open: bool
    """False once either side has begun to close it, or it was lost."""

    def send(self, message: str | bytes) -> bool:
        """Send a message: text as a text message, bytes as a binary one.

        False when nothing was sent: it is closed, or the client does not read and its buffer is full.
        """

    def close(self, code: int, reason: str = "") -> None:
        """Say goodbye; what was sent before still arrives. `code` is one that may be sent (RFC 6455, 7.4)."""


class WebSocketHandler(Protocol):
    """What an endpoint answers an upgrade with (`HttpResponse.upgrade`): told of everything that comes.

    Its methods must not wait. What they are told of after they began something, they must put in line themselves.
    """

    message_bytes_max: int
    """A longer message ends the connection with code 1009."""
    frame_bytes_max: int
    """A longer frame of a message does, too. Longer messages are sent in several frames."""

    def opened(self, socket: WebSocket) -> None:
        """The client has been answered 101. Not called when it had gone by then."""

    def received(self, message: str | bytes) -> None:
        """A whole message came."""

    def heard(self) -> None:
        """A ping or pong came; a ping has been answered."""

    def closed(self, code: int, reason: str) -> None:
        """It is over. Called exactly once however it ends, even if it never opened.

        The code is who began to close has said; 1005 when the client gave none, 1006 when the connection was lost.
        """
