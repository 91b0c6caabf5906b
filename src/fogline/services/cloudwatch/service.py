"""CloudWatch: what it stands on, and every operation it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fogline.background.topics import Topics
from fogline.ports.service import Service
from fogline.services.cloudwatch.collector import Collector
from fogline.services.cloudwatch.compaction import Compaction
from fogline.services.cloudwatch.limits import Limits
from fogline.services.cloudwatch.tables import Tables
from fogline.store.store import Store
from fogline.world.clock import Clock
from fogline.world.ids import Ids

OPERATIONS: Mapping[str, Sequence[str]] = {
    "metrics": ("put_metric_data", "list_metrics"),
    "statistics": ("get_metric_statistics",),
    "metric_data": ("get_metric_data",),
}


@dataclass(frozen=True, slots=True)
class CloudWatch:
    """What CloudWatch stands on."""

    store: Store
    tables: Tables
    collector: Collector
    compaction: Compaction
    limits: Limits


def make_cloudwatch(
    store: Store, clock: Clock, ids: Ids, topics: Topics, limits: Limits | None = None
) -> CloudWatch:
    """CloudWatch on a store."""
    limits = limits or Limits()
    tables = Tables(store, ids)
    compaction = Compaction(store, tables, topics, limits)
    collector = Collector(store, tables, clock, topics, compaction, limits)
    return CloudWatch(store, tables, collector, compaction, limits)


def make_service(cloudwatch: CloudWatch) -> Service:
    """The service for the platform."""
    return Service(
        name="cloudwatch",
        package="fogline.services.cloudwatch",
        stands_on=cloudwatch,
        operations=OPERATIONS,
        loops=(cloudwatch.collector, cloudwatch.compaction),
    )
