"""Frames between the server and the processes it started: a length, a kind, a body.

    4 bytes   length of the body, most significant first
    1 byte    kind

To a runtime:    C  settings of the environment (JSON), first of all
                 I  an invocation: 4 bytes of length, its facts (JSON), the payload
From a runtime:  Y  loaded, ready for invocations
                 F  could not load: the error payload (JSON); the process ends
                 O  answer: 4 bytes of memory used (MB), 1 of length, content type, payload
                 E  the function's error, in the same form
                 X  likewise, and the process ends
                 T  the answer streams: its content type; sent before its first piece
                 S  a piece of a streamed answer; O or E follows with the rest
To and from a warden:  J  JSON, see `runtimes/fork_server.py`

What comes from a runtime is written by the user's process, so it can be anything.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable

READY, FAILED, ANSWER, ERROR, LAST_ERROR, STREAM, PIECE = b"YFOEXTS"

_HEADER = struct.Struct(">IB")
_READ_BYTES = 262_144


def frame(kind: bytes, body: bytes) -> bytes:
    """One frame, ready to be sent."""
    return _HEADER.pack(len(body), kind[0]) + body


class FrameChannel:
    """A socket of frames on the event loop.

    `on_frame(kind, body)` is called for each frame; with None when a body is to be larger than
    `body_bytes_max`, and then never again, as the rest is not read. `on_close()` is called once when
    the other side is gone.
    """

    __slots__ = (
        "_body_bytes_max",
        "_buffer",
        "_descriptor",
        "_is_paused",
        "_is_writing",
        "_loop",
        "_on_close",
        "_on_frame",
        "_outgoing",
        "_socket",
    )

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        sock: socket.socket,
        body_bytes_max: int,
        on_frame: Callable[[int, bytes | None], None],
        on_close: Callable[[], None],
    ) -> None:
        sock.setblocking(False)
        self._loop, self._socket, self._descriptor = loop, sock, sock.fileno()
        self._body_bytes_max = body_bytes_max
        self._on_frame, self._on_close = on_frame, on_close
        self._buffer = bytearray()
        self._outgoing = bytearray()
        self._is_writing = False
        self._is_paused = False
        loop.add_reader(self._descriptor, self.read)

    @property
    def is_open(self) -> bool:
        return self._descriptor >= 0

    def send(self, data: bytes, descriptors: list[int] | None = None) -> None:
        """Send whole frames. What the socket does not take now follows as it can.

        Descriptors go with the first byte, and only on a channel whose earlier frames have left.
        """
        if self._descriptor < 0:
            return
        if self._outgoing:
            assert not descriptors
            self._outgoing += data
            return
        try:
            if descriptors:
                rights = struct.pack(f"{len(descriptors)}i", *descriptors)
                ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)]
                sent = self._socket.sendmsg([data], ancillary)
            else:
                sent = self._socket.send(data)
        except BlockingIOError:
            if descriptors:
                self._lose()
                return
            sent = 0
        except OSError:
            self._lose()
            return
        if sent < len(data):
            self._outgoing += memoryview(data)[sent:]
            self._loop.add_writer(self._descriptor, self._write)
            self._is_writing = True

    def pause(self) -> None:
        """Read nothing more for now: the socket fills, and whoever writes waits."""
        if self._descriptor >= 0 and not self._is_paused:
            self._is_paused = True
            self._loop.remove_reader(self._descriptor)

    def resume(self) -> None:
        """Read again."""
        if self._descriptor >= 0 and self._is_paused:
            self._is_paused = False
            self._loop.add_reader(self._descriptor, self.read)

    def _write(self) -> None:
        try:
            sent = self._socket.send(self._outgoing)
        except BlockingIOError:
            return
        except OSError:
            self._lose()
            return
        del self._outgoing[:sent]
        if not self._outgoing:
            self._loop.remove_writer(self._descriptor)
            self._is_writing = False

    def read(self) -> bool:
        """Take what has arrived; false when nothing more can be read now."""
        if self._descriptor < 0:
            return False
        try:
            data = self._socket.recv(_READ_BYTES)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            self._lose()
            return False
        buffer = self._buffer
        if not buffer and len(data) >= 5:
            # Nearly every answer arrives alone and whole.
            size, kind = _HEADER.unpack_from(data)
            if len(data) == 5 + size:
                self._on_frame(kind, data[5:])
                return True
        buffer += data
        while self._take_frame():
            pass
        return True

    def _take_frame(self) -> bool:
        buffer = self._buffer
        if len(buffer) < 5:
            return False
        size, kind = _HEADER.unpack_from(buffer)
        if size > self._body_bytes_max:
            self.close()
            self._on_frame(kind, None)
            return False
        if len(buffer) < 5 + size:
            return False
        body = bytes(memoryview(buffer)[5 : 5 + size])
        del buffer[: 5 + size]
        self._on_frame(kind, body)
        return self._descriptor >= 0

    def _lose(self) -> None:
        if self._descriptor >= 0:
            self.close()
            self._on_close()

    def close(self) -> None:
        """Close without a word to `on_close`."""
        if self._descriptor < 0:
            return
        self._loop.remove_reader(self._descriptor)
        if self._is_writing:
            self._loop.remove_writer(self._descriptor)
        self._descriptor = -1
        self._buffer = bytearray()
        self._socket.close()
