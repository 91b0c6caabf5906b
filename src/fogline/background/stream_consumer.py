"""The stream engine: a shard is read in batches, in order, and each batch is repeated until it is dealt with.

Event source mappings and pipes differ in what they do with a batch (`StreamWork`). What a failure does to the position
is the same for all: a batch is repeated with growing pauses, cut in two where that is wished, and given up when it was
tried too often or its records are too old.
https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
"""

from __future__ import annotations

import asyncio
import contextlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from fogline.background.event_sources import Picked
from fogline.background.stream_positions import Place, Position, Positions, number
from fogline.background.stream_work import Ending, GivenUp, StreamRecord, StreamWork
from fogline.store.store import Store, StoreFailure, Tx
from fogline.world.clock import MINUTE, SECOND, Alarm, Clock

_READ_AT_A_TIME = 1_000
_READS_MAX = 50
"""Per look: what filters leave out is passed over in bounded steps."""
_LOOK_AGAIN_MILLISECONDS = 1 * SECOND
_RETRY_MILLISECONDS_MIN = 1 * SECOND
_RETRY_MILLISECONDS_MAX = 1 * MINUTE
_DOUBLINGS_MAX = 6
_LEASE_MILLISECONDS = 30 * SECOND
"""On a shared store: how long others wait for a node that says nothing any more."""
_RENEW_MILLISECONDS = 10 * SECOND


@dataclass(frozen=True, slots=True)
class StreamParts:
    """What all consumers of one service share."""

    store: Store
    clock: Clock
    holder: str
    """This process, for others on a shared store."""
    positions: Positions = field(default_factory=Positions)
    in_hand: set[Place] = field(default_factory=set)
    """Places with a batch in hand, also of consumers that were replaced meanwhile."""


@dataclass(frozen=True, slots=True)
class StreamBatch:
    """What one call of `perform` is given; `last` is the record with which it ends, filtered or not."""

    prepared: Any
    records: Sequence[StreamRecord]
    last: str


@dataclass(slots=True)
class _Window:
    """A batch that is gathered: since when, and what was counted so far."""

    ends_at: int
    last: str
    count: int = 0
    size: int = 0


