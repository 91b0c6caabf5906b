"""One connection of HTTP: bytes become whole requests, and answers leave in the order of their requests."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import replace
from http import HTTPStatus
from typing import BinaryIO, cast

import httptools

from fogline.gateway.standing import Cancel, Standing
from fogline.ports.http import CutShort, HttpRequest, HttpResponse

log = logging.getLogger("fogline.server")

_TLS_HANDSHAKE = 0x16
_REASONS = {status.value: status.phrase for status in HTTPStatus}
_HEADS = {status: f"HTTP/1.1 {status} {reason}\r\n" for status, reason in _REASONS.items()}
_HEADER_NAMES_MAX = 1_024

# Clients send the same few names over and over; what a hostile one sends is not kept beyond the bound.
_header_names: dict[bytes, str] = {}


def _header_name(name: bytes) -> str:
    text = name.decode("latin-1").lower()
    if len(_header_names) < _HEADER_NAMES_MAX and len(name) < 64:
        _header_names[name] = text
    return text


_NO_BODY = frozenset((204, 304))
# In place of the parser of a connection that is over: a parser holds its connection, which holds it, and what holds
# itself stays until the collector comes by, which is seldom.
_SPENT = httptools.HttpRequestParser(object())


class _Slot:
    """The place of one answer in its connection's order.

    `key` is that of a request for a WebSocket, which is the last one that is read before its answer.
    """

    __slots__ = ("cancel", "is_head", "keep_alive", "key", "response")

    def __init__(self, keep_alive: bool, is_head: bool, key: str = "") -> None:
        self.keep_alive = keep_alive
        self.is_head = is_head
        self.key = key
        self.response: HttpResponse | None = None
        self.cancel: Cancel | None = None


class Connection(asyncio.Protocol):
    """One client's connection."""

    __slots__ = (
        "_ahead",
        "_body",
        "_body_size",
        "_can_write",
        "_header_bytes",
        "_headers",
        "_is_closing",
        "_is_in_headers",
        "_is_receiving",
        "_is_streaming",
        "_last_progress",
        "_loop",
        "_parser",
        "_raw_headers",
        "_scheme",
        "_slots",
        "_spool",
        "_standing",
        "_streaming",
        "_target",
        "_transport",
        "_upgrading",
        "_writable",
    )

    def __init__(self, standing: Standing, scheme: str = "http") -> None:
        self._standing = standing
        self._scheme = scheme
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpRequestParser(self)
        self._slots: deque[_Slot] = deque()
        self._is_closing = False
        self._is_receiving = False
        self._is_streaming = False
        self._is_in_headers = False
        self._ahead: bytearray | None = None
        self._can_write = True
        self._writable: asyncio.Future[None] | None = None
        self._streaming: asyncio.Task[None] | None = None
        self._last_progress = self._loop.time()
        self._reset()

    def _reset(self) -> None:
        self._target = b""
        self._headers: dict[str, str] = {}
        self._raw_headers: list[tuple[bytes, bytes]] = []
        self._header_bytes = 0
        self._body: list[bytes] = []
        self._body_size = 0
        self._spool: BinaryIO | None = None
        self._upgrading: HttpRequest | None = None

    # ---- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are Transports in all but their class.
        self._transport = cast(asyncio.Transport, transport)
        if len(self._standing.connections) >= self._standing.limits.connections_max:
            self._transport.abort()
            return
        self._standing.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()
        self._standing.connections.discard(self)
        for slot in self._slots:
            if slot.cancel is not None:
                slot.cancel()
            if slot.response is not None:
                _forgo(slot.response)
        self._slots.clear()
        if self._streaming is not None:
            # What it streams may have no end of its own, as a live tail.
            self._streaming.cancel()
        if self._spool is not None:
            self._spool.close()

    def _leave(self) -> None:
        """The transport is gone, or another's: nothing of this object is needed any more."""
        self._is_closing = True
        self._transport = None
        self._parser = _SPENT

    def data_received(self, data: bytes) -> None:
        if self._is_closing:
            return
        self._last_progress = self._loop.time()
        if self._ahead is not None:
            self._keep_ahead(data)
            return
        if self._is_in_headers:
            # A request's first bytes may bring its headers whole; what must not grow is what follows them.
            self._header_bytes += len(data)
            if self._header_bytes > self._standing.limits.header_bytes_max:
                if self._raw_headers or not self._target:
                    self._refuse(431, "The request's headers are too large.")
                else:
                    self._refuse(414, "The request target is too long.")
                return
        try:
            self._feed(data)
        except httptools.HttpParserCallbackError as error:
            cause = error.__context__
            if isinstance(cause, _Refused):
                self._refuse(cause.status, cause.text)
            else:
                log.error("Reading a request failed", exc_info=cause or error)
                self._refuse(400, "The request could not be read.")
        except httptools.HttpParserError:
            # No request begins with this byte, so plain HTTP never pays for the question.
            if data[0] == _TLS_HANDSHAKE and self._can_begin_tls():
                self._begin_tls(data)
            else:
                self._refuse(400, "This is not HTTP/1.1.")

    def pause_writing(self) -> None:
        self._can_write = False

    def resume_writing(self) -> None:
        self._can_write = True
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)

    # ---- httptools

    def on_message_begin(self) -> None:
        self._reset()
        self._is_receiving = True
        self._is_in_headers = True

    def on_url(self, url: bytes) -> None:
        self._target += url
        if len(self._target) > self._standing.limits.header_bytes_max:
            raise _Refused(414, "The request target is too long.")

    def on_header(self, name: bytes, value: bytes) -> None:
        headers = self._headers
        self._raw_headers.append((name, value))
        key = _header_names.get(name) or _header_name(name)
        if key in headers:
            headers[key] = f"{headers[key]},{value.decode('latin-1')}"
        else:
            headers[key] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self._is_in_headers = False
        headers = self._headers
        if self._parser.get_method() == b"CONNECT":
            raise _Refused(501, "This is not a proxy.")
        if len(headers) > self._standing.limits.header_count_max:
            raise _Refused(431, "The request has too many headers.")
        length = headers.get("content-length")
        if length is not None and int(length) > self._standing.limits.body_bytes_max:
            raise _Refused(413, "The request's body is too large.")
        # The answer must not overtake those of pipelined requests before it.
        if (
            "expect" in headers
            and headers["expect"].lower() == "100-continue"
            and not self._slots
            and self._transport is not None
        ):
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, data: bytes) -> None:
        self._body_size += len(data)
        limits = self._standing.limits
        if self._body_size > limits.body_bytes_max:
            raise _Refused(413, "The request's body is too large.")
        if self._spool is not None:
            self._spool.write(data)
        elif self._body_size > limits.body_memory_bytes_max:
            self._spool = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the request
            self._spool.writelines(self._body)
            self._spool.write(data)
            self._body.clear()
        else:
            self._body.append(data)

    def on_message_complete(self) -> None:
        method = self._parser.get_method().decode("latin-1")
        key = ""
        if "upgrade" in self._headers:
            if self._headers["upgrade"].lower() == "websocket":
                key = self._require_handshake(method)
            elif self._parser.should_upgrade():
                return  # see _read_again
        self._is_receiving = False
        slot = _Slot(self._parser.should_keep_alive(), method == "HEAD", key)
        spool = self._spool
        if spool is not None:
            spool.seek(0)
            self._spool = None
        body = self._body
        request = HttpRequest(
            method,
            self._target.decode("latin-1"),
            self._headers,
            body[0] if len(body) == 1 else b"".join(body),
            spool,
            self._raw_headers,
            self._scheme,
        )
        self._slots.append(slot)
        if len(self._slots) >= self._standing.limits.pipelined_max and self._transport is not None:
            self._transport.pause_reading()
        if key:
            self._upgrading = request
        else:
            self._ask(slot, request)

    def _ask(self, slot: _Slot, request: HttpRequest) -> None:
        slot.cancel = self._standing.handler(request, lambda response: self._settle(slot, response))

    # ---- upgrades

    def _feed(self, data: bytes | memoryview) -> None:
        while True:
            try:
                self._parser.feed_data(data)
                return
            except httptools.HttpParserUpgrade as paused:
                data = memoryview(data)[paused.args[0] :]
            if self._upgrading is not None:
                self._ask_for_upgrade(self._upgrading, data)
                return
            if self._is_receiving:
                self._read_again()

    def _read_again(self) -> None:
        """Read a request without its wish for a protocol that is not spoken here (clients of Java wish for HTTP/2).

        The parser took it at its word, and its body for that other protocol.
        """
        method = self._parser.get_method()
        lines = [b"%b %b HTTP/1.1" % (method, self._target)]
        lines += [b"%b: %b" % each for each in self._raw_headers if each[0].lower() != b"upgrade"]
        self._parser = httptools.HttpRequestParser(self)
        self._parser.feed_data(b"\r\n".join(lines) + b"\r\n\r\n")

    def _require_handshake(self, method: str) -> str:
        """The key of a request for a WebSocket. Raises _Refused."""
        from fogline.gateway.websockets import fault_of

        is_upgrade = self._parser.should_upgrade() and self._parser.get_http_version() == "1.1"
        fault = fault_of(method, is_upgrade, self._headers)
        if fault is not None:
            raise _Refused(*fault)
        return self._headers["sec-websocket-key"]

    def _ask_for_upgrade(self, request: HttpRequest, ahead: bytes | memoryview) -> None:
        """Ask for a WebSocket; what its client already sends waits for the answer."""
        self._upgrading = None
        self._ahead = bytearray()
        self._keep_ahead(ahead)
        self._ask(self._slots[-1], request)

    def _keep_ahead(self, data: bytes | memoryview) -> None:
        assert self._ahead is not None
        self._ahead += data
        if len(self._ahead) > self._standing.limits.ahead_bytes_max and self._transport is not None:
            self._transport.pause_reading()

    def _take_ahead(self) -> bytes:
        ahead, self._ahead = self._ahead, None
        assert ahead is not None
        if len(ahead) > self._standing.limits.ahead_bytes_max and self._transport is not None:
            self._transport.resume_reading()
        return bytes(ahead)

    def _upgrade(self, slot: _Slot, response: HttpResponse) -> None:
        """Hand the connection over to a WebSocket."""
        from fogline.gateway.websockets import WebSocketConnection, handshake

        transport, connections = self._transport, self._standing.connections
        assert transport is not None
        assert response.upgrade is not None
        socket = WebSocketConnection(transport, response.upgrade, connections.discard)
        connections.discard(self)
        connections.add(socket)
        ahead = self._take_ahead()
        self._leave()
        transport.set_protocol(socket)
        transport.write(handshake(slot.key, response, self._standing.date()))
        socket.open(ahead)

    # ---- TLS

    def _can_begin_tls(self) -> bool:
        """True on a plain connection that owes no answer."""
        is_plain = self._scheme == "http" and self._standing.contexts is not None
        return is_plain and not self._slots and not self._is_streaming

    def _begin_tls(self, data: bytes) -> None:
        """Put TLS between the socket and a new connection."""
        from fogline.gateway.tls_transport import TlsTransport

        standing, transport = self._standing, self._transport
        assert transport is not None
        assert standing.contexts is not None
        due = self._loop.time() + standing.limits.receive_seconds_max
        above = Connection(standing, "https")
        tls = TlsTransport(transport, above, standing.contexts, due, standing.connections.discard)
        standing.connections.discard(self)
        standing.connections.add(tls)
        self._leave()
        transport.set_protocol(tls)
        tls.data_received(data)

    # ---- answers

    def _settle(self, slot: _Slot, response: HttpResponse) -> None:
        if self._is_closing:
            _forgo(response)
            return
        if response.upgrade is not None and not slot.key:
            log.error("A request that asked for no WebSocket was answered with one")
            _forgo(response)
            response = HttpResponse(500)
        if not slot.keep_alive:
            others = [pair for pair in response.headers if pair[0].lower() != "connection"]
            response = replace(response, headers=[*others, ("Connection", "close")])
        slot.response = response
        slot.cancel = None
        slots = self._slots
        if slots[0] is slot and not self._is_streaming:
            self._send_settled()

    def _send_settled(self) -> None:
        slots = self._slots
        limit = self._standing.limits.pipelined_max
        while slots and slots[0].response is not None and not self._is_closing:
            slot = slots.popleft()
            response = slot.response
            assert response is not None
            if len(slots) == limit - 1 and self._transport is not None:
                self._transport.resume_reading()
            if response.upgrade is not None and slot.key:
                self._upgrade(slot, response)
            elif isinstance(response.body, bytes):
                self._send(slot, response, response.body)
            else:
                self._is_streaming = True
                self._streaming = self._loop.create_task(
                    self._stream(slot, response, response.body)
                )
            if slot.key and not self._is_closing:
                # No WebSocket, so what follows is HTTP. It may be answered at once: the order holds by its slots.
                self.data_received(self._take_ahead())
            if self._is_streaming:
                return

    def _send(self, slot: _Slot, response: HttpResponse, body: bytes) -> None:
        transport = self._transport
        assert transport is not None
        status = response.status
        head = _HEADS.get(status) or f"HTTP/1.1 {status} Unknown\r\n"
        has_length = False
        for name, value in response.headers:
            head += f"{name}: {value}\r\n"
            has_length = has_length or (slot.is_head and name.lower() == "content-length")
        if status in _NO_BODY:
            body = b""
        elif not has_length:
            head += f"Content-Length: {len(body)}\r\n"
        head += self._standing.date()
        raw = head.encode("latin-1", "replace")
        if slot.is_head:
            transport.write(raw + b"\r\n")
        else:
            transport.write(b"%b\r\n%b" % (raw, body))
        if not slot.keep_alive:
            self.close()

    async def _stream(
        self, slot: _Slot, response: HttpResponse, body: AsyncIterator[bytes]
    ) -> None:
        """Send a body as it comes: with its length when a header tells it, else in chunks."""
        transport = self._transport
        assert transport is not None
        is_whole = False
        try:
            has_length = any(name.lower() == "content-length" for name, _ in response.headers)
            head = _HEADS.get(response.status) or f"HTTP/1.1 {response.status} Unknown\r\n"
            head += "".join(f"{name}: {value}\r\n" for name, value in response.headers)
            head += self._standing.date()
            if not has_length:
                head += "transfer-encoding: chunked\r\n"
            transport.write(f"{head}\r\n".encode("latin-1", "replace"))
            if not slot.is_head:
                async for part in body:
                    if self._is_closing:
                        return
                    if part:
                        transport.write(part if has_length else b"%x\r\n%b\r\n" % (len(part), part))
                    self._last_progress = self._loop.time()
                    await self._until_writable()
                if not has_length:
                    transport.write(b"0\r\n\r\n")
            is_whole = True
        except CutShort as reason:
            log.warning("An answer was cut short: %s", reason)
        except Exception:
            log.exception("Sending an answer failed")
        finally:
            closing = getattr(body, "aclose", None)
            if closing is not None:
                await closing()
            self._is_streaming = False
            if not is_whole or not slot.keep_alive:
                self.close()
            else:
                self._send_settled()

    async def _until_writable(self) -> None:
        while not self._can_write and not self._is_closing:
            self._writable = self._loop.create_future()
            await self._writable

    # ---- endings

    def _refuse(self, status: int, text: str) -> None:
        """Answer what cannot be parsed further, and close."""
        if self._transport is not None and not self._is_closing:
            body = f"{text}\n".encode()
            head = _HEADS[status].encode() + b"content-type: text/plain; charset=utf-8\r\n"
            if status == 426:
                head += b"upgrade: websocket\r\nsec-websocket-version: 13\r\n"
            self._transport.write(
                b"%bconnection: close\r\ncontent-length: %d\r\n\r\n%b" % (head, len(body), body)
            )
        self.close()

    def close(self) -> None:
        """Let what is written leave, and close."""
        self._is_closing = True
        if self._transport is not None:
            self._transport.close()

    def go_away(self) -> None:
        """The server ends."""
        self.close()

    def close_if_slow(self, now: float) -> None:
        """Close when a request is stuck halfway, when nothing was asked for long, or nobody reads."""
        limits = self._standing.limits
        quiet = now - self._last_progress
        if self._is_receiving or not self._can_write:
            if quiet > limits.receive_seconds_max and self._transport is not None:
                self._is_closing = True
                self._transport.abort()
        elif not self._slots and not self._is_streaming and quiet > limits.idle_seconds_max:
            self.close()


class _Refused(Exception):
    """Nothing more can be read here."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


def _forgo(response: HttpResponse) -> None:
    """An answer that nobody gets: a WebSocket in it never opens."""
    if response.upgrade is not None:
        response.upgrade.closed(1006, "")
