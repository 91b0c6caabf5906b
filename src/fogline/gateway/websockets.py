"""One upgraded connection: frames become whole messages, and messages leave as frames."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
from collections.abc import Callable, Mapping
from typing import cast

from websockets.exceptions import ProtocolError
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side, State

from fogline.ports.http import HttpResponse
from fogline.ports.websockets import WebSocketHandler

log = logging.getLogger("fogline.websockets")
_library_log = logging.getLogger("fogline.websockets.frames")
_library_log.setLevel(logging.CRITICAL)

UNREAD_BYTES_MAX = 2 * 1024 * 1024
"""What is sent to a client and not yet taken from us may grow to this; then messages to it are refused."""
UNREAD_SECONDS_MAX = 30
"""A client that leaves more than a little untaken for this long is cut."""
CLOSE_SECONDS_MAX = 5
"""A client has this long to answer our goodbye."""

_REASON_BYTES_MAX = 123
_NO_STATUS, _LOST, _GOING_AWAY, _INVALID_DATA, _BUG = 1005, 1006, 1001, 1007, 1011
_KEY_BYTES = 16
# What makes an answer to one key different from any other text: RFC 6455, 1.3.
_ACCEPT_SUFFIX = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_HANDSHAKE = frozenset(
    (
        "connection",
        "upgrade",
        "content-length",
        "transfer-encoding",
        "sec-websocket-accept",
        "sec-websocket-extensions",
        "sec-websocket-version",
    )
)


def fault_of(method: str, is_upgrade: bool, headers: Mapping[str, str]) -> tuple[int, str] | None:
    """What is wrong with a request for a WebSocket, as status and text, or None: RFC 6455, 4.2.1."""
    if method != "GET" or not is_upgrade:
        return 400, "A WebSocket is asked for by GET, HTTP/1.1, and the header Connection: Upgrade."
    if headers.get("content-length", "0") != "0" or "transfer-encoding" in headers:
        return 400, "A request for a WebSocket has no body."
    if headers.get("sec-websocket-version") != "13":
        return 426, "Only version 13 of WebSockets is spoken here."
    try:
        key = base64.b64decode(headers.get("sec-websocket-key", ""), validate=True)
    except ValueError:
        key = b""
    return None if len(key) == _KEY_BYTES else (400, "Sec-WebSocket-Key is not 16 bytes in base64.")


def handshake(key: str, response: HttpResponse, date: str) -> bytes:
    """The head of the answer that makes the connection a WebSocket."""
    digest = hashlib.sha1(key.encode("latin-1") + _ACCEPT_SUFFIX, usedforsecurity=False).digest()
    lines = [
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Accept: {base64.b64encode(digest).decode()}",
    ]
    lines += [f"{name}: {value}" for name, value in response.headers if _is_own(name, value)]
    return ("\r\n".join(lines) + f"\r\n{date}\r\n").encode("latin-1", "replace")


def _is_own(name: str, value: str) -> bool:
    """True for a header that is the endpoint's to give, and whole in one line."""
    return name.lower() not in _HANDSHAKE and not any(end in name + value for end in "\r\n\0")


