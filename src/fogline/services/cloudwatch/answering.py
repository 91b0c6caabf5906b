"""Answering queries: metrics are read, and expressions carried out over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fogline.services.cloudwatch.errors import ValidationError
from fogline.services.cloudwatch.limits import Limits
from fogline.services.cloudwatch.math.errors import ExpressionError
from fogline.services.cloudwatch.math.evaluation import evaluate
from fogline.services.cloudwatch.math.values import Array, Budget, TimeSeries, Value
from fogline.services.cloudwatch.periods import Slots, slots_of
from fogline.services.cloudwatch.queries import MathQuery, MetricQuery, Query, in_order
from fogline.services.cloudwatch.reading import Reading
from fogline.services.cloudwatch.statistic_sets import StatisticSet
from fogline.services.cloudwatch.statistics import PLAIN


class Answers:
    """The answers to the queries of one request. What expressions ask about is answered here, too."""

    def __init__(
        self,
        queries: Sequence[Query],
        labels: Mapping[str, str],
        reading: Reading,
        span: tuple[int, int, int],
        limits: Limits,
    ) -> None:
        self.budget = Budget(limits.math_work_max)
        self._queries = queries
        self._labels = labels
        self._reading = reading
        self._span = span
        self._limits = limits
        self._known: dict[str, Value] = {}
        self._instants: dict[int, Sequence[int]] = {}

    def find(self) -> Mapping[str, Value]:
        """What each query comes to, by its id. Raises ValidationError."""
        ordered = in_order(self._queries)
        for query in ordered:
            if isinstance(query, MetricQuery):
                self._known[query.id] = self._metric(query)
        for query in ordered:
            if isinstance(query, MathQuery):
                self._known[query.id] = self._math(query)
        return self._known

    def _metric(self, query: MetricQuery) -> TimeSeries:
        slots = self._slots(query.period)
        sets = self._reading.sets(
            query.source, query.name, slots, query.unit, with_spread=query.stat not in PLAIN
        )
        merged: dict[int, StatisticSet] = {}
        for slot, _, numbers in sets:
            known = merged.get(slot)
            if known is None:
                merged[slot] = numbers
            else:
                known.merge(numbers)
        told = ((slots.at(slot), query.statistic(numbers)) for slot, numbers in merged.items())
        numbers_by_time = {at: value for at, value in told if value is not None}
        return TimeSeries(numbers_by_time, self._labels[query.id], query.period)

    def _math(self, query: MathQuery) -> Value:
        try:
            value = evaluate(query.expression, self._known, self)
        except ExpressionError as error:
            raise ValidationError(reason=f"Error in expression '{query.id}': {error}") from None
        if query.is_returned and not isinstance(value, TimeSeries | Array):
            raise ValidationError(
                reason=f"Error in expression '{query.id}': It comes to a single value, and must come"
                " to a time series or an array of time series."
            )
        return value

    def _slots(self, period: int) -> Slots:
        start, end, now = self._span
        return slots_of(start, end, period, now)

    # ---- what expressions may ask

    def instants(self, period: int) -> Sequence[int]:
        found = self._instants.get(period)
        if found is None:
            slots = self._slots(period)
            if slots.count > self._limits.data_datapoints_max:
                raise ExpressionError(
                    "It would have too many data points. Decrease the time range."
                )
            self.budget.spend(slots.count)
            found = self._instants[period] = range(slots.start, slots.end, slots.length)
        return found

    def metrics(self) -> Sequence[tuple[str, TimeSeries]]:
        found = []
        for query in self._queries:
            known = self._known.get(query.id) if isinstance(query, MetricQuery) else None
            if isinstance(known, TimeSeries):
                found.append((query.id, known))
        return found
