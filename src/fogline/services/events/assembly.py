"""How EventBridge is put together."""

from __future__ import annotations

from fogline.background.feed import Feed
from fogline.background.lineage import Lineage
from fogline.background.outbox import Outbox
from fogline.background.outgoing import Outgoing
from fogline.ports.api import Api
from fogline.ports.service import Service
from fogline.ports.targets import Targets
from fogline.services.events.loops import ArchiveExpiry
from fogline.services.events.replaying import Replays
from fogline.services.events.routes import Routes
from fogline.services.events.schedules import Schedules
from fogline.services.events.service import OPERATIONS, Events
from fogline.services.events.tables import Tables
from fogline.store.store import Store
from fogline.world.clock import Clock
from fogline.world.ids import Ids


def make_events(
    store: Store,
    ids: Ids,
    clock: Clock,
    targets: Targets,
    outbox: Outbox,
    outgoing: Outgoing,
    feed: Feed,
    lineage: Lineage,
    api: Api,
) -> Events:
    """EventBridge on that store, sending to those targets."""
    tables = Tables(store, ids)
    return Events(
        store, tables, Routes(tables), ids, clock, targets, outbox, outgoing, feed, lineage, api
    )


def make_service(events: Events) -> Service:
    """EventBridge as the platform takes it in."""
    return Service(
        name="events",
        package="fogline.services.events",
        stands_on=events,
        operations=OPERATIONS,
        loops=(Schedules(events), Replays(events), ArchiveExpiry(events)),
    )