class WebSocketConnection(asyncio.Protocol):
    """Takes a connection over once it is upgraded. Answers `ports.websockets.WebSocket`.

    It keeps nothing that an idle connection does not need: no task, no timer, no buffer.
    """

    __slots__ = (
        "_due",
        "_forget",
        "_handler",
        "_is_over",
        "_is_text",
        "_loop",
        "_message",
        "_protocol",
        "_transport",
        "is_open",
    )

    def __init__(
        self,
        transport: asyncio.Transport,
        handler: WebSocketHandler,
        forget: Callable[[WebSocketConnection], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport = transport
        self._handler = handler
        self._forget = forget
        self._protocol = Protocol(
            Side.SERVER,
            max_size=(handler.message_bytes_max, handler.frame_bytes_max),
            logger=_library_log,
        )
        self._message: bytearray | None = None
        self._is_text = False
        self._is_over = False
        self._due = 0.0
        self.is_open = True

    def open(self, ahead: bytes) -> None:
        """Begin; `ahead` is what the client sent before it was answered."""
        self._guarded(lambda: self._handler.opened(self))
        if ahead:
            self.data_received(ahead)

    # ---- ports.websockets.WebSocket

    def send(self, message: str | bytes) -> bool:
        # What was read with this message may have ended it already.
        if not self.is_open or self._protocol.state is not State.OPEN:
            return False
        data = message.encode("utf-8", "replace") if isinstance(message, str) else message
        if self._transport.get_write_buffer_size() + len(data) > UNREAD_BYTES_MAX:
            return False
        begin = self._protocol.send_text if isinstance(message, str) else self._protocol.send_binary
        most = self._handler.frame_bytes_max
        begin(data[:most], fin=len(data) <= most)
        for at in range(most, len(data), most):
            self._protocol.send_continuation(data[at : at + most], fin=at + most >= len(data))
        self._flush()
        return True

    def close(self, code: int, reason: str = "") -> None:
        if not self.is_open:
            return
        self.is_open = False
        if self._protocol.state is not State.OPEN:
            return
        short = reason.encode("utf-8", "replace")[:_REASON_BYTES_MAX].decode("utf-8", "ignore")
        try:
            self._protocol.send_close(code, short)
        except ProtocolError:
            log.error("A WebSocket was closed with code %s, which may not be sent", code)
            self._protocol.send_close(_BUG)
        self._await_end()

    # ---- asyncio.Protocol

    def data_received(self, data: bytes) -> None:
        if self._is_over:
            return
        protocol = self._protocol
        protocol.receive_data(data)
        for frame in protocol.events_received():
            if not self._take(cast(Frame, frame)):
                return
        if protocol.parser_exc is not None:
            self._fail_with(protocol)
        else:
            self._flush()
            if self._transport.get_write_buffer_size() > UNREAD_BYTES_MAX:
                self._transport.abort()  # it asks for pongs and does not take them

    def pause_writing(self) -> None:
        if not self._due:
            self._due = self._loop.time() + UNREAD_SECONDS_MAX

    def resume_writing(self) -> None:
        if self.is_open:
            self._due = 0.0

    def connection_lost(self, exc: Exception | None) -> None:
        sent = self._protocol.close_sent
        self._end(sent.code if sent is not None else _LOST, sent.reason if sent is not None else "")
        self._forget(self)
        # Both hold the frames in which they were made, and those hold the library's object, which holds them.
        self._protocol.parser.close()
        self._protocol.parser_exc = None

    # ---- messages

    def _take(self, frame: Frame) -> bool:
        """Take one frame; False when it was the last one."""
        opcode = frame.opcode
        if opcode is Opcode.CLOSE:
            self._leave()
            return False
        if not self.is_open:
            return True  # we have said goodbye: what still comes is for nobody
        if opcode is Opcode.PING or opcode is Opcode.PONG:
            self._guarded(self._handler.heard)
            return True
        if opcode is Opcode.CONT:
            assert self._message is not None
            self._message += frame.data
        else:
            self._is_text = opcode is Opcode.TEXT
            if frame.fin:
                return self._deliver(frame.data)
            self._message = bytearray(frame.data)
        if not frame.fin:
            return True
        whole, self._message = self._message, None
        return self._deliver(whole)

    def _deliver(self, data: bytes | bytearray | memoryview) -> bool:
        message: str | bytes
        if self._is_text:
            try:
                message = str(data, "utf-8")
            except UnicodeDecodeError:
                self._protocol.fail(_INVALID_DATA, "a text message is UTF-8")
                self._fail_with(self._protocol)
                return False
        else:
            message = bytes(data)
        self._guarded(lambda: self._handler.received(message))
        return True

    def _guarded(self, call: Callable[[], None]) -> None:
        """Tell the handler something. Where it breaks, the connection ends, and no other."""
        try:
            call()
        except Exception:
            log.exception("Handling a WebSocket failed")
            if self.is_open:
                self.close(_BUG)

    # ---- endings

    def _leave(self) -> None:
        """The client has said goodbye, first or in answer to ours: the connection ends from here."""
        received, sent = self._protocol.close_rcvd, self._protocol.close_sent
        said = received if self.is_open or sent is None else sent
        self.is_open = False
        self._await_end()
        self._transport.close()
        self._end(said.code if said else _NO_STATUS, said.reason if said else "")

    def _fail_with(self, protocol: Protocol) -> None:
        """The client broke the rules: the goodbye was written, and nothing more is read."""
        self.is_open = False
        self._await_end()
        if self._transport.can_write_eof():
            self._transport.write_eof()  # so that it goes at once, and not when we cut it off
        sent = protocol.close_sent
        self._end(sent.code if sent else _LOST, sent.reason if sent else "")

    def _await_end(self) -> None:
        self._flush()
        self._due = self._loop.time() + CLOSE_SECONDS_MAX

    def _end(self, code: int, reason: str) -> None:
        if self._is_over:
            return
        self._is_over = True
        self.is_open = False
        self._message = None
        self._guarded(lambda: self._handler.closed(code, reason))

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._transport.write(data)

    def go_away(self) -> None:
        """The server ends: say so, and wait for nothing."""
        self.close(_GOING_AWAY)
        self._transport.close()
        self._end(_GOING_AWAY, "")

    def close_if_slow(self, now: float) -> None:
        """Cut a client that did not answer our goodbye, or does not read. An idle one may stay."""
        if self._due and now > self._due:
            self._transport.abort()
