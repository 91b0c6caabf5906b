"""Putting Lambda together: the service, and its parts that others call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fogline.background.event_sources import EventSources
from fogline.background.lineage import Lineage
from fogline.background.outbox import Outbox
from fogline.background.stream_consumer import StreamParts
from fogline.background.supervisor import Run
from fogline.background.topics import Topics
from fogline.ports.addresses import LocalAddresses
from fogline.ports.api import Api
from fogline.ports.credentials import RoleCredentials
from fogline.ports.functions import Functions
from fogline.ports.http import Endpoint
from fogline.ports.logs import LogLines
from fogline.ports.metrics import Metrics
from fogline.ports.principals import Principals
from fogline.ports.service import Service
from fogline.ports.sources import Sources
from fogline.ports.targets import Targets
from fogline.services.lambda_.asynchronous import KIND, Invoker
from fogline.services.lambda_.concurrency import Slots
from fogline.services.lambda_.endpoints import FunctionUrls
from fogline.services.lambda_.keeper import Keeper
from fogline.services.lambda_.limits import Limits
from fogline.services.lambda_.locations import PackageDownloads
from fogline.services.lambda_.loops import MappingLoop, Readiness
from fogline.services.lambda_.packages import Packages
from fogline.services.lambda_.service import Lambda, make_service
from fogline.services.lambda_.specs import Specs
from fogline.services.lambda_.tables import Tables
from fogline.services.lambda_.target import FunctionTarget
from fogline.store.blobs import Blobs
from fogline.store.store import Store
from fogline.world.clock import Clock
from fogline.world.ids import Ids


@dataclass(frozen=True, slots=True)
class Assembled:
    """Lambda and the parts that the platform registers."""

    lambda_: Lambda
    service: Service
    target: FunctionTarget
    endpoints: tuple[Endpoint, ...]
    packages: Packages


def assemble(
    *,
    store: Store,
    clock: Clock,
    ids: Ids,
    topics: Topics,
    run: Run,
    api: Api,
    functions: Functions,
    logs: LogLines,
    metrics: Metrics,
    lineage: Lineage,
    outbox: Outbox,
    event_sources: EventSources,
    targets: Targets,
    sources: Sources,
    credentials: RoleCredentials,
    principals: Principals,
    blobs: Blobs,
    code_folder: Path | None,
    endpoint: Callable[[], str],
    addresses: LocalAddresses,
    limits: Limits | None = None,
) -> Assembled:
    """Lambda on the platform's parts. `code_folder` None keeps unpacked code in a temporary folder."""
    limits = limits or Limits()
    packages = Packages(blobs, code_folder, limits)
    lambda_ = Lambda(
        store=store,
        tables=Tables(store),
        clock=clock,
        ids=ids,
        limits=limits,
        api=api,
        functions=functions,
        logs=logs,
        metrics=metrics,
        lineage=lineage,
        outbox=outbox,
        targets=targets,
        sources=sources,
        packages=packages,
        specs=Specs(store, packages, limits, endpoint, credentials, addresses),
        slots=Slots(limits, topics.stir),
        streams=StreamParts(store, clock, ids.hex(16)),
        endpoint=endpoint,
    )
    outbox.register(KIND, Invoker(lambda_))
    Keeper(lambda_, topics, run)
    return Assembled(
        lambda_,
        make_service(lambda_, (MappingLoop(lambda_, event_sources), Readiness(lambda_))),
        FunctionTarget(lambda_),
        (PackageDownloads(lambda_), FunctionUrls(lambda_, principals)),
        packages,
    )
