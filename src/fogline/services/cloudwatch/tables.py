"""Every row CloudWatch keeps: series of numbers, and their points in time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

import orjson

from fogline.ports.metrics import Source
from fogline.services.cloudwatch.statistic_sets import StatisticSet, unpacked
from fogline.store.store import Store, Tx
from fogline.world.clock import MINUTE
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


class Point(NamedTuple):
    """The numbers of one series in one period."""

    period: int
    at: int
    unit: str
    numbers: StatisticSet


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

    def points(self, tx: Tx, series: bytes, since: int, until: int, limit: int) -> list[Point]:
        """The points of a series that begin from `since` up to, and not including, `until`."""
        rows = tx.rows(
            "SELECT period, at, unit, count, sum, minimum, maximum, spread FROM cloudwatch_points"
            " WHERE series = ? AND period IN (1, 60, 300, 3600) AND at >= ? AND at < ? LIMIT ?",
            series,
            since,
            until,
            limit,
        )
        return [Point(period, at, unit, unpacked(*numbers)) for period, at, unit, *numbers in rows]


@lru_cache(maxsize=_KNOWN_MAX)
def series_id(source: Source, name: str) -> bytes:
    """What a series is called in the store: the order of its dimensions does not matter."""
    named = orjson.dumps([*source[:3], name, sorted(source.dimensions)])
    return hashlib.sha256(named).digest()[:16]
