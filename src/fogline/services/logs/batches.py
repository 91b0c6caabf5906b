"""Batches: how events lie in the store, many to a row, and how they come out in the order of time.

Every event has a key, one number made of its time, the batch it came with and its place therein. Keys order the
events of a stream, and of a whole group; page tokens and event ids are keys.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import orjson

from fogline.world.ids import instant_of_ordered

_BATCH_BITS = 64
_INDEX_BITS = 24
_TIME_SHIFT = _BATCH_BITS + _INDEX_BITS
_KEY_DIGITS = 56


class Event(NamedTuple):
    """One event, as it is read."""

    key: int
    timestamp: int
    message: str
    stream: int

    @property
    def ingested_at(self) -> int:
        return instant_of_ordered(self.key >> _INDEX_BITS & (1 << _BATCH_BITS) - 1)


class Batch(NamedTuple):
    """Events that came together, in the order of time."""

    first_at: int
    last_at: int
    id: int
    """An ordered number, which tells when the batch came."""
    body: bytes


def first_key_at(instant: int) -> int:
    """The lowest key an event of that instant can have."""
    return instant << _TIME_SHIFT


def instant_of(key: int) -> int:
    """The time of the event with that key."""
    return key >> _TIME_SHIFT


def spelled(key: int) -> str:
    """A key as the 56 digits of event ids and tokens."""
    return f"{key:0{_KEY_DIGITS}d}"


def read_key(text: str) -> int | None:
    """The key that 56 digits spell, or None."""
    if len(text) == _KEY_DIGITS and text.isascii() and text.isdecimal():
        return int(text)
    return None


def pack(lines: list[tuple[int, str]]) -> bytes:
    """The body of a batch."""
    try:
        return orjson.dumps(lines)
    except (TypeError, orjson.JSONEncodeError):
        # Half of a surrogate pair: text that no encoding of Unicode can carry.
        return orjson.dumps(
            [(at, text.encode("utf-8", "replace").decode("utf-8")) for at, text in lines]
        )


def unpack(batch: Batch, stream: int) -> Iterator[Event]:
    """The events of a batch."""
    low = batch.id << _INDEX_BITS
    for index, (timestamp, message) in enumerate(orjson.loads(batch.body)):
        yield Event(timestamp << _TIME_SHIFT | low | index, timestamp, message, stream)


def forward(batches: Iterable[Batch], stream: int) -> Iterator[Event]:
    """The events of batches that come in the order of their first instants, in the order of keys."""
    waiting: list[Event] = []
    for batch in batches:
        if waiting:
            is_apart = waiting[-1].timestamp < batch.first_at
            cut = len(waiting) if is_apart else bisect_left(waiting, batch.first_at, key=_time)
            yield from waiting[:cut]
            waiting = waiting[cut:]
        has_company = bool(waiting)
        waiting += unpack(batch, stream)
        if has_company:
            waiting.sort()
    yield from waiting


def backward(batches: Iterable[Batch], stream: int) -> Iterator[Event]:
    """The events of batches that come by falling last instants, by falling keys."""
    waiting: list[Event] = []
    for batch in batches:
        if waiting:
            cut = bisect_right(waiting, batch.last_at, key=_time)
            yield from reversed(waiting[cut:])
            waiting = waiting[:cut]
        has_company = bool(waiting)
        waiting += unpack(batch, stream)
        if has_company:
            waiting.sort()
    yield from reversed(waiting)


def _time(event: Event) -> int:
    return event.timestamp
