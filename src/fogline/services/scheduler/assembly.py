"""How EventBridge Scheduler is put together."""

from __future__ import annotations

from collections.abc import Callable

from fogline.background.lineage import Lineage
from fogline.background.outbox import Outbox
from fogline.ports.api import Api
from fogline.ports.service import Service
from fogline.ports.targets import Targets
from fogline.services.scheduler.calls import KIND, Caller
from fogline.services.scheduler.limits import Limits
from fogline.services.scheduler.loops import Firing
from fogline.services.scheduler.service import OPERATIONS, Scheduler
from fogline.services.scheduler.tables import Tables
from fogline.store.store import Store
from fogline.world.clock import Clock
from fogline.world.ids import Ids


def make_scheduler(
    *,
    store: Store,
    clock: Clock,
    ids: Ids,
    lineage: Lineage,
    outbox: Outbox,
    targets: Targets,
    api: Api,
    endpoint: Callable[[], str],
    limits: Limits | None = None,
) -> Scheduler:
    """EventBridge Scheduler, with its performer of universal targets."""
    scheduler = Scheduler(
        store,
        Tables(store),
        clock,
        ids,
        lineage,
        outbox,
        targets,
        api,
        endpoint,
        limits or Limits(),
    )
    outbox.register(KIND, Caller(scheduler))
    return scheduler


def make_service(scheduler: Scheduler) -> Service:
    """EventBridge Scheduler as the platform takes it in."""
    return Service(
        name="scheduler",
        package="fogline.services.scheduler",
        stands_on=scheduler,
        operations=OPERATIONS,
        loops=(Firing(scheduler),),
    )
