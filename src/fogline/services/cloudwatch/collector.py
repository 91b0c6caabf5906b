"""The collector: what services report is added up in memory and written about a second later, all at once."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from fogline.background.topics import Topics
from fogline.ports.metrics import Measure, Source
from fogline.services.cloudwatch.compaction import Compaction
from fogline.services.cloudwatch.limits import Limits
from fogline.services.cloudwatch.statistic_sets import StatisticSet
from fogline.services.cloudwatch.tables import Arrived, Tables
from fogline.store.store import CONFLICTS_MAX, Store, StoreConflict
from fogline.world.clock import MINUTE, Clock

log = logging.getLogger("fogline.cloudwatch")

TOPIC = "cloudwatch-collector"

Group = tuple[tuple[Source, ...], int]
"""Sources that are reported on together, and a minute."""
Pending = dict[Group, dict[tuple[str, str], StatisticSet]]
"""The numbers of each group by the name and unit of the metric."""


class Collector:
    """Answers `ports/metrics.py`. It is a Loop: its steps write what was collected."""

    name = "cloudwatch.collector"
    topics: tuple[str, ...] = (TOPIC,)

    def __init__(
        self,
        store: Store,
        tables: Tables,
        clock: Clock,
        topics: Topics,
        compaction: Compaction,
        limits: Limits,
    ) -> None:
        self._store = store
        self._tables = tables
        self._clock = clock
        self._topics = topics
        self._compaction = compaction
        self._limits = limits
        # Operations report from threads, and read from others.
        self._guard = threading.Lock()
        self._noted: dict[Group, list[Measure]] = {}
        self._noted_count = 0
        self._pending: Pending = {}
        self._kept = 0
        self._dropped = 0
        self._due_at: int | None = None

    def add(self, sources: Sequence[Source], measures: Sequence[Measure], at: int) -> None:
        """Note numbers; see the port. Past the bound, numbers of series that are new are dropped."""
        with self._guard:
            group = (tuple(sources), at - at % MINUTE)
            noted = self._noted.get(group)
            if noted is None:
                noted = self._noted[group] = []
            noted.extend(measures)
            self._noted_count += len(measures)
            if self._noted_count >= self._limits.noted_numbers_max:
                self._fold()
            is_first = self._due_at is None
            if is_first:
                self._due_at = self._clock.now() + self._limits.collecting_time
        if is_first:
            self._topics.stir((TOPIC,))

    def _fold(self) -> None:
        """Add up what was noted. Many at once, because equal numbers are counted much faster than added."""
        limit = self._limits.number_max
        for group, measures in self._noted.items():
            metrics = self._pending.get(group, {})
            for (name, value, unit), times in Counter(measures).items():
                if not -limit <= value <= limit:  # nor is a NaN
                    continue
                numbers = metrics.get((name, unit))
                if numbers is None:
                    if self._kept >= self._limits.collected_sets_max:
                        self._dropped += times
                        continue
                    self._kept += 1
                    numbers = metrics[name, unit] = StatisticSet()
                numbers.add(float(value), float(times))
            if metrics:
                self._pending[group] = metrics
        self._noted = {}
        self._noted_count = 0

    def step(self, now: int) -> int | None:
        """Write what was collected, once it is due."""
        if self._due_at is not None and self._due_at > now:
            return self._due_at
        self.flush()
        return None

    def flush(self) -> None:
        """Write what was collected, now."""
        with self._guard:
            self._fold()
            pending, self._pending = self._pending, {}
            dropped, self._dropped = self._dropped, 0
            self._kept = 0
            self._due_at = None
        if dropped:
            log.warning("%d numbers about new metrics were dropped: too many at once", dropped)
        if pending:
            self._write(pending, self._clock.now())

    def _write(self, pending: Pending, now: int) -> None:
        arrived = list(_arrived(pending))
        for conflicts in range(CONFLICTS_MAX):
            try:
                with self._store.write() as tx:
                    self._tables.add(tx, arrived, now)
                self._compaction.expect(now)
                return
            except StoreConflict:
                if conflicts == CONFLICTS_MAX - 1:
                    raise


def _arrived(pending: Pending) -> Sequence[Arrived]:
    return [
        Arrived(_storable(source), name, unit, 60, minute, numbers)
        for (sources, minute), metrics in pending.items()
        for source in sources
        for (name, unit), numbers in metrics.items()
    ]


@lru_cache(maxsize=1_024)
def _storable(source: Source) -> Source:
    """The source without what no store keeps in text: one odd name must not cost all others their numbers."""
    return Source(
        _text(source.account),
        _text(source.region),
        _text(source.namespace),
        tuple((_text(name), _text(value)) for name, value in source.dimensions),
    )


def _text(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
