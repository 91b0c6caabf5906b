"""EventBridge's front page: what it stands on, and every operation by its file."""

from __future__ import annotations

from dataclasses import dataclass, field

from fogline.background.outbox import Outbox
from fogline.background.outgoing import Outgoing
from fogline.ports.api import Api
from fogline.ports.event_schemas import EventSchemas
from fogline.ports.service import Service
from fogline.ports.targets import Targets
from fogline.services.events.limits import Limits
from fogline.services.events.routes import Routes
from fogline.services.events.tables import Tables
from fogline.store.store import Store
from fogline.world.clock import Clock
from fogline.world.ids import Ids


@dataclass(slots=True)
class Events:
    """What every operation of EventBridge is handed."""

    store: Store
    tables: Tables
    routes: Routes
    ids: Ids
    clock: Clock
    targets: Targets
    outbox: Outbox
    outgoing: Outgoing
    api: Api
    limits: Limits = field(default_factory=Limits)
    schemas: EventSchemas | None = None
    """Who knows whether events fit; set once the schema registry is there."""


OPERATIONS = {
    "buses": (
        "create_event_bus",
        "delete_event_bus",
        "describe_event_bus",
        "list_event_buses",
        "update_event_bus",
    ),
    "events": ("put_events",),
    "patterns": ("test_event_pattern",),
    "permissions": ("put_permission", "remove_permission"),
    "rules": (
        "delete_rule",
        "describe_rule",
        "disable_rule",
        "enable_rule",
        "list_rule_names_by_target",
        "list_rules",
        "put_rule",
    ),
    "tags": ("list_tags_for_resource", "tag_resource", "untag_resource"),
    "targets": ("list_targets_by_rule", "put_targets", "remove_targets"),
}


def make_events(
    store: Store,
    ids: Ids,
    clock: Clock,
    targets: Targets,
    outbox: Outbox,
    outgoing: Outgoing,
    api: Api,
) -> Events:
    """EventBridge on that store, sending to those targets."""
    tables = Tables(store, ids)
    return Events(store, tables, Routes(store, tables), ids, clock, targets, outbox, outgoing, api)


def make_service(events: Events) -> Service:
    """EventBridge as the platform takes it in."""
    return Service(
        name="events",
        package="fogline.services.events",
        stands_on=events,
        operations=OPERATIONS,
    )
