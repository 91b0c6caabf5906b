"""Pipes' front page: what it stands on, and every operation by its file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from fogline.background.lineage import Lineage
from fogline.background.loop import Loop
from fogline.background.stream_consumer import StreamParts
from fogline.ports.api import Api
from fogline.ports.api_destinations import ApiDestinations
from fogline.ports.apis import InvokedApis
from fogline.ports.logs import LogLines
from fogline.ports.service import Service
from fogline.ports.sources import Sources
from fogline.ports.targets import Targets
from fogline.services.pipes.limits import Limits
from fogline.services.pipes.tables import Tables
from fogline.store.store import Store
from fogline.world.clock import Clock
from fogline.world.ids import Ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipes:
    """What every operation and every execution of Pipes is handed."""

    store: Store
    tables: Tables
    clock: Clock
    ids: Ids
    limits: Limits
    api: Api
    sources: Sources
    targets: Targets
    api_destinations: Callable[[], ApiDestinations | None]
    """Who calls API destinations, None where nobody does."""
    apis: InvokedApis
    logs: LogLines
    lineage: Lineage
    streams: StreamParts
    endpoint: Callable[[], str]


OPERATIONS: Mapping[str, Sequence[str]] = {
    "pipes": (
        "create_pipe",
        "delete_pipe",
        "describe_pipe",
        "list_pipes",
        "start_pipe",
        "stop_pipe",
        "update_pipe",
    ),
    "tags": ("list_tags_for_resource", "tag_resource", "untag_resource"),
}


def make_service(pipes: Pipes, loops: Sequence[Loop] = ()) -> Service:
    """Pipes as the platform takes it in."""
    return Service(
        name="pipes",
        package="fogline.services.pipes",
        stands_on=pipes,
        operations=OPERATIONS,
        loops=loops,
    )
