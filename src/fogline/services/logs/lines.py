"""Lines: how the rest of the platform writes logs (answers `ports/logs.py`). On the way of every invocation."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter

from fogline.ports.logs import Line
from fogline.services.logs.limits import Limits
from fogline.services.logs.tables import BATCH_SPAN_MAX, GroupKey, Tables
from fogline.store.store import Tx
from fogline.world.clock import Clock

_timestamp = itemgetter(0)


class Lines:
    """Puts lines into streams, one row for all that come together."""

    def __init__(self, tables: Tables, clock: Clock, limits: Limits) -> None:
        self._tables = tables
        self._clock = clock
        self._event_bytes_max = limits.put_bytes_max - limits.event_overhead_bytes
        self._put_bytes_max = limits.put_bytes_max
        self._overhead = limits.event_overhead_bytes

    def put_lines(
        self, tx: Tx, account: str, region: str, group: str, stream: str, lines: Sequence[Line]
    ) -> None:
        now = self._clock.now()
        kept = [line for line in lines if line[1]]
        if not kept:
            return
        kept.sort(key=_timestamp)
        key = (account, region, group)
        number = self._tables.require_stream_id(tx, account, region, group, stream, now)
        # A character has at most four bytes, so only long output must be counted with care.
        characters = sum([len(text) for _, text in kept])
        size = characters + self._overhead * len(kept)
        if size * 4 <= self._put_bytes_max and kept[-1][0] - kept[0][0] < BATCH_SPAN_MAX:
            self._tables.add_batch(tx, key, number, kept, size, now)
        else:
            self._put_much(tx, key, number, kept, now)

    def _put_much(self, tx: Tx, key: GroupKey, number: int, lines: list[Line], now: int) -> None:
        batch: list[Line] = []
        size = 0
        for at, text in lines:
            for part in _cut(text, self._event_bytes_max // 4):
                added = len(part.encode("utf-8", "replace")) + self._overhead
                if batch and (
                    size + added > self._put_bytes_max or at - batch[0][0] >= BATCH_SPAN_MAX
                ):
                    self._tables.add_batch(tx, key, number, batch, size, now)
                    batch, size = [], 0
                batch.append((at, part))
                size += added
        self._tables.add_batch(tx, key, number, batch, size, now)


def _cut(text: str, characters_max: int) -> Sequence[str]:
    if len(text) <= characters_max:
        return (text,)
    return [text[at : at + characters_max] for at in range(0, len(text), characters_max)]