class StreamConsumer:
    """One lane of one shard (answers `background/event_sources.py`)."""

    concurrency_max = 1

    def __init__(self, parts: StreamParts, work: StreamWork, shard: str, lane: int = 0) -> None:
        self.name = f"{work.name} {shard} {lane}"
        self.topic = work.topic
        self.revision = work.revision
        self._parts = parts
        self._work = work
        self._settings = work.settings
        self._place = Place(work.reader, shard, lane, work.settings.lanes)
        self._window: _Window | None = None
        self._throttles = 0
        self._is_held_back_until = 0
        self._renewal: Alarm | None = None
        self._renewing: asyncio.Task[None] | None = None

    @property
    def is_stalled(self) -> bool:
        """True when it stopped looking until something but the stream changes."""
        return self._work.is_stalled

    # ---- taking

    def pick(self, now: int) -> Picked:
        parts, place = self._parts, self._place
        if self._is_taken():
            # The consumer before this one holds a batch; two at a time would break the order.
            return Picked(look_at=now + _LOOK_AGAIN_MILLISECONDS)
        if now < self._is_held_back_until:
            return Picked(look_at=self._is_held_back_until)
        with parts.store.write() as tx:
            if parts.store.is_shared:
                tx.lock(f"stream:{place.reader}:{place.shard}:{place.lane}")
            picked = self._pick(tx, now)
        if picked.batch is not None:
            parts.in_hand.add(place)
        return picked

    def _is_taken(self) -> bool:
        place = self._place
        return any(
            (held.reader, held.shard) == (place.reader, place.shard)
            and (held.lane == place.lane or held.lanes != place.lanes)
            for held in self._parts.in_hand
        )

    def _pick(self, tx: Tx, now: int) -> Picked:
        parts, place, work = self._parts, self._place, self._work
        prepared = work.prepare(tx, now)
        if prepared is None:
            return Picked()
        position = parts.positions.find(tx, place)
        if position is None:
            position = Position()
            parts.positions.save(tx, place, position)
        if position.holder not in ("", parts.holder) and now < position.held_until:
            return Picked(look_at=position.held_until)
        if now < position.retry_at:
            return Picked(look_at=position.retry_at)
        if self._waits_for_parents(tx, position):
            return Picked(look_at=now + _LOOK_AGAIN_MILLISECONDS)
        if self._settings.age_ms_max >= 0:
            position = self._give_up_old(tx, position, now)
        if (look_at := self._gathers_until(tx, position, now)) is not None:
            return Picked(look_at=look_at)
        records, last, is_whole = self._gather(tx, position, now)
        self._window = None
        if not records:
            return self._pass_over(tx, position, last, is_whole, now)
        if parts.store.is_shared:
            held_until = now + _LEASE_MILLISECONDS
            position = replace(position, holder=parts.holder, held_until=held_until)
            parts.positions.save(tx, place, position)
        return Picked(StreamBatch(prepared, records, last))

    def _waits_for_parents(self, tx: Tx, position: Position) -> bool:
        if position.sequence:
            return False
        place, work = self._place, self._work
        for parent in work.parents_of(tx, place.shard):
            last = work.end_of(tx, parent)
            if last is None or not self._parts.positions.is_past(
                tx, place.reader, parent, place.lanes, last
            ):
                return True
        return False

    def _is_mine(self, record: StreamRecord) -> bool:
        place = self._place
        return place.lanes == 1 or zlib.crc32(record.partition.encode()) % place.lanes == place.lane

    def _give_up_old(self, tx: Tx, position: Position, now: int) -> Position:
        """Pass over the records at the head that are too old, handing them to the on-failure end."""
        place, work = self._place, self._work
        for _ in range(_READS_MAX):
            found = work.read(tx, place.shard, position.sequence, now, self._settings.batch_size)
            old: list[StreamRecord] = []
            last = position.sequence
            for record in found:
                if now - record.arrived_at <= self._settings.age_ms_max:
                    break
                last = record.sequence
                if self._is_mine(record) and work.wants(record):
                    old.append(record)
            if last == position.sequence:
                break
            if old:
                given_up = GivenUp("RecordAgeExceeded", place.shard, old, position.attempts)
                work.give_up(tx, given_up, None, now)
            position = position.after(last, position.result)
            self._parts.positions.save(tx, place, position)
            if len(found) < self._settings.batch_size:
                break
        return position

    def _gathers_until(self, tx: Tx, position: Position, now: int) -> int | None:
        """When to look again at a batch that is still gathered, None when it is due (or empty)."""
        settings, work = self._settings, self._work
        if not settings.window_ms or position.attempts or position.cuts:
            return None
        window = self._window or _Window(0, position.sequence)
        for _ in range(_READS_MAX):
            if window.count >= settings.batch_size or window.size >= settings.batch_bytes_max:
                return None
            found = work.read(tx, self._place.shard, window.last, now, _READ_AT_A_TIME)
            for record in found:
                window.last = record.sequence
                if self._is_mine(record) and work.wants(record):
                    window.count += 1
                    window.size += record.size
            if len(found) < _READ_AT_A_TIME:
                break
        if not window.count:
            return None
        if self._window is None:
            window.ends_at = now + settings.window_ms
            self._window = window
        if window.count >= settings.batch_size or window.size >= settings.batch_bytes_max:
            return None
        return window.ends_at if now < window.ends_at else None

    def _gather(self, tx: Tx, position: Position, now: int) -> tuple[list[StreamRecord], str, bool]:
        """Records for one batch, the last record that was looked at, and whether that is all there is to it."""
        settings, work = self._settings, self._work
        end = number(position.cuts[0]) if position.cuts else None
        batch: list[StreamRecord] = []
        size, last = 0, position.sequence
        for _ in range(_READS_MAX):
            wanted = min(settings.batch_size - len(batch), _READ_AT_A_TIME)
            found = work.read(tx, self._place.shard, last, now, wanted)
            for record in found:
                if end is not None and number(record.sequence) > end:
                    return batch, last, True
                if self._is_mine(record) and work.wants(record):
                    size += record.size
                    if size > settings.batch_bytes_max and batch:
                        return batch, last, True
                    batch.append(record)
                last = record.sequence
            if len(found) < wanted or len(batch) >= settings.batch_size:
                return batch, last, True
        return batch, last, bool(batch)

    def _pass_over(self, tx: Tx, position: Position, last: str, is_whole: bool, now: int) -> Picked:
        """There is nothing for this reader up to `last`: move on."""
        if position.cuts and is_whole:
            # What was to be repeated is gone from the stream by now.
            last = max(last, position.cuts[0], key=number)
        has_more = bool(position.cuts) or not is_whole
        if not has_more and last == position.sequence:
            end = self._work.end_of(tx, self._place.shard)
            last = last if end is None else max(last, end, key=number)
        if last != position.sequence or position.cuts:
            self._parts.positions.save(tx, self._place, position.after(last, position.result))
        return Picked(look_at=now if has_more else None)

    # ---- dealing with a batch

    async def consume(self, batch: StreamBatch) -> None:
        parts, work = self._parts, self._work
        # Should this end in an exception, the batch is not repeated at once.
        self._is_held_back_until = parts.clock.now() + _RETRY_MILLISECONDS_MIN
        if parts.store.is_shared:
            self._renew_later()
        try:
            outcome = await work.perform(batch.prepared, batch.records)
            await parts.store.transact(lambda tx: self._finish(tx, batch, outcome))
            self._is_held_back_until = 0
        finally:
            parts.in_hand.discard(self._place)
            if self._renewal is not None:
                self._renewal.cancel()

    def _renew_later(self) -> None:
        clock = self._parts.clock
        self._renewal = clock.call_at(clock.now() + _RENEW_MILLISECONDS, self._renew)

    def _renew(self) -> None:
        self._renewing = asyncio.get_running_loop().create_task(self._extend())

    async def _extend(self) -> None:
        """Tell other nodes that the batch is still in hand."""
        parts, place = self._parts, self._place
        until = parts.clock.now() + _LEASE_MILLISECONDS
        with contextlib.suppress(StoreFailure):  # the next renewal may come in time
            await parts.store.transact(
                lambda tx: parts.positions.extend(tx, place, parts.holder, until)
            )
        if place in parts.in_hand:
            self._renew_later()

    def _finish(self, tx: Tx, batch: StreamBatch, outcome: Any) -> None:
        parts, place = self._parts, self._place
        now = parts.clock.now()
        position = parts.positions.find(tx, place)
        if position is None or position.holder not in ("", parts.holder):
            # The reader is gone or reads in other lanes, or this took so long that another node has begun again.
            return
        ending = self._work.settle(tx, batch.records, outcome, now)
        self._throttles = self._throttles + 1 if ending.is_throttled else 0
        parts.positions.save(tx, place, self._next(tx, batch, position, ending, outcome, now))

    def _next(
        self,
        tx: Tx,
        batch: StreamBatch,
        position: Position,
        ending: Ending,
        outcome: Any,
        now: int,
    ) -> Position:
        """Where the reader stands after a batch."""
        if ending.failed_from is None:
            return position.after(batch.last, ending.result)
        rest = batch.records[ending.failed_from :]
        done = (
            batch.records[ending.failed_from - 1].sequence
            if ending.failed_from
            else position.sequence
        )
        free = Position(done, position.attempts, 0, position.cuts, ending.result)
        if ending.is_throttled:
            return replace(free, retry_at=now + _pause(self._throttles))
        settings, attempts = self._settings, position.attempts + 1
        cuts = _with_cut(position.cuts, batch.last)
        if 0 <= settings.age_ms_max < now - rest[0].arrived_at:
            return self._give_up(tx, "RecordAgeExceeded", batch, rest, free, attempts, outcome)
        if settings.bisects and len(rest) > 1 and not ending.failed_from:
            middle = rest[len(rest) // 2 - 1].sequence
            return replace(free, cuts=_with_cut(cuts, middle))
        if 0 <= settings.retries_max < attempts:
            return self._give_up(tx, "RetryAttemptsExhausted", batch, rest, free, attempts, outcome)
        return replace(free, attempts=attempts, retry_at=now + _pause(attempts), cuts=cuts)

    def _give_up(
        self,
        tx: Tx,
        condition: str,
        batch: StreamBatch,
        rest: Sequence[StreamRecord],
        position: Position,
        attempts: int,
        outcome: Any,
    ) -> Position:
        given_up = GivenUp(condition, self._place.shard, rest, attempts)
        self._work.give_up(tx, given_up, outcome, self._parts.clock.now())
        return position.after(batch.last, position.result)


def _with_cut(cuts: tuple[str, ...], cut: str) -> tuple[str, ...]:
    return cuts if cuts and cuts[0] == cut else (cut, *cuts)


def _pause(times: int) -> int:
    """How long until the next attempt: longer each time."""
    doublings = min(max(times - 1, 0), _DOUBLINGS_MAX)
    return min(_RETRY_MILLISECONDS_MIN << doublings, _RETRY_MILLISECONDS_MAX)
