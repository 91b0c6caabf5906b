"""Statistic sets: many numbers as one, with a bounded picture of how they were spread."""

from __future__ import annotations

import math
from array import array

VALUES_MAX = 256
"""How many distinct values are kept of a set; past that, those that are near one another become one."""

_HELD_MAX = 4 * VALUES_MAX
"""How many are held in memory before they are brought down to that number."""


class StatisticSet:
    """The sum, count, least and greatest of some numbers, and how often each of them came.

    `values` is None when nobody knows how the numbers were spread, because they came as a set already.
    """

    __slots__ = ("count", "maximum", "minimum", "sum", "values")

    def __init__(
        self,
        count: float = 0.0,
        sum: float = 0.0,
        minimum: float = math.inf,
        maximum: float = -math.inf,
        values: dict[float, float] | None = None,
    ) -> None:
        self.count = count
        self.sum = sum
        self.minimum = minimum
        self.maximum = maximum
        self.values = values

    def add(self, value: float, count: float = 1.0) -> None:
        """Take in one number, or the same one `count` times."""
        values = self.values
        if values is None:
            assert not self.count, "numbers and sets of unknown spread are merged, not added"
            values = self.values = {}
        self.count += count
        self.sum += value * count
        if value < self.minimum:
            self.minimum = value
        if value > self.maximum:
            self.maximum = value
        values[value] = values.get(value, 0.0) + count
        if len(values) > _HELD_MAX:
            self.values = _fewer(values)

    def merge(self, other: StatisticSet) -> None:
        """Take in what another set holds, which stays as it is."""
        if not other.count:
            return
        if not self.count:
            self.values = dict(other.values) if other.values is not None else None
        elif self.values is not None and other.values is not None:
            values = self.values
            for value, count in other.values.items():
                values[value] = values.get(value, 0.0) + count
            if len(values) > _HELD_MAX:
                self.values = _fewer(values)
        else:
            self.values = None
        self.count += other.count
        self.sum += other.sum
        self.minimum = min(self.minimum, other.minimum)
        self.maximum = max(self.maximum, other.maximum)

    # ---- as it is kept

    def packed_values(self) -> bytes | None:
        """The spread in bytes: none at all where every number is the same."""
        if self.values is None:
            return None
        if len(self.values) == 1 and self.minimum == self.maximum:
            return b""
        values = self.values if len(self.values) <= VALUES_MAX else _fewer(self.values)
        return array("d", [*values.keys(), *values.values()]).tobytes()


def unpacked(
    count: float, sum: float, minimum: float, maximum: float, packed: bytes | None
) -> StatisticSet:
    """The set that was kept as these."""
    values: dict[float, float] | None
    if packed is None:
        # A set of equal numbers tells how they were spread, whoever put it together.
        values = {minimum: count} if minimum == maximum else None
    elif not packed:
        values = {minimum: count}
    else:
        numbers = array("d", packed)
        half = len(numbers) // 2
        values = dict(zip(numbers[:half], numbers[half:], strict=True))
    return StatisticSet(count, sum, minimum, maximum, values)


def _fewer(values: dict[float, float]) -> dict[float, float]:
    """At most as many values as are kept, each the mean of those that were near one another."""
    sizes = [math.log(abs(value)) for value in values if value]
    least = min(sizes, default=0.0)
    # Zero has a place of its own, and numbers below it have half of the others.
    places = (VALUES_MAX // 2 if min(values) < 0 else VALUES_MAX) - 2
    width = (max(sizes, default=0.0) - least) / places or 1.0
    near: dict[tuple[bool, int], tuple[float, float]] = {}
    zeros = 0.0
    for value, count in values.items():
        if not value:
            zeros += count
            continue
        key = (value > 0, int((math.log(abs(value)) - least) / width))
        mean, known = near.get(key, (0.0, 0.0))
        known += count
        near[key] = (mean + (value - mean) * (count / known), known)
    fewer = {0.0: zeros} if zeros else {}
    for value, count in near.values():
        fewer[value] = fewer.get(value, 0.0) + count
    return fewer
