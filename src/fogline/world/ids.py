"""Identifiers and chance: seeded in tests, from the operating system otherwise."""

from __future__ import annotations

import os
import random
import secrets
import string
from binascii import hexlify

_ALPHABET = string.ascii_uppercase + string.digits


ORDERED_BITS = 20


def ordered_from(instant: int) -> int:
    """The smallest number that `Ids.ordered` gives at `instant` (milliseconds) or later."""
    return instant << ORDERED_BITS


def instant_of_ordered(number: int) -> int:
    """When an ordered number was given, in milliseconds."""
    return number >> ORDERED_BITS


class Ids:
    """Makes identifiers. With a seed, the same ones in the same order.

    Secrets (`secret`) come from the operating system even when a seed is given.
    """

    def __init__(self, seed: int | None = None) -> None:
        self._random = random.Random(seed) if seed is not None else None
        self._pool = b""
        self._used = 0
        self._ordered = 0
        # Nodes that share a store begin at different places within a millisecond.
        self._offset = int.from_bytes(self.bytes(2), "big") << 3

    def bytes(self, count: int) -> bytes:
        """`count` bytes (at most 4,096) that do not repeat."""
        if self._random is not None:
            return self._random.randbytes(count)
        # One system call for many identifiers: os.urandom costs more than a whole row in the store.
        end = self._used + count
        if end > len(self._pool):
            self._pool = os.urandom(4096)
            self._used, end = 0, count
        taken = self._pool[self._used : end]
        self._used = end
        return taken

    def hex(self, characters: int) -> str:
        """That many hexadecimal digits."""
        return self.bytes((characters + 1) // 2).hex()[:characters]

    def uuid(self) -> str:
        """A version 4 UUID in its usual form."""
        raw = bytearray(self.bytes(16))
        raw[6] = raw[6] & 0x0F | 0x40
        raw[8] = raw[8] & 0x3F | 0x80
        text = hexlify(raw).decode()
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def capitals(self, characters: int) -> str:
        """That many capital letters and digits, as AWS ends generated names with."""
        return "".join(_ALPHABET[byte % 36] for byte in self.bytes(characters))

    def ordered(self, now: int) -> int:
        """A number larger than all given before, whose higher bits are the instant (`ordered_from`)."""
        number = (now << ORDERED_BITS) + self._offset
        if number <= self._ordered:
            number = self._ordered + 1
        self._ordered = number
        return number

    def fraction(self) -> float:
        """A number from 0 up to 1, for jitter and sampling."""
        return int.from_bytes(self.bytes(7), "big") / (1 << 56)

    @staticmethod
    def secret(characters: int) -> str:
        """A secret of that many URL-safe characters, always from the operating system."""
        return secrets.token_urlsafe(characters)[:characters]
