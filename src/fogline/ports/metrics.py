"""How services report numbers about their own work, for CloudWatch to show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Source(NamedTuple):
    """What numbers are about: one combination of dimensions in a namespace, such as `AWS/Lambda` and a FunctionName."""

    account: str
    region: str
    namespace: str
    dimensions: tuple[tuple[str, str], ...] = ()
    """Names and values, in the order in which AWS lists them."""


class Measure(NamedTuple):
    """One number."""

    name: str
    """Of the metric, as AWS spells it."""
    value: float
    unit: str
    """One of botocore's `StandardUnit`: Count, Milliseconds, Bytes, Percent, ..."""


class Metrics(Protocol):
    """Collects numbers."""

    def add(self, sources: Sequence[Source], measures: Sequence[Measure], at: int) -> None:
        """Note each of `measures` for each of `sources`, as of `at` (milliseconds since the epoch).

        It costs a few microseconds, writes nothing and never fails: what is noted is kept in memory and written a
        moment later, all at once. So a crash may take the last second's numbers with it, and only those: AWS, too,
        delivers the metrics of its services on a best-effort basis.
        """
