"""Reading: one metric, period by period, as a request asks for it."""

from __future__ import annotations

from fogline.ports.metrics import Source
from fogline.services.cloudwatch.errors import ValidationError
from fogline.services.cloudwatch.periods import Slots, oldest_in
from fogline.services.cloudwatch.service import CloudWatch
from fogline.services.cloudwatch.statistic_sets import StatisticSet
from fogline.services.cloudwatch.tables import series_id
from fogline.store.store import Tx

Sets = list[tuple[int, str, StatisticSet]]
"""By the number of the period and the unit."""


class Reading:
    """The metrics that one request reads, within the bounds for one request."""

    def __init__(self, cloudwatch: CloudWatch, tx: Tx, now: int) -> None:
        self._tables = cloudwatch.tables
        self._limits = cloudwatch.limits
        self._tx = tx
        self._now = now
        self._points_left = cloudwatch.limits.points_max
        self._rows_left = cloudwatch.limits.rows_max
        self._spreads_left = cloudwatch.limits.spreads_max

    def sets(
        self, source: Source, name: str, slots: Slots, unit: str | None, *, with_spread: bool
    ) -> Sets:
        """What the metric says in each of the periods in which it says anything."""
        series = series_id(source, name)
        since = oldest_in(slots.period, self._now)
        if with_spread:
            sets, count = self._tables.full_sets(
                self._tx, series, slots, since, unit, self._spreads_left
            )
            self._spreads_left -= count
        else:
            sets, count = self._tables.plain_sets(
                self._tx, series, slots, since, unit, self._points_left + 1
            )
            self._points_left -= len(sets)
            self._rows_left -= count
        if min(self._points_left, self._rows_left, self._spreads_left) < 0:
            raise ValidationError(
                reason=f"More than {self._limits.points_max} data points would have to be read"
                f" ({self._limits.spreads_max} for percentiles and their like). You may reduce them by"
                " decreasing the time range or the number of queries."
            )
        return sets
