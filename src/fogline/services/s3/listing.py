"""Lists: keys in their order, rolled up at a delimiter, page by page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar
from urllib.parse import quote_plus


class _Keyed(Protocol):
    @property
    def key(self) -> bytes | str: ...


T = TypeVar("T", bound=_Keyed)
Position = tuple[bytes, int | None]
"""A key to go on from; with a number, only what comes after that number counts of the key itself."""

Fetch = Callable[[Position, bytes | None, int], Sequence[T]]
"""Entries from a position up to, and not including, a key; at most so many."""

_CHUNK_MAX = 1_000


@dataclass(slots=True)
class Page(Generic[T]):
    """Entries and common prefixes of one page. `last` is where it ended, when more is to come."""

    entries: list[T] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    is_truncated: bool = False
    last: str = ""

    @property
    def count(self) -> int:
        return len(self.entries) + len(self.prefixes)


def successor(prefix: bytes) -> bytes | None:
    """The smallest key behind all that begin with `prefix`; None if there is none."""
    trimmed = prefix.rstrip(b"\xff")
    return trimmed[:-1] + bytes([trimmed[-1] + 1]) if trimmed else None


def rolled_up(key: str, prefix: str, delimiter: str) -> str | None:
    """The common prefix that a key is shown as, if the delimiter comes after the prefix."""
    if not delimiter or not key.startswith(prefix):
        return None
    at = key.find(delimiter, len(prefix))
    return key[: at + len(delimiter)] if at >= 0 else None


def start_after(marker: str, prefix: str, delimiter: str) -> bytes:
    """Where a page begins whose predecessor ended with `marker`, a key or a common prefix."""
    raw = marker.encode()
    if marker and rolled_up(marker, prefix, delimiter) == marker:
        return successor(raw) or raw
    return behind(raw) if marker else b""


def behind(key: bytes) -> bytes:
    """The smallest key after this one."""
    return key + b"\x00"


def raw_key(entry: _Keyed) -> bytes:
    return entry.key if isinstance(entry.key, bytes) else entry.key.encode()


def after_key(entry: _Keyed) -> Position:
    """Where to go on after an entry whose key is its own."""
    return behind(raw_key(entry)), None


def make_page(
    fetch: Fetch[T],
    *,
    prefix: str = "",
    delimiter: str = "",
    since: Position = (b"", None),
    limit: int = _CHUNK_MAX,
    after: Callable[[T], Position] = after_key,
) -> Page[T]:
    """One page of at most `limit` entries and common prefixes from `since` on."""
    page: Page[T] = Page()
    low, high = prefix.encode(), successor(prefix.encode())
    at = since if since[0] >= low else (low, None)
    if limit <= 0:
        return page
    while True:
        skipped = b""
        found = fetch(at, high, min(limit - page.count, _CHUNK_MAX) + 1)
        if not found:
            return page
        for entry in found:
            raw = raw_key(entry)
            if raw < skipped:
                continue
            if page.count == limit:
                page.is_truncated = True
                return page
            key = raw.decode()
            common = rolled_up(key, prefix, delimiter)
            if common is None:
                page.entries.append(entry)
                page.last = key
                at = after(entry)
                continue
            page.prefixes.append(common)
            page.last = common
            following = successor(common.encode())
            if following is None:
                return page
            skipped, at = following, (following, None)


def url_encoded(text: str) -> str:
    """A key as S3 encodes it for `EncodingType=url`: a form's encoding that spares slashes."""
    return quote_plus(text, safe="/*-._")
