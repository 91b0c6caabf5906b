"""EventBridge's front page: what it stands on, and every operation by its file."""

from __future__ import annotations

from dataclasses import dataclass, field

from fogline.background.feed import Feed
from fogline.background.lineage import Lineage
from fogline.background.outbox import Outbox
from fogline.background.outgoing import Outgoing
from fogline.ports.api import Api
from fogline.ports.event_schemas import EventSchemas
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
    feed: Feed
    lineage: Lineage
    api: Api
    limits: Limits = field(default_factory=Limits)
    schemas: EventSchemas | None = None
    """Who knows whether events fit; set once the schema registry is there."""


OPERATIONS = {
    "api_destinations": (
        "create_api_destination",
        "delete_api_destination",
        "describe_api_destination",
        "list_api_destinations",
        "update_api_destination",
    ),
    "archives": (
        "create_archive",
        "delete_archive",
        "describe_archive",
        "list_archives",
        "update_archive",
    ),
    "buses": (
        "create_event_bus",
        "delete_event_bus",
        "describe_event_bus",
        "list_event_buses",
        "update_event_bus",
    ),
    "connections": (
        "create_connection",
        "deauthorize_connection",
        "delete_connection",
        "describe_connection",
        "list_connections",
        "update_connection",
    ),
    "endpoints": (
        "create_endpoint",
        "delete_endpoint",
        "describe_endpoint",
        "list_endpoints",
        "update_endpoint",
    ),
    "events": ("put_events",),
    "partner_event_sources": (
        "activate_event_source",
        "create_partner_event_source",
        "deactivate_event_source",
        "delete_partner_event_source",
        "describe_event_source",
        "describe_partner_event_source",
        "list_event_sources",
        "list_partner_event_source_accounts",
        "list_partner_event_sources",
        "put_partner_events",
    ),
    "patterns": ("test_event_pattern",),
    "permissions": ("put_permission", "remove_permission"),
    "replays": ("cancel_replay", "describe_replay", "list_replays", "start_replay"),
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
