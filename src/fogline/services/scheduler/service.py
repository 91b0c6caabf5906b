"""EventBridge Scheduler's front page: what it stands on, and every operation by its file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fogline.background.lineage import Lineage
from fogline.background.outbox import Outbox
from fogline.ports.api import Api
from fogline.ports.targets import Targets
from fogline.services.scheduler.limits import Limits
from fogline.services.scheduler.tables import Tables
from fogline.store.store import Store
from fogline.world.clock import Clock
from fogline.world.ids import Ids


@dataclass(frozen=True, slots=True)
class Scheduler:
    """What every operation of EventBridge Scheduler is handed."""

    store: Store
    tables: Tables
    clock: Clock
    ids: Ids
    lineage: Lineage
    outbox: Outbox
    targets: Targets
    api: Api
    endpoint: Callable[[], str]
    limits: Limits


OPERATIONS = {
    "schedules": (
        "create_schedule",
        "delete_schedule",
        "get_schedule",
        "list_schedules",
        "update_schedule",
    ),
    "schedule_groups": (
        "create_schedule_group",
        "delete_schedule_group",
        "get_schedule_group",
        "list_schedule_groups",
    ),
    "tags": ("list_tags_for_resource", "tag_resource", "untag_resource"),
}

TOPIC = "scheduler"
"""Stirred when a schedule is due at another time than before."""
