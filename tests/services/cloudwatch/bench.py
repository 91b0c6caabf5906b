"""CloudWatch on a store of its own, without a gateway."""

from __future__ import annotations

from collections.abc import Sequence

from fogline.aws.call import Call, Principal, Trace
from fogline.background.topics import Topics
from fogline.ports.metrics import Measure, Source
from fogline.services.cloudwatch import schema
from fogline.services.cloudwatch.limits import Limits
from fogline.services.cloudwatch.operations.metric_data import get_metric_data
from fogline.services.cloudwatch.service import make_cloudwatch
from fogline.store.schema import migrate
from fogline.store.sqlite import SqliteStore
from fogline.store.store import Store
from fogline.world.clock import HOUR, ManualClock
from fogline.world.ids import Ids

ACCOUNT, REGION = "000000000000", "us-east-1"


class Bench:
    """CloudWatch, its clock, and what it stirred."""

    def __init__(
        self,
        limits: Limits | None = None,
        store: Store | None = None,
        clock: ManualClock | None = None,
    ) -> None:
        self.stirred: list[str] = []
        topics = Topics()
        topics.always("cloudwatch-collector", self.stirred.append)
        self.store = store or SqliteStore(None)
        migrate(self.store, (schema.SCHEMA,))
        self.clock = clock or ManualClock()
        self.cloudwatch = make_cloudwatch(self.store, self.clock, Ids(), topics, limits)
        self.collector = self.cloudwatch.collector

    def call(self) -> Call:
        trace = Trace("1-0-0", "0")
        principal = Principal(ACCOUNT, "", "")
        return Call("cloudwatch", "", ACCOUNT, REGION, principal, "r", self.clock.now(), trace, "")

    def add(self, sources: Source | Sequence[Source], *measures: Measure) -> None:
        given = (sources,) if isinstance(sources, Source) else sources
        self.collector.add(given, measures, self.clock.now())

    def rows(self) -> int:
        with self.store.read() as tx:
            row = tx.row("SELECT count(*) FROM cloudwatch_points")
        return row[0] if row else 0

    def periods(self) -> dict[int, int]:
        """How many rows there are of each period."""
        with self.store.read() as tx:
            return dict(tx.rows("SELECT period, count(*) FROM cloudwatch_points GROUP BY period"))

    def statistic(
        self, source: Source, name: str, stat: str, period: int = 60, hours: int = 1
    ) -> list[float]:
        now = self.clock.now()
        dimensions = [{"Name": key, "Value": value} for key, value in source.dimensions]
        metric = {"Namespace": source.namespace, "MetricName": name, "Dimensions": dimensions}
        query = {"Id": "m", "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}}
        request = {
            "MetricDataQueries": [query],
            "StartTime": now - hours * HOUR,
            "EndTime": now + HOUR,
            "ScanBy": "TimestampAscending",
        }
        return get_metric_data(self.cloudwatch, self.call(), request)["MetricDataResults"][0][
            "Values"
        ]

    def compact(self) -> None:
        """Let the compaction do all that is due."""
        while self.cloudwatch.compaction.step(self.clock.now()) == self.clock.now():
            pass
