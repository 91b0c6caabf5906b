"""Every row CloudWatch keeps: series of numbers, and their points in time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

import orjson

from fogline.ports.metrics import Source
from fogline.services.cloudwatch.periods import Slots
from fogline.services.cloudwatch.statistic_sets import StatisticSet, unpacked
from fogline.store.store import Row, Store, Tx
from fogline.world.clock import MINUTE, SECOND
from fogline.world.ids import Ids

_KNOWN_MAX = 10_000
_SEEN_AGAIN_AFTER = MINUTE
"""How exactly it is known when a series last had numbers."""


class Arrived(NamedTuple):
    """Numbers of one series, as they came."""

    source: Source
    name: str
    unit: str
    period: int
    """In seconds: 60, or 1 for metrics of high resolution."""
    at: int
    """When the period begins, in milliseconds."""
    numbers: StatisticSet


class Series(NamedTuple):
    """A metric, as ListMetrics shows it."""

    id: bytes
    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]


Position = tuple[str, str, bytes]
"""Where a page of metrics ended: namespace, name and number of its last one."""


class Tables:
    """The rows of CloudWatch."""

    def __init__(self, store: Store, ids: Ids) -> None:
        self._ids = ids
        self._seen: dict[bytes, int] = store.make_cache()

    def add(self, tx: Tx, arrived: Iterable[Arrived], now: int) -> None:
        """Keep numbers, appended to whatever there is."""
        rows = []
        series: dict[bytes, Arrived] = {}
        for each in arrived:
            number = series_id(each.source, each.name)
            series[number] = each
            numbers = each.numbers
            rows.append(
                (number, each.period, each.at, each.unit, self._ids.ordered(now), numbers.count,
                 numbers.sum, numbers.minimum, numbers.maximum, numbers.packed_values())
            )  # fmt: skip
        self._see(tx, series, now)
        tx.many(
            "INSERT INTO cloudwatch_points (series, period, at, unit, arrival, count, sum, minimum,"
            " maximum, spread) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )

    def _see(self, tx: Tx, series: dict[bytes, Arrived], now: int) -> None:
        """Note that these series have numbers, in the order of their ids, so that nodes don't block each other."""
        rows = []
        for number in sorted(series):
            if self._seen.get(number, 0) > now - _SEEN_AGAIN_AFTER:
                continue
            if len(self._seen) >= _KNOWN_MAX:
                self._seen.clear()
            source, name = series[number].source, series[number].name
            dimensions = orjson.dumps(source.dimensions).decode()
            rows.append((number, *source[:3], name, dimensions, now))
            # If this is undone, it must not stay in the cache.
            tx.forget(self._seen, number)
            self._seen[number] = now
        if rows:
            tx.many(
                "INSERT INTO cloudwatch_series (id, account, region, namespace, name, dimensions,"
                " last_at) VALUES (?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET last_at = excluded.last_at",
                rows,
            )

    def listed(
        self,
        tx: Tx,
        account: str,
        region: str,
        *,
        namespace: str | None,
        name: str | None,
        since: int,
        after: Position | None,
        limit: int,
    ) -> list[Series]:
        """Metrics that have had numbers since then, in the order of their names, after a position."""
        where, values = "account = ? AND region = ? AND last_at >= ?", [account, region, since]
        if namespace is not None:
            where, values = f"{where} AND namespace = ?", [*values, namespace]
        if name is not None:
            where, values = f"{where} AND name = ?", [*values, name]
        if after is not None:
            where, values = f"{where} AND (namespace, name, id) > (?, ?, ?)", [*values, *after]
        rows = tx.rows(
            f"SELECT id, namespace, name, dimensions FROM cloudwatch_series WHERE {where}"
            " ORDER BY namespace, name, id LIMIT ?",
            *values,
            limit,
        )
        return [
            Series(bytes(number), space, called, _dimensions(text))
            for number, space, called, text in rows
        ]

    def plain_sets(
        self, tx: Tx, series: bytes, slots: Slots, since: int, unit: str | None, limit: int
    ) -> tuple[list[tuple[int, str, StatisticSet]], int]:
        """The number, a unit and the numbers without spread of each slot, and from how many rows they are."""
        where, values = _in_slots(series, slots, since, unit)
        rows = tx.rows(
            "SELECT (at - ?) / ? AS slot, unit, COUNT(*), SUM(count), SUM(sum), MIN(minimum),"
            f" MAX(maximum) FROM cloudwatch_points WHERE {where}"
            " GROUP BY slot, unit ORDER BY slot, unit LIMIT ?",
            slots.start,
            slots.length,
            *values,
            limit,
        )
        sets = [(slot, unit, StatisticSet(*numbers)) for slot, unit, _, *numbers in rows]
        return sets, sum(row[2] for row in rows)

    def full_sets(
        self, tx: Tx, series: bytes, slots: Slots, since: int, unit: str | None, limit: int
    ) -> tuple[list[tuple[int, str, StatisticSet]], int]:
        """The same with their spread, and how many rows that took: nothing and one too many, past the limit."""
        where, values = _in_slots(series, slots, since, unit)
        rows = tx.rows(
            "SELECT (at - ?) / ?, unit, count, sum, minimum, maximum, spread FROM cloudwatch_points"
            f" WHERE {where} LIMIT ?",
            slots.start,
            slots.length,
            *values,
            limit + 1,
        )
        if len(rows) > limit:
            return [], len(rows)
        sets: dict[tuple[int, str], StatisticSet] = {}
        for slot, own, *numbers in rows:
            known = sets.get((slot, own))
            if known is None:
                sets[slot, own] = unpacked(*numbers)
            else:
                known.merge(unpacked(*numbers))
        return [(slot, own, sets[slot, own]) for slot, own in sorted(sets)], len(rows)

    # ---- compaction

    def merge_arrived(self, tx: Tx, limit: int) -> int:
        """Merge up to so many appended rows into those of their periods; how many there were."""
        rows = tx.rows(
            "SELECT series, period, at, unit, count, sum, minimum, maximum, spread, arrival"
            " FROM cloudwatch_points WHERE arrival > 0 ORDER BY arrival LIMIT ?",
            limit,
        )
        self._merge(tx, [(row[:4], row[4:9]) for row in rows])
        _remove(tx, [(*row[:4], row[9]) for row in rows])
        return len(rows)

    def lengthen(self, tx: Tx, period: int, longer: int, before: int, limit: int) -> int:
        """Merge up to so many rows of a period from before then into a longer one (0: none); how many there were."""
        rows = tx.rows(
            "SELECT series, period, at, unit, count, sum, minimum, maximum, spread, arrival"
            " FROM cloudwatch_points WHERE period = ? AND at < ? ORDER BY at LIMIT ?",
            period,
            before,
            limit,
        )
        if longer:
            length = longer * SECOND
            self._merge(
                tx,
                [((row[0], longer, row[2] - row[2] % length, row[3]), row[4:9]) for row in rows],
            )
        _remove(tx, [(*row[:4], row[9]) for row in rows])
        if rows and not longer:
            self._remove_empty(tx, {bytes(row[0]) for row in rows})
        return len(rows)

    def oldest(self, tx: Tx, period: int) -> int | None:
        """When the oldest numbers of that period begin."""
        row = tx.row("SELECT MIN(at) FROM cloudwatch_points WHERE period = ?", period)
        return row[0] if row else None

    def _merge(self, tx: Tx, rows: list[tuple[Row, Row]]) -> None:
        """Merge numbers into the one row that each place (series, period, start, unit) has for good."""
        sets: dict[Row, StatisticSet] = {}
        for place, numbers in rows:
            key = (bytes(place[0]), *place[1:])
            if key not in sets:
                kept = tx.row(
                    "SELECT count, sum, minimum, maximum, spread FROM cloudwatch_points"
                    " WHERE series = ? AND period = ? AND at = ? AND unit = ? AND arrival = 0",
                    *key,
                )
                sets[key] = unpacked(*kept) if kept else StatisticSet()
            sets[key].merge(unpacked(*numbers))
        tx.many(
            "INSERT INTO cloudwatch_points (series, period, at, unit, arrival, count, sum, minimum,"
            " maximum, spread) VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, ?)"
            " ON CONFLICT (series, period, at, unit, arrival) DO UPDATE SET count = excluded.count,"
            " sum = excluded.sum, minimum = excluded.minimum, maximum = excluded.maximum,"
            " spread = excluded.spread",
            [
                (*key, each.count, each.sum, each.minimum, each.maximum, each.packed_values())
                for key, each in sets.items()
            ],
        )

    def _remove_empty(self, tx: Tx, series: set[bytes]) -> None:
        for number in sorted(series):
            tx.run(
                "DELETE FROM cloudwatch_series WHERE id = ? AND NOT EXISTS"
                " (SELECT 1 FROM cloudwatch_points WHERE series = ?)",
                number,
                number,
            )
            tx.forget(self._seen, number)


def _remove(tx: Tx, rows: list[Row]) -> None:
    tx.many(
        "DELETE FROM cloudwatch_points WHERE series = ? AND period = ? AND at = ? AND unit = ?"
        " AND arrival = ?",
        rows,
    )


def _in_slots(
    series: bytes, slots: Slots, since: int, unit: str | None
) -> tuple[str, list[object]]:
    where = "series = ? AND period IN (1, 60, 300, 3600) AND at >= ? AND at < ?"
    values: list[object] = [series, max(slots.start, since), slots.end]
    return (where, values) if unit is None else (f"{where} AND unit = ?", [*values, unit])


def _dimensions(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in orjson.loads(text))


@lru_cache(maxsize=_KNOWN_MAX)
def series_id(source: Source, name: str) -> bytes:
    """What a series is called in the store: the order of its dimensions does not matter."""
    # In ASCII, since half a surrogate pair, too, may be asked for.
    named = json.dumps([*source[:3], name, sorted(source.dimensions)])
    return hashlib.sha256(named.encode()).digest()[:16]
