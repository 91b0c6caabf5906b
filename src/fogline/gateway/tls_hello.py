"""The first words of a TLS client: for which name it wants a certificate (RFC 8446, 4.1.2; RFC 6066, 3)."""

from __future__ import annotations

HANDSHAKE = 0x16
"""The first byte that a TLS client sends; no request of HTTP begins so."""

_CLIENT_HELLO = 1
_SERVER_NAME, _HOST_NAME = 0, 0
_RECORD_HEAD_BYTES = 5
_RECORD_BYTES_MAX = 16 * 1024


def is_whole(data: bytes | bytearray) -> bool:
    """True once the first record is there, and for what can never be one."""
    if len(data) < _RECORD_HEAD_BYTES:
        return False
    size = int.from_bytes(data[3:5], "big")
    return size > _RECORD_BYTES_MAX or len(data) >= _RECORD_HEAD_BYTES + size


def server_name(data: bytes | bytearray) -> str:
    """The name that a client asks for, in lower case; empty when it names none, or none that can be read."""
    try:
        return _read_name(_Words(bytes(data[_RECORD_HEAD_BYTES:])))
    except (_Short, UnicodeDecodeError):
        return ""


class _Short(Exception):
    pass


class _Words:
    """Reads numbers and pieces from the front. Raises _Short at the end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def has_more(self) -> bool:
        return self._at < len(self._data)

    def take(self, size: int) -> bytes:
        taken = self._data[self._at : self._at + size]
        if len(taken) < size:
            raise _Short
        self._at += size
        return taken

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def piece(self, size_bytes: int) -> bytes:
        """What follows its own length."""
        return self.take(self.number(size_bytes))


def _read_name(words: _Words) -> str:
    if words.number(1) != _CLIENT_HELLO:
        return ""
    hello = _Words(words.piece(3))
    hello.take(2 + 32)  # version and random
    hello.piece(1)  # session
    hello.piece(2)  # ciphers
    hello.piece(1)  # compression
    extensions = _Words(hello.piece(2))
    while extensions.has_more:
        kind, content = extensions.number(2), extensions.piece(2)
        if kind == _SERVER_NAME:
            names = _Words(_Words(content).piece(2))
            while names.has_more:
                kind, name = names.number(1), names.piece(2)
                if kind == _HOST_NAME:
                    return name.decode("ascii").lower()
    return ""
