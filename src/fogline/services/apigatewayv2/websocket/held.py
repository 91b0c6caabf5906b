"""A connection that this process holds: what comes over it, in bounds, and what is sent over it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from fogline.ports.connections import Posted
from fogline.ports.websockets import WebSocket
from fogline.services.apigatewayv2.websocket.conversing import StageGone
from fogline.services.apigatewayv2.websocket.peer import Peer

if TYPE_CHECKING:
    from fogline.services.apigatewayv2.websocket.holdings import Holdings

NORMAL, GOING_AWAY, UNSUPPORTED = 1000, 1001, 1003


class Held:
    """Handles one socket (`ports/websockets.py`). There are thousands, so there is little in it."""

    __slots__ = ("_holdings", "_running", "_waiting", "active_at", "peer", "socket")

    # AWS's: limits that tests could shrink would have to be in every one of thousands.
    message_bytes_max = 128 * 1024
    frame_bytes_max = 32 * 1024

    def __init__(self, holdings: Holdings, peer: Peer) -> None:
        self._holdings = holdings
        self.peer = peer
        self.active_at = peer.connected_at
        self.socket: WebSocket | None = None
        self._running = 0
        self._waiting: deque[str] | None = None

    @property
    def is_open(self) -> bool:
        return self.socket is not None and self.socket.is_open

    # ---- from the socket

    def opened(self, socket: WebSocket) -> None:
        self.socket = socket
        self._holdings.opened(self)

    def received(self, message: str | bytes) -> None:
        self.heard()
        if isinstance(message, bytes):
            # As AWS documents: frames of binary messages are not for these APIs.
            self.close(UNSUPPORTED)
            return
        holdings = self._holdings
        if self._running < holdings.limits.running_max:
            self._running += 1
            holdings.run(self._answer(message), f"messages of {self.peer.id}")
            return
        if self._waiting is None:
            self._waiting = deque()
        limits, waits = holdings.limits, sum(map(len, self._waiting))
        if len(self._waiting) < limits.waiting_max and waits < limits.waiting_characters_max:
            self._waiting.append(message)
        else:
            self.send(holdings.too_many(self.peer))

    def heard(self) -> None:
        self.active_at = self._holdings.now()

    def closed(self, code: int, reason: str) -> None:
        self._waiting = self.socket = None
        self._holdings.closed(self, code, reason)

    # ---- to the socket

    async def _answer(self, message: str) -> None:
        """Answer a message, and then those that wait, one after the other."""
        try:
            while True:
                answer = await self._holdings.converse(self.peer, message)
                if answer is not None:
                    self.send(answer)
                if not self._waiting:
                    break
                message = self._waiting.popleft()
        except StageGone:
            self.close(GOING_AWAY, "Going away")
        finally:
            self._running -= 1

    def send(self, message: bytes) -> Posted:
        """Text where it is UTF-8, else binary."""
        if self.socket is None or not self.socket.is_open:
            return Posted.GONE
        try:
            sent = self.socket.send(message.decode())
        except UnicodeDecodeError:
            sent = self.socket.send(message)
        if not sent:
            return Posted.FULL if self.socket.is_open else Posted.GONE
        self.active_at = self._holdings.now()
        return Posted.SENT

    def close(self, code: int, reason: str = "") -> None:
        if self.socket is not None and self.socket.is_open:
            self.socket.close(code, reason)
