"""Puts the platform together: the store, what runs on it, every service, and the way in."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import ssl
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from fogline.background import lineage, outbox
from fogline.background.event_sources import EventSources
from fogline.background.lineage import Lineage
from fogline.background.outbox import Outbox
from fogline.background.supervisor import Supervisor
from fogline.background.topics import Topics
from fogline.config import Config
from fogline.control.endpoint import Control
from fogline.control.pages import Pages
from fogline.control.snapshots import Snapshots
from fogline.gateway.dispatch import Dispatch
from fogline.gateway.gateway import Gateway
from fogline.gateway.guard import Guard
from fogline.gateway.identity import Identities
from fogline.gateway.server import Server
from fogline.ports.http import Endpoint
from fogline.ports.principals import Principals, PrincipalsByPrefix
from fogline.ports.resources import ResourceModules
from fogline.ports.sources import Sources
from fogline.ports.targets import Targets
from fogline.services.cloudformation import tables as cloudformation_tables
from fogline.services.cloudformation.endpoints import Responses
from fogline.services.cloudformation.foundation import make_cloudformation
from fogline.services.cloudformation.service import make_service as make_cloudformation_service
from fogline.services.dynamodb import tables as dynamodb_tables
from fogline.services.dynamodb.service import make_dynamodb, make_streams_service
from fogline.services.dynamodb.service import make_service as make_dynamodb_service
from fogline.services.iam import tables as iam_tables
from fogline.services.iam.principals import KnownRoles
from fogline.services.iam.service import make_iam
from fogline.services.iam.service import make_service as make_iam_service
from fogline.services.lambda_.assembly import assemble as assemble_lambda
from fogline.services.lambda_.limits import Limits as LambdaLimits
from fogline.services.logs import tables as logs_tables
from fogline.services.logs.lines import Lines
from fogline.services.logs.service import Logs, make_logs
from fogline.services.logs.service import make_service as make_logs_service
from fogline.services.s3 import tables as s3_tables
from fogline.services.s3.service import make_s3
from fogline.services.s3.service import make_service as make_s3_service
from fogline.services.sqs import tables as sqs_tables
from fogline.services.sqs.limits import Limits as SqsLimits
from fogline.services.sqs.service import Sqs
from fogline.services.sqs.service import make_service as make_sqs
from fogline.services.sqs.source import QueueReader
from fogline.services.sqs.target import QueueTarget
from fogline.services.ssm.service import make_service as make_ssm_service
from fogline.services.ssm.service import make_ssm
from fogline.services.sts import credentials as sts_credentials
from fogline.services.sts.credentials import IssuedCredentials
from fogline.services.sts.limits import Limits as StsLimits
from fogline.services.sts.service import Sts
from fogline.services.sts.service import make_service as make_sts
from fogline.store import documents, shared_blobs
from fogline.store.blobs import Blobs
from fogline.store.schema import migrate
from fogline.store.shared_blobs import SharedBlobs
from fogline.store.sqlite import SqliteStore
from fogline.store.store import Store
from fogline.workers.limits import WorkerLimits
from fogline.workers.pool import FunctionPool
from fogline.world.clock import Clock, ManualClock, RealClock
from fogline.world.ids import Ids

log = logging.getLogger("fogline.app")

SCHEMAS = (
    documents.SCHEMA,
    shared_blobs.SCHEMA,
    lineage.SCHEMA,
    outbox.SCHEMA,
    cloudformation_tables.SCHEMA,
    dynamodb_tables.SCHEMA,
    logs_tables.SCHEMA,
    sqs_tables.SCHEMA,
    iam_tables.SCHEMA,
    s3_tables.SCHEMA,
    sts_credentials.SCHEMA,
)

RESOURCE_MODULES = {
    "AWS::DynamoDB::": "fogline.services.dynamodb.resources",
    "AWS::IAM::": "fogline.services.iam.resources",
    "AWS::Lambda::": "fogline.services.lambda_.resources",
    "AWS::Logs::": "fogline.services.logs.resources",
    "AWS::S3::": "fogline.services.s3.resources",
    "AWS::SQS::": "fogline.services.sqs.resources",
    "AWS::SSM::": "fogline.services.ssm.resources",
}
"""Who owns the CloudFormation types of each front; imported when a template first names one."""

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
        self.sources = Sources()
        self.dispatch = Dispatch(
            self.store, self.topics, self.clock, self.ids, self.lineage, self.executor
        )
        self.control = Control()
        self.endpoints: list[Endpoint] = [Responses(self.store), self.control]
        self._add_services()
        self.pages = self._make_pages()
        self.pages.serve(self.control)
        self.gateway = Gateway(
            guard=Guard(_words(config.allow_host), _words(config.allow_origin), config.listen),
            identities=Identities(self.principals, account=config.account, region=config.region),
            dispatch=self.dispatch,
            clock=self.clock,
            ids=self.ids,
            endpoints=self.endpoints,
            scheme="https" if config.tls else "http",
            default_host=f"localhost:{config.port}",
        )
        self.server = Server(self.gateway.answer, self.clock)
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

    def _add_services(self) -> None:
        iam = make_iam(self.store, self.ids)
        self.roles = KnownRoles(iam.tables)
        self.credentials = IssuedCredentials(self.store, self.ids, self.clock, self.roles)
        self.principals: Principals = PrincipalsByPrefix(
            {"AKIA": iam.keys, "ASIA": self.credentials}
        )
        self.dispatch.add(make_iam_service(iam))
        self.dispatch.add(make_s3_service(make_s3(self.store, self.blobs, self.ids)))
        self.dispatch.add(make_sts(Sts(self.store, self.credentials, self.roles, StsLimits())))
        sqs = Sqs(self.store, sqs_tables.Tables(self.store), self.ids, SqsLimits())
        self.targets.register("sqs", QueueTarget(sqs))
        self.sources.register_queues("sqs", QueueReader(sqs))
        self.dispatch.add(make_sqs(sqs))
        dynamodb = make_dynamodb(self.store, self.ids)
        self.dispatch.add(make_dynamodb_service(dynamodb))
        self.dispatch.add(make_streams_service(dynamodb))
        logs = make_logs(self.store, self.topics, self.clock, self.ids)
        self.dispatch.add(make_logs_service(logs))
        self.dispatch.add(make_ssm_service(make_ssm(self.store)))
        self._add_lambda(logs)

    def _add_lambda(self, logs: Logs) -> None:
        config = self.config
        self.functions = FunctionPool(
            self.clock, self.ids, WorkerLimits(environments_max=config.functions_max)
        )
        self.lambda_ = assemble_lambda(
            store=self.store,
            clock=self.clock,
            ids=self.ids,
            topics=self.topics,
            run=self.supervisor.run,
            api=self.dispatch,
            functions=self.functions,
            logs=Lines(logs.tables, self.clock, logs.limits),
            lineage=self.lineage,
            outbox=self.outbox,
            event_sources=self.event_sources,
            targets=self.targets,
            sources=self.sources,
            credentials=self.credentials,
            blobs=self.blobs,
            code_folder=None if config.ephemeral else config.data.absolute() / "code",
            endpoint=self.endpoint,
            # Where time stands still, nobody could wait for a change to end.
            limits=LambdaLimits(transition_ms=0) if config.clock == "manual" else LambdaLimits(),
        )
        self.targets.register("lambda", self.lambda_.target)
        self.endpoints[:0] = self.lambda_.endpoints
        self.dispatch.add(self.lambda_.service)

        cloudformation = make_cloudformation(
            self.store,
            self.clock,
            self.ids,
            self.dispatch,
            ResourceModules(RESOURCE_MODULES),
            self.targets,
        )
        self.dispatch.add(make_cloudformation_service(cloudformation))

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
        for service in self.dispatch.services().values():
            for each in service.loops:
                self.supervisor.start(each)
        self.supervisor.start(self.lineage)
        self.supervisor.start(self.outbox)
        _, self.port = await self.server.listen(
            self.config.listen, self.config.port, self._tls_context()
        )

    def _tls_context(self) -> ssl.SSLContext | None:
        if not self.config.tls:
            return None
        from fogline.gateway.tls import server_context

        folder = data_folder(self.config) / "tls"
        # A certificate is for clients, whose time is the machine's.
        return server_context(folder, self.config.listen, RealClock().now())

    async def stop(self) -> None:
        """Stop listening, let work in hand end within bounds, and close the store."""
        await self.server.close()
        self.event_sources.stop_all()
        await self.supervisor.stop(_STOP_GRACE_SECONDS)
        await self.functions.close()
        self.lambda_.packages.close()
        self.lineage.flush()
        self.store.close()
        self.blobs.close()
        if self.executor is not None:
            self.executor.shutdown()

    def is_idle(self) -> bool:
        """True when nothing is due now and nothing is in hand."""
        return (
            self.supervisor.is_idle()
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

    def endpoint(self) -> str:
        """The address at which this machine's programs reach us."""
        return f"{'https' if self.config.tls else 'http'}://localhost:{self.port}"


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
