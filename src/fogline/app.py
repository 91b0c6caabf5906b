"""Puts the platform together: the store, what runs on it, every service, and the way in."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from fogline.background import feed, inbox, lineage, outbox, stream_positions
from fogline.background.event_sources import EventSources
from fogline.background.feed import Feed
from fogline.background.inbox import Inbox
from fogline.background.lineage import Lineage
from fogline.background.outbox import Outbox
from fogline.background.outgoing import Outgoing
from fogline.background.supervisor import Supervisor
from fogline.background.topics import Topics
from fogline.config import Config
from fogline.control.endpoint import Control
from fogline.control.feed import FeedPages
from fogline.control.inbox import InboxPages
from fogline.control.pages import Pages
from fogline.control.queues import QueuePages
from fogline.control.snapshots import Snapshots
from fogline.control.tls import TlsPages
from fogline.gateway.dispatch import Dispatch
from fogline.gateway.gateway import Gateway
from fogline.gateway.guard import Guard, host_name
from fogline.gateway.identity import Identities
from fogline.gateway.server import Server
from fogline.gateway.tls import Tls
from fogline.ports.seals import Seals
from fogline.ports.sources import Sources
from fogline.ports.targets import Targets
from fogline.services.apigatewayv2 import schema as apigatewayv2
from fogline.services.cloudformation import schema as cloudformation
from fogline.services.cloudwatch import schema as cloudwatch
from fogline.services.dynamodb import schema as dynamodb
from fogline.services.events import schema as events
from fogline.services.iam import schema as iam
from fogline.services.logs import schema as logs
from fogline.services.s3 import schema as s3
from fogline.services.scheduler import schema as scheduler
from fogline.services.sns import schema as sns
from fogline.services.sqs import schema as sqs
from fogline.services.stepfunctions import schema as stepfunctions
from fogline.services.sts import schema as sts
from fogline.store import documents, shared_blobs
from fogline.store.blobs import Blobs
from fogline.store.schema import migrate
from fogline.store.shared_blobs import SharedBlobs
from fogline.store.sqlite import SqliteStore
from fogline.store.store import Store
from fogline.wiring import Parts, Wiring
from fogline.world.clock import Clock, ManualClock, RealClock
from fogline.world.ids import Ids

log = logging.getLogger("fogline.app")

SCHEMAS = (
    documents.SCHEMA,
    shared_blobs.SCHEMA,
    lineage.SCHEMA,
    outbox.SCHEMA,
    stream_positions.SCHEMA,
    feed.SCHEMA,
    inbox.SCHEMA,
    apigatewayv2.SCHEMA,
    cloudformation.SCHEMA,
    cloudwatch.SCHEMA,
    dynamodb.SCHEMA,
    events.SCHEMA,
    logs.SCHEMA,
    scheduler.SCHEMA,
    sns.SCHEMA,
    sqs.SCHEMA,
    stepfunctions.SCHEMA,
    iam.SCHEMA,
    s3.SCHEMA,
    sts.SCHEMA,
)

_OWN_ADDRESSES = {"localhost": "127.0.0.1", "0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}  # noqa: S104
_STOP_GRACE_SECONDS = 5.0
_COLLECTED_AFTER_OBJECTS = 25_000


class Platform:
    """One running Fogline. Made, started and stopped on the event loop that it runs on."""

    def __init__(
        self,
        config: Config,
        clock: Clock | None = None,
        ids: Ids | None = None,
        embedded_store: type[SqliteStore] = SqliteStore,
    ) -> None:
        self.config = config
        self.clock = clock or (ManualClock() if config.clock == "manual" else RealClock())
        self.ids = ids or Ids()
        self.topics = Topics()
        self._loop = asyncio.get_running_loop()
        self.executor: ThreadPoolExecutor | None = None
        self.store = self._open_store(embedded_store)
        migrate(self.store, SCHEMAS)
        blob_folder = None if config.ephemeral else config.data / "blobs"
        self.blobs = SharedBlobs(blob_folder, self.store) if config.store else Blobs(blob_folder)
        self.lineage = Lineage(self.store, self.clock, self.topics)
        self.supervisor = Supervisor(self.clock, self.topics, self.executor)
        self.outbox = Outbox(self.store, self.clock, self.ids, self.lineage, self.supervisor.run)
        self.event_sources = EventSources(
            self.clock, self.topics, self.supervisor.run, self.executor
        )
        self.targets = Targets()
        self.outgoing = Outgoing(self.endpoint)
        self.inbox = Inbox(self.ids)
        self.feed = Feed(self.ids, self.clock)
        self.sources = Sources()
        self.dispatch = Dispatch(
            self.store, self.topics, self.clock, self.ids, self.lineage, self.executor
        )
        self.control = Control()
        self.tls = Tls(
            data_folder(config) / "tls",
            is_kept=not config.ephemeral,
            names=[host_name(each) for each in _words(config.allow_host)],
            is_ours=self._serves,
        )
        self._completing: asyncio.Task[None] | None = None
        self.wiring = self._make_wiring()
        self.pages = self._make_pages()
        self.pages.serve(self.control)
        InboxPages(self.inbox, self.store).serve(self.control)
        QueuePages(
            self.sources, self.store, self.clock, self.config, lambda: self.wiring.load("sqs")
        ).serve(self.control)
        TlsPages(self.tls.authority_pem, self.tls.trust_files).serve(self.control)
        FeedPages(self.feed, self.store, config.account, config.region).serve(self.control)
        self.gateway = Gateway(
            guard=Guard(_words(config.allow_host), _words(config.allow_origin), config.listen),
            identities=Identities(self.wiring, account=config.account, region=config.region),
            dispatch=self.dispatch,
            clock=self.clock,
            ids=self.ids,
            endpoints=self.wiring.endpoints,
            own=self.control,
            complete=self.wiring.load_all,
            default_host=f"localhost:{config.port}",
        )
        self.server = Server(self.gateway.answer, self.clock, contexts=self.tls.context_for)
        self.port = config.port

    # ---- parts

    def _open_store(self, embedded_store: type[SqliteStore]) -> Store:
        config = self.config
        if config.store:
            from fogline.store.postgres import PostgresStore

            self.executor = ThreadPoolExecutor(config.store_threads, "fogline-operation")
            return PostgresStore(config.store, on_stir=self._stir_from_thread)
        if config.ephemeral:
            return embedded_store(None, on_stir=self.topics.stir)
        config.data.mkdir(parents=True, exist_ok=True)
        return embedded_store(
            config.data / "fogline.db", durability=config.durability, on_stir=self.topics.stir
        )

    def _stir_from_thread(self, topics: Iterable[str]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended, and with it all that waited
            self._loop.call_soon_threadsafe(self.topics.stir, tuple(topics))

    def _make_wiring(self) -> Wiring:
        parts = Parts(
            config=self.config,
            clock=self.clock,
            ids=self.ids,
            topics=self.topics,
            store=self.store,
            blobs=self.blobs,
            lineage=self.lineage,
            supervisor=self.supervisor,
            outbox=self.outbox,
            event_sources=self.event_sources,
            targets=self.targets,
            sources=self.sources,
            seals=Seals(),
            outgoing=self.outgoing,
            inbox=self.inbox,
            feed=self.feed,
            dispatch=self.dispatch,
            endpoint=self.endpoint,
            trust=self.tls.trust_files,
        )
        return Wiring(parts)

    def _make_pages(self) -> Pages:
        return Pages(
            config=self.config,
            clock=self.clock,
            ids=self.ids,
            store=self.store,
            supervisor=self.supervisor,
            lineage=self.lineage,
            dispatch=self.dispatch,
            snapshots=Snapshots(data_folder(self.config) / "snapshots", self.store, self.blobs),
            started_at=self.clock.now(),
            endpoint=self.endpoint,
            advance=self.advance,
        )

    # ---- life

    async def start(self) -> None:
        """Listen and start all background work. Raises OSError when the port can't be had."""
        loop = asyncio.get_running_loop()
        if isinstance(self.store, SqliteStore):
            self.store.group_on(loop)
        self.supervisor.start(self.lineage)
        _, self.port = await self.server.listen(self.config.listen, self.config.port)
        self._completing = loop.create_task(self._complete())

    async def _complete(self) -> None:
        """Make the services one by one, with room for requests in between."""
        while not self.wiring.is_complete:
            self.wiring.load_next()
            await asyncio.sleep(0)
        # What is due is for all services: none of it is begun before all who take and perform it are there.
        for service in self.dispatch.made().values():
            for each in service.loops:
                self.supervisor.start(each)
        self.supervisor.start(self.outbox)

    async def complete(self) -> None:
        """Return when every service is there. Raises what kept one from being made."""
        assert self._completing is not None, "it has been started"
        await self._completing

    async def stop(self) -> None:
        """Stop listening, let work in hand end within bounds, and close the store."""
        await self.server.close()
        if self._completing is not None and not self._completing.done():
            self._completing.cancel()
        self.event_sources.stop_all()
        await self.supervisor.stop(_STOP_GRACE_SECONDS)
        try:
            await self.wiring.close()
            await self.outgoing.close()
            self.lineage.flush()
        finally:  # what could not be written any more must not keep the rest open
            self.store.close()
            self.blobs.close()
            self.tls.close()
            if self.executor is not None:
                self.executor.shutdown()

    def is_idle(self) -> bool:
        """True when nothing is due now and nothing is in hand."""
        return (
            self.wiring.is_complete
            and self.supervisor.is_idle()
            and self.event_sources.is_idle()
            and not self.outbox.in_flight_count()
        )

    # ---- time

    async def advance(self, milliseconds: int) -> None:
        """Move the manual clock, from one alarm to the next, letting the work of each settle."""
        clock = self.clock
        assert isinstance(clock, ManualClock)
        until = clock.now() + milliseconds
        await self.settle()
        while (due := clock.next_alarm_at()) is not None and due <= until:
            clock.move_to(due)
            await self.settle()
        clock.move_to(until)
        await self.settle()

    async def settle(self) -> None:
        """Return when nothing is due and nothing is in hand."""
        quiet = 0
        while quiet < 3:
            await asyncio.sleep(0 if self.is_idle() else 0.001)
            quiet = quiet + 1 if self.is_idle() else 0

    def _serves(self, name: str) -> bool:
        """True for a name, none of our own, by which somebody may come to what lives here."""
        if self.gateway.serves_host(name):
            return True
        with self.store.read() as tx:
            return self.wiring.addresses.is_ours(tx, name)

    def endpoint(self) -> str:
        """The address at which this machine's programs reach us."""
        # An address, not a name: to an address every SDK sends the bucket in the path, and
        # `bucket.localhost` is a name that few machines know.
        host = _OWN_ADDRESSES.get(self.config.listen, self.config.listen)
        host = f"[{host}]" if ":" in host else host
        return f"{'https' if self.config.tls else 'http'}://{host}:{self.port}"


def calm_collector() -> None:
    """Let the collector run seldom, for a process that is a server and nothing else.

    Requests make few cycles, and what was made at the start lives as long as the process.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECTED_AFTER_OBJECTS, 20, 50)


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def data_folder(config: Config) -> Path:
    """Where state is kept, absolute."""
    return config.data.absolute()
