"""TLS between a socket and its protocol: decrypts what comes, encrypts what leaves."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from typing import Any

from fogline.gateway import tls_hello

_READ_BYTES = 64 * 1024
_NOBODY = asyncio.Protocol()
"""Who is above when the connection is over: what is above holds its transport."""

ContextFor = Callable[[str, str], ssl.SSLContext]
"""The context that serves a name (empty for a client that names none), at an address of ours."""


class TlsTransport(asyncio.Transport, asyncio.Protocol):
    """The protocol of a socket, and the transport of the protocol above it, which it meets after the handshake.

    It is made of OpenSSL's engine without sockets: the event loop's own TLS begins with a connection, not after
    its first bytes have been read.
    """

    __slots__ = (
        "_above",
        "_contexts",
        "_due",
        "_forget",
        "_hello",
        "_incoming",
        "_is_closing",
        "_is_paused",
        "_is_up",
        "_outgoing",
        "_raw",
        "_tls",
    )

    def __init__(
        self,
        raw: asyncio.Transport,
        above: asyncio.BaseProtocol,
        contexts: ContextFor,
        due: float,
        forget: Callable[[TlsTransport], None],
    ) -> None:
        self._raw = raw
        self._above = above
        self._contexts = contexts
        self._due = due
        self._forget = forget
        self._hello: bytearray | None = bytearray()
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls: ssl.SSLObject
        self._is_up = self._is_closing = self._is_paused = False

    # ---- the protocol of the socket

    def data_received(self, data: bytes) -> None:
        if self._is_closing:
            return
        if self._hello is not None:
            self._hello += data
            if not tls_hello.is_whole(self._hello):
                return
            address = self._raw.get_extra_info("sockname")[0]
            context = self._contexts(tls_hello.server_name(self._hello), address)
            self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
            data, self._hello = bytes(self._hello), None
        self._incoming.write(data)
        if self._is_up or self._shake_hands():
            self._read()

    def eof_received(self) -> None:
        if self._is_up and isinstance(self._above, asyncio.Protocol):
            self._above.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_closing = True
        above, self._above = self._above, _NOBODY
        if self._is_up:
            above.connection_lost(exc)
        else:
            self._forget(self)

    def pause_writing(self) -> None:
        if self._is_up:
            self._above.pause_writing()

    def resume_writing(self) -> None:
        if self._is_up:
            self._above.resume_writing()

    def _shake_hands(self) -> bool:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
            return False
        except ssl.SSLError:
            self._give_up()
            return False
        self._flush()
        self._is_up = True
        self._forget(self)
        self._above.connection_made(self)
        return True

    def _read(self) -> None:
        """Hand on what can be decrypted, until it is used up or nobody wants more."""
        tls = self._tls
        try:
            while not (self._is_closing or self._is_paused):
                data = tls.read(_READ_BYTES)
                if not data:
                    self.close()
                    return
                assert isinstance(self._above, asyncio.Protocol)
                self._above.data_received(data)
        except ssl.SSLWantReadError:
            self._flush()  # there may be an answer to what was no data
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            self.close()
        except ssl.SSLError:
            self._give_up()

    def _flush(self) -> None:
        if self._outgoing.pending:
            self._raw.write(self._outgoing.read())

    def _give_up(self) -> None:
        """The client breaks the rules of TLS: say so, and end."""
        self._is_closing = True
        self._flush()
        self._raw.close()

    # ---- what the server asks of all its connections

    def go_away(self) -> None:
        self.abort()

    def close_if_slow(self, now: float) -> None:
        """A handshake must end."""
        if now > self._due:
            self.abort()

    # ---- the transport of the protocol above

    def write(self, data: Any) -> None:
        if self._is_closing:
            return
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._tls.write(rest) :]
        except ssl.SSLError:
            self.abort()
            return
        self._flush()

    def writelines(self, list_of_data: Any) -> None:
        self.write(b"".join(list_of_data))

    def close(self) -> None:
        if self._is_closing:
            return
        self._is_closing = True
        with contextlib.suppress(ssl.SSLError):  # the client's goodbye has not come, nor need it
            self._tls.unwrap()
        self._flush()
        self._raw.close()

    def abort(self) -> None:
        self._is_closing = True
        self._raw.abort()

    def is_closing(self) -> bool:
        return self._is_closing

    def pause_reading(self) -> None:
        self._is_paused = True
        self._raw.pause_reading()

    def resume_reading(self) -> None:
        if self._is_paused:
            self._is_paused = False
            self._raw.resume_reading()
            asyncio.get_running_loop().call_soon(self._read)

    def is_reading(self) -> bool:
        return not self._is_paused and not self._is_closing

    def get_write_buffer_size(self) -> int:
        return self._raw.get_write_buffer_size()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._raw.set_write_buffer_limits(high, low)

    def can_write_eof(self) -> bool:
        return False

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._above = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._above

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._tls if name == "ssl_object" else self._raw.get_extra_info(name, default)
