"""What a process prints, cut into log events."""

from __future__ import annotations

import asyncio
import os
import struct

from fogline.ports.functions import LogEvent
from fogline.world.clock import Clock

_READ_BYTES = 65_536
_LINE_BYTES_MAX = 262_144
_FLOOD_READ_BYTES = 1 << 20
_FLOOD_PAUSE_SECONDS = 0.01

# Runtimes mark events that hold several lines as AWS's telemetry does: a type, a length, a time.
_MARK = b"\xa5\x5a\x00"
_MARK_BYTES = 16


class Output:
    """The reading end of a process's standard output and error.

    Lines become events; so do marked frames, whole. What exceeds `bytes_max` between two calls of
    `take` is read, slowly, and dropped: a function that prints without end must not starve others.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, clock: Clock, descriptor: int, bytes_max: int
    ) -> None:
        os.set_blocking(descriptor, False)
        self._loop, self._clock, self._descriptor = loop, clock, descriptor
        self._bytes_max, self._bytes = bytes_max, 0
        self._events: list[LogEvent] = []
        self._rest = b""
        self._pause: asyncio.TimerHandle | None = None
        loop.add_reader(descriptor, self._on_readable)

    def take(self) -> list[LogEvent]:
        """Everything printed until now, and a new allowance."""
        if self._descriptor >= 0:
            for _ in range(4):  # a pipe holds one or two of these
                if not self._read(_READ_BYTES):
                    break
        if self._rest:
            self._add(self._rest)
            self._rest = b""
        events, self._events = self._events, []
        if self._bytes > self._bytes_max:
            said = f"[fogline] Output beyond {self._bytes_max} bytes was dropped.\n"
            events.append(LogEvent(self._clock.now(), said))
        self._bytes = 0
        return events

    def close(self) -> None:
        if self._descriptor < 0:
            return
        if self._pause is None:
            self._loop.remove_reader(self._descriptor)
        else:
            self._pause.cancel()
        os.close(self._descriptor)
        self._descriptor = -1

    def _on_readable(self) -> None:
        if self._bytes > self._bytes_max:
            self._loop.remove_reader(self._descriptor)
            self._pause = self._loop.call_later(_FLOOD_PAUSE_SECONDS, self._resume)
            self._read(_FLOOD_READ_BYTES)
        else:
            self._read(_READ_BYTES)

    def _resume(self) -> None:
        self._pause = None
        self._loop.add_reader(self._descriptor, self._on_readable)

    def _read(self, size: int) -> bool:
        if self._descriptor < 0:
            return False
        try:
            data = os.read(self._descriptor, size)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            self.close()
            return False
        self._bytes += len(data)
        if self._bytes > self._bytes_max:
            self._rest = b""
        else:
            self._cut(self._rest + data if self._rest else data)
        return True

    def _cut(self, data: bytes) -> None:
        start = 0
        while start < len(data):
            if data.startswith(_MARK, start):
                if len(data) < start + _MARK_BYTES:
                    break
                size = struct.unpack_from(">I", data, start + 4)[0]
                end = start + _MARK_BYTES + min(size, self._bytes_max)
                if len(data) < end:
                    break
                self._add(data[start + _MARK_BYTES : end])
                start = end
                continue
            # A mark may follow text that did not end its line.
            newline, mark = data.find(b"\n", start) + 1, data.find(_MARK, start)
            end = newline or min(len(data), start + _LINE_BYTES_MAX)
            if 0 <= mark < end:
                end = mark
            elif not newline and len(data) - start < _LINE_BYTES_MAX:
                break
            self._add(data[start:end])
            start = end
        self._rest = data[start:]

    def _add(self, message: bytes) -> None:
        self._events.append(LogEvent(self._clock.now(), message.decode("utf-8", "replace")))
