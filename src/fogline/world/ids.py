"""Identifiers and chance: seeded in tests, from the operating system otherwise."""

from __future__ import annotations

import os
import random
import secrets
import string
import threading
from binascii import unhexlify

_ALPHABET = string.ascii_uppercase + string.digits
_LOWERS = string.ascii_lowercase + string.digits


ORDERED_BITS = 20


def ordered_from(instant: int) -> int:
    """The smallest number that `Ids.ordered` gives at `instant` (milliseconds) or later."""
    return instant << ORDERED_BITS


def instant_of_ordered(number: int) -> int:
    """When an ordered number was given, in milliseconds."""
    return number >> ORDERED_BITS


class Ids:
    """Makes identifiers, for any number of threads. With a seed, the same ones in the same order.

    Secrets (`secret`) come from the operating system even when a seed is given.
    """

    def __init__(self, seed: int | None = None) -> None:
        self._random = random.Random(seed) if seed is not None else None
        self._guard = threading.Lock()
        self._pool = ""
        self._used = 0
        self._ordered = 0
        # Nodes that share a store begin at different places within a millisecond.
        self._offset = int.from_bytes(self.bytes(2), "big") << 3

    def hex(self, characters: int) -> str:
        """That many hexadecimal digits (at most 8,192) that do not repeat."""
        with self._guard:
            if self._random is not None:
                return self._random.randbytes((characters + 1) // 2).hex()[:characters]
            # One system call for many identifiers: os.urandom costs more than a whole row in the store.
            end = self._used + characters
            if end > len(self._pool):
                self._pool = os.urandom(4096).hex()
                self._used, end = 0, characters
            taken = self._pool[self._used : end]
            self._used = end
            return taken

    def bytes(self, count: int) -> bytes:
        """`count` bytes (at most 4,096) that do not repeat."""
        return unhexlify(self.hex(2 * count))

    def uuid(self) -> str:
        """A version 4 UUID in its usual form."""
        text = self.hex(32)
        variant = "89ab"[int(text[16], 16) & 3]
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"

    def capitals(self, characters: int) -> str:
        """That many capital letters and digits, as AWS ends generated names with."""
        return "".join(_ALPHABET[byte % 36] for byte in self.bytes(characters))

    def lowers(self, characters: int) -> str:
        """That many lower-case letters and digits, as API Gateway names what it makes."""
        return "".join(_LOWERS[byte % 36] for byte in self.bytes(characters))

    def ordered(self, now: int) -> int:
        """A number larger than all given before, whose higher bits are the instant (`ordered_from`)."""
        number = (now << ORDERED_BITS) + self._offset
        with self._guard:
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
