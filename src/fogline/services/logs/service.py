"""CloudWatch Logs: what it stands on, and every operation it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fogline.background.topics import Topics
from fogline.ports.service import Service
from fogline.services.logs.expiry import Expiry
from fogline.services.logs.limits import Limits
from fogline.services.logs.tables import Tables
from fogline.store.store import Store
from fogline.world.clock import Clock
from fogline.world.ids import Ids

OPERATIONS: Mapping[str, Sequence[str]] = {
    "groups": (
        "create_log_group",
        "delete_log_group",
        "describe_log_groups",
        "list_log_groups",
        "put_retention_policy",
        "delete_retention_policy",
        "associate_kms_key",
        "disassociate_kms_key",
        "put_log_group_deletion_protection",
    ),
    "streams": ("create_log_stream", "delete_log_stream", "describe_log_streams"),
    "events": ("put_log_events", "get_log_events", "filter_log_events"),
    "live_tails": ("start_live_tail",),
    "metric_filters": (
        "put_metric_filter",
        "delete_metric_filter",
        "describe_metric_filters",
        "test_metric_filter",
    ),
    "resource_policies": (
        "put_resource_policy",
        "delete_resource_policy",
        "describe_resource_policies",
    ),
    "tags": (
        "tag_resource",
        "untag_resource",
        "list_tags_for_resource",
        "tag_log_group",
        "untag_log_group",
        "list_tags_log_group",
    ),
}


@dataclass(frozen=True, slots=True)
class Logs:
    """What CloudWatch Logs stands on."""

    store: Store
    tables: Tables
    topics: Topics
    clock: Clock
    ids: Ids
    limits: Limits


def make_logs(
    store: Store,
    topics: Topics,
    clock: Clock,
    ids: Ids,
    limits: Limits | None = None,
) -> Logs:
    """CloudWatch Logs on a store."""
    return Logs(store, Tables(store, ids), topics, clock, ids, limits or Limits())


def make_service(logs: Logs) -> Service:
    """The service for the platform."""
    return Service(
        name="logs",
        package="fogline.services.logs",
        stands_on=logs,
        operations=OPERATIONS,
        loops=(Expiry(logs.store, logs.tables, logs.limits),),
    )
