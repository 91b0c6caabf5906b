"""How each service is put together: one step each, run when a request first needs it, or just after the start.

To import all services takes several times as long as all else that starting does. So the server listens first, and the
steps follow one by one between requests; a request for a service that is not there yet runs the steps up to it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fogline.aws.access_keys import is_well_formed
from fogline.aws.call import Principal
from fogline.background.event_sources import EventSources
from fogline.background.feed import Feed
from fogline.background.inbox import Inbox
from fogline.background.lineage import Lineage
from fogline.background.outbox import Outbox
from fogline.background.outgoing import Outgoing
from fogline.background.supervisor import Supervisor
from fogline.background.topics import Topics
from fogline.config import Config
from fogline.gateway.dispatch import Dispatch
from fogline.ports.event_schemas import EventSchemas
from fogline.ports.http import Endpoint
from fogline.ports.principals import Key
from fogline.ports.seals import Seals
from fogline.ports.service import Service
from fogline.ports.sources import Sources
from fogline.ports.targets import Targets
from fogline.store.blobs import Blobs
from fogline.store.store import Store
from fogline.world.clock import Clock
from fogline.world.ids import Ids

if TYPE_CHECKING:
    from fogline.apis.front import Publisher
    from fogline.apis.ground import Ground
    from fogline.apis.local_addresses import KnownAddresses
    from fogline.ports.api_destinations import ApiDestinations
    from fogline.ports.apis import InvokedApis
    from fogline.services.apigateway.service import ApiGateway
    from fogline.services.cloudwatch.collector import Collector
    from fogline.services.iam.principals import KnownRoles, UserKeys
    from fogline.services.lambda_.assembly import Assembled
    from fogline.services.logs.lines import Lines
    from fogline.services.logs.service import Logs
    from fogline.services.sts.credentials import IssuedCredentials
    from fogline.workers.pool import FunctionPool

RESOURCE_MODULES = {
    "AWS::ApiGateway::": "fogline.services.apigateway.resources",
    "AWS::ApiGatewayV2::": "fogline.services.apigatewayv2.resources",
    "AWS::DynamoDB::": "fogline.services.dynamodb.resources",
    "AWS::Events::": "fogline.services.events.resources",
    "AWS::EventSchemas::": "fogline.services.schemas.resources",
    "AWS::IAM::": "fogline.services.iam.resources",
    "AWS::Lambda::": "fogline.services.lambda_.resources",
    "AWS::Logs::": "fogline.services.logs.resources",
    "AWS::Pipes::": "fogline.services.pipes.resources",
    "AWS::Route53::": "fogline.services.apigateway.resources_records",
    "AWS::S3::": "fogline.services.s3.resources",
    "AWS::Scheduler::": "fogline.services.scheduler.resources",
    "AWS::SNS::": "fogline.services.sns.resources",
    "AWS::SQS::": "fogline.services.sqs.resources",
    "AWS::SSM::": "fogline.services.ssm.resources",
    "AWS::StepFunctions::": "fogline.services.stepfunctions.resources",
}
"""Who owns the CloudFormation types of each front; imported when a template first names one."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What services are made of."""

    config: Config
    clock: Clock
    ids: Ids
    topics: Topics
    store: Store
    blobs: Blobs
    lineage: Lineage
    supervisor: Supervisor
    outbox: Outbox
    event_sources: EventSources
    targets: Targets
    sources: Sources
    seals: Seals
    outgoing: Outgoing
    inbox: Inbox
    feed: Feed
    dispatch: Dispatch
    endpoint: Callable[[], str]
    """The address at which this machine's programs reach us."""
    trust: Callable[[], tuple[Path, Path]]
    """The files of what clients trust: our authority's certificate, and all."""


class Wiring:
    """Makes the services, in the order of its steps. Also answers `ports/principals.py`.

    `endpoints` grows with them.
    """

    metrics: Collector
    credentials: IssuedCredentials
    roles: KnownRoles
    functions: FunctionPool
    lambda_: Assembled
    event_schemas: EventSchemas
    api_destinations: ApiDestinations
    invoked_apis: InvokedApis
    addresses: KnownAddresses
    apigateway: ApiGateway
    _keys: UserKeys
    _logs: Logs
    _lines: Lines
    _ground: Ground

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.endpoints: list[Endpoint] = []
        self.publishers: list[Publisher[Any]] = []
        # A step may use what those before it made.
        self._steps: list[tuple[tuple[str, ...], Callable[[], None]]] = [
            # Before all that report numbers.
            (("cloudwatch",), self._add_cloudwatch),
            (("sqs",), self._add_sqs),
            (("iam", "sts"), self._add_identity),
            (("dynamodb", "dynamodbstreams"), self._add_dynamodb),
            (("logs",), self._add_logs),
            (("ssm",), self._add_ssm),
            (("lambda",), self._add_lambda),
            (("sns",), self._add_sns),
            (("schemas",), self._add_schemas),
            (("events",), self._add_events),
            (("apigateway",), self._add_apigateway),
            (("apigatewayv2", "apigatewaymanagementapi"), self._add_apigatewayv2),
            (("stepfunctions",), self._add_stepfunctions),
            # After all that a bucket may notify.
            (("s3",), self._add_s3),
            # After all that a schedule may send to: what is due when we start is sent at once.
            (("scheduler",), self._add_scheduler),
            (("pipes",), self._add_pipes),
            (("cloudformation",), self._add_cloudformation),
        ]
        names = [name for step, _ in self._steps for name in step]
        parts.dispatch.expect(names, self.load)

    @property
    def is_complete(self) -> bool:
        return not self._steps

    def load(self, service: str) -> None:
        """Make that service, and those before it."""
        while any(service in names for names, _ in self._steps):
            self.load_next()

    def load_next(self) -> None:
        """Make the next service."""
        _, step = self._steps[0]
        step()
        # Only now: a step that fails is tried again, and fails again, instead of being passed over.
        del self._steps[0]

    def load_all(self) -> None:
        """Make what is not made yet."""
        while self._steps:
            self.load_next()

    def find(self, access_key: str) -> Principal | None:
        """The principal that a key of ours was issued to."""
        return self._issuer(access_key).find(access_key) if is_well_formed(access_key) else None

    def find_key(self, access_key: str) -> Key | None:
        """A key of ours."""
        return self._issuer(access_key).find_key(access_key) if is_well_formed(access_key) else None

    def _issuer(self, access_key: str) -> UserKeys | IssuedCredentials:
        self.load("sts")
        return self._keys if access_key.startswith("AKIA") else self.credentials

    def find_endpoint(self, host: str, path: str) -> Endpoint | None:
        """Who answers HTTP at that host (lower-case, without its port) and percent-encoded path, beside the AWS API."""
        self.load_all()
        return next((each for each in self.endpoints if each.matches(host, path)), None)

    def _add(self, service: Service) -> None:
        self._parts.dispatch.add(service)

    # ---- the steps

    def _add_cloudwatch(self) -> None:
        from fogline.services.cloudwatch.service import make_cloudwatch, make_service

        parts = self._parts
        cloudwatch = make_cloudwatch(parts.store, parts.clock, parts.ids, parts.topics)
        self.metrics = cloudwatch.collector
        self._add(make_service(cloudwatch))

    def _add_sqs(self) -> None:
        from fogline.apis.local_addresses import KnownAddresses
        from fogline.services.sqs.assembly import make_service
        from fogline.services.sqs.limits import Limits
        from fogline.services.sqs.service import Sqs
        from fogline.services.sqs.source import QueueReader
        from fogline.services.sqs.tables import Tables
        from fogline.services.sqs.target import QueueTarget

        parts = self._parts
        sqs = Sqs(parts.store, Tables(parts.store), parts.ids, Limits(), parts.seals)
        self.addresses = KnownAddresses(parts.store, parts.endpoint)
        self.addresses.has_queue = lambda tx, *queue: sqs.tables.find_queue(tx, *queue) is not None
        parts.outgoing.find_home = self.addresses.find_home
        parts.targets.register("sqs", QueueTarget(sqs))
        parts.sources.register_queues("sqs", QueueReader(sqs))
        self._add(make_service(sqs))

    def _add_identity(self) -> None:
        from fogline.services.iam.principals import KnownRoles
        from fogline.services.iam.service import make_iam
        from fogline.services.iam.service import make_service as make_iam_service
        from fogline.services.sts.credentials import IssuedCredentials
        from fogline.services.sts.limits import Limits
        from fogline.services.sts.service import Sts
        from fogline.services.sts.service import make_service as make_sts_service

        parts = self._parts
        iam = make_iam(parts.store, parts.ids)
        self._keys = iam.keys
        self.roles = KnownRoles(iam.tables)
        self.credentials = IssuedCredentials(parts.store, parts.ids, parts.clock, self.roles)
        self._add(make_iam_service(iam))
        self._add(make_sts_service(Sts(parts.store, self.credentials, self.roles, Limits())))

    def _add_dynamodb(self) -> None:
        from fogline.services.dynamodb.assembly import (
            make_dynamodb,
            make_service,
            make_streams_service,
        )
        from fogline.services.dynamodb.stream_source import StreamReader

        dynamodb = make_dynamodb(self._parts.store, self._parts.ids)
        self._parts.sources.register_streams("dynamodb", StreamReader(dynamodb))
        self._add(make_service(dynamodb))
        self._add(make_streams_service(dynamodb))

    def _add_logs(self) -> None:
        from fogline.services.logs.lines import Lines
        from fogline.services.logs.service import make_logs, make_service
        from fogline.services.logs.target import LogGroupTarget

        parts = self._parts
        self._logs = make_logs(parts.store, parts.topics, parts.clock, parts.ids)
        self._lines = Lines(self._logs.tables, parts.clock, self._logs.limits)
        target = LogGroupTarget(self._logs.tables, self._lines, parts.ids.uuid)
        parts.targets.register("logs", target)
        self._add(make_service(self._logs))

    def _add_s3(self) -> None:
        from fogline.services.s3.service import make_s3, make_service

        parts = self._parts
        s3 = make_s3(parts.store, parts.blobs, parts.ids, parts.targets)
        self.addresses.has_bucket = lambda tx, name: s3.tables.find_bucket(tx, name) is not None
        self._add(make_service(s3))

    def _add_ssm(self) -> None:
        from fogline.services.ssm.service import make_service, make_ssm

        self._add(make_service(make_ssm(self._parts.store)))

    def _add_lambda(self) -> None:
        from fogline.services.lambda_.assembly import assemble
        from fogline.services.lambda_.limits import Limits
        from fogline.workers.limits import WorkerLimits
        from fogline.workers.pool import FunctionPool

        parts, config = self._parts, self._parts.config
        self.functions = FunctionPool(
            parts.clock,
            parts.ids,
            WorkerLimits(environments_max=config.functions_max),
            node_modules=Path(config.node_modules) if config.node_modules else None,
            trust=parts.trust,
        )
        self.lambda_ = assemble(
            store=parts.store,
            clock=parts.clock,
            ids=parts.ids,
            topics=parts.topics,
            run=parts.supervisor.run,
            api=parts.dispatch,
            functions=self.functions,
            logs=self._lines,
            metrics=self.metrics,
            lineage=parts.lineage,
            outbox=parts.outbox,
            event_sources=parts.event_sources,
            targets=parts.targets,
            sources=parts.sources,
            credentials=self.credentials,
            principals=self,
            blobs=parts.blobs,
            code_folder=None if config.ephemeral else config.data.absolute() / "code",
            endpoint=parts.endpoint,
            addresses=self.addresses,
            # Where time stands still, nobody could wait for a change to end.
            limits=Limits(transition_ms=0) if config.clock == "manual" else Limits(),
        )
        parts.targets.register("lambda", self.lambda_.target)
        self.endpoints += self.lambda_.endpoints
        self._add(self.lambda_.service)

    def _add_sns(self) -> None:
        from fogline.services.sns.assembly import make_service, make_sns
        from fogline.services.sns.endpoints import Certificates
        from fogline.services.sns.target import TopicTarget

        parts = self._parts
        sns = make_sns(
            store=parts.store,
            ids=parts.ids,
            clock=parts.clock,
            targets=parts.targets,
            outbox=parts.outbox,
            outgoing=parts.outgoing,
            seals=parts.seals,
            endpoint=parts.endpoint,
            inbox=parts.inbox,
            logs=self._lines,
        )
        self.endpoints.append(Certificates(sns.signer))
        parts.targets.register("sns", TopicTarget(sns))
        self._add(make_service(sns))

    def _add_schemas(self) -> None:
        from fogline.services.schemas.fitting import Fitting
        from fogline.services.schemas.service import make_schemas, make_service
        from fogline.services.schemas.target import DiscovererTarget

        parts = self._parts
        schemas = make_schemas(parts.store, parts.ids, parts.dispatch, parts.targets)
        parts.targets.register("schemas", DiscovererTarget(schemas))
        self.event_schemas = Fitting(schemas)
        self._add(make_service(schemas))

    def _add_events(self) -> None:
        from fogline.apis.invoking import Invoking
        from fogline.services.events import api_calls, gateway_calls, tokens
        from fogline.services.events.assembly import make_events, make_service
        from fogline.services.events.calling import Calls
        from fogline.services.events.target import EventsTarget

        parts = self._parts
        events = make_events(
            parts.store,
            parts.ids,
            parts.clock,
            parts.targets,
            parts.outbox,
            parts.outgoing,
            parts.feed,
            parts.lineage,
            parts.dispatch,
        )
        events.schemas = self.event_schemas
        target = EventsTarget(events)
        parts.targets.register("events", target)
        self._is_heard = target.is_heard
        known = tokens.Tokens(events)
        calls = Calls(events, known)
        self.api_destinations = calls
        parts.outbox.register(api_calls.KIND, api_calls.Caller(events, calls))
        parts.outbox.register(tokens.KIND, tokens.Authorizer(events, known))
        self.invoked_apis = Invoking(self.find_endpoint, parts.endpoint, parts.supervisor.run)
        parts.targets.register("execute-api", gateway_calls.ApiTarget(events))
        api_caller = gateway_calls.ApiCaller(events, self.invoked_apis)
        parts.outbox.register(gateway_calls.KIND, api_caller)
        self._add(make_service(events))

    def _make_ground(self) -> Ground:
        """What APIs of every kind stand on; they share it."""
        from fogline.apis.ground import Ground
        from fogline.apis.token_keys import TokenKeys
        from fogline.gateway.aws_requests import InnerRequests

        parts = self._parts
        return Ground(
            store=parts.store,
            clock=parts.clock,
            ids=parts.ids,
            api=parts.dispatch,
            aws=InnerRequests(parts.dispatch, parts.clock, parts.ids),
            outgoing=parts.outgoing,
            logs=self._lines,
            metrics=self.metrics,
            lineage=parts.lineage,
            principals=self,
            endpoint=parts.endpoint,
            token_keys=TokenKeys(parts.outgoing, parts.config.cognito_jwks),
        )

    def _add_apigateway(self) -> None:
        from fogline.apis.front import Apis
        from fogline.services.apigateway.assembly import make_apigateway, make_runtime, make_service
        from fogline.services.apigateway.publisher import RestApis

        parts = self._parts
        apigateway = self.apigateway = make_apigateway(parts.store, parts.ids)
        self._ground = self._make_ground()
        apigateway.runtime = make_runtime(apigateway, self._ground)
        self.publishers.append(RestApis(apigateway.runtime))
        domains = apigateway.tables.domains
        self.endpoints.append(Apis(parts.store, parts.ids, domains, self.publishers))
        self.addresses.domains = domains
        self._add(make_service(apigateway))

    def _add_apigatewayv2(self) -> None:
        from fogline.services.apigateway.deploying import has_stage as has_rest_stage
        from fogline.services.apigateway.runtime.usage import MeteredPlans
        from fogline.services.apigatewaymanagementapi.service import (
            make_service as make_management_service,
        )
        from fogline.services.apigatewayv2.assembly import (
            make_apigatewayv2,
            make_runtime,
            make_service,
        )
        from fogline.services.apigatewayv2.deploying import has_stage
        from fogline.services.apigatewayv2.publisher import V2Apis
        from fogline.services.apigatewayv2.websocket.assembly import make_sockets
        from fogline.services.apigatewayv2.websocket.standing import SocketLimits

        parts = self._parts
        find_rest_stage = partial(has_rest_stage, self.apigateway)
        gateway = make_apigatewayv2(
            parts.store,
            parts.ids,
            parts.endpoint,
            self.apigateway.tables.domains,
            find_rest_stage,
        )
        runtime = make_runtime(gateway, self._ground)
        rest = self.apigateway
        assert rest.runtime is not None
        rest.has_socket_stage = partial(has_stage, gateway)
        plans = MeteredPlans(rest.runtime)
        sockets = make_sockets(
            runtime,
            parts.outbox,
            parts.supervisor.run,
            parts.topics,
            plans,
            SocketLimits(connects_per_second_max=parts.config.websocket_connects_per_second_max),
        )
        self.publishers.append(V2Apis(runtime, sockets.road))
        self._add(make_service(gateway))
        self._add(make_management_service(sockets.holdings, sockets.nodes))

    def _add_stepfunctions(self) -> None:
        from fogline.services.stepfunctions.assembly import make_service, make_stepfunctions
        from fogline.services.stepfunctions.execution_logs import ExecutionLogs
        from fogline.services.stepfunctions.mock_file import MockFile
        from fogline.services.stepfunctions.notices import Notices
        from fogline.services.stepfunctions.target import StateMachineTarget
        from fogline.services.stepfunctions.tasks.integrations import Integrations

        parts = self._parts
        groups = self._logs.tables.groups
        performing = Integrations(
            parts.dispatch,
            parts.ids,
            parts.clock,
            lambda: self.api_destinations,
            parts.endpoint,
            self.find_endpoint,
            parts.outgoing,
        )
        stepfunctions = make_stepfunctions(
            store=parts.store,
            clock=parts.clock,
            ids=parts.ids,
            api=parts.dispatch,
            lineage=parts.lineage,
            run=parts.supervisor.run,
            performing=performing,
            logs=ExecutionLogs(self._lines, lambda tx, *group: groups.find(tx, *group) is not None),
            notices=Notices(parts.targets, self._is_heard),
            metrics=self.metrics,
            mocks=MockFile(parts.config.sfn_mock_config),
        )
        parts.targets.register("states", StateMachineTarget(stepfunctions))
        self._add(make_service(stepfunctions))

    def _add_pipes(self) -> None:
        from fogline.background.stream_consumer import StreamParts
        from fogline.services.pipes.limits import Limits
        from fogline.services.pipes.loops import PipeLoop
        from fogline.services.pipes.service import Pipes, make_service
        from fogline.services.pipes.tables import Tables

        parts = self._parts
        pipes = Pipes(
            store=parts.store,
            tables=Tables(parts.store),
            clock=parts.clock,
            ids=parts.ids,
            # Where time stands still, nobody could wait for a change to end.
            limits=Limits(transition_ms=0) if parts.config.clock == "manual" else Limits(),
            api=parts.dispatch,
            sources=parts.sources,
            targets=parts.targets,
            api_destinations=lambda: self.api_destinations,
            apis=self.invoked_apis,
            logs=self._lines,
            lineage=parts.lineage,
            streams=StreamParts(parts.store, parts.clock, parts.ids.hex(16)),
            endpoint=parts.endpoint,
        )
        self._add(make_service(pipes, (PipeLoop(pipes, parts.event_sources),)))

    def _add_scheduler(self) -> None:
        from fogline.services.scheduler.assembly import make_scheduler, make_service

        parts = self._parts
        scheduler = make_scheduler(
            store=parts.store,
            clock=parts.clock,
            ids=parts.ids,
            lineage=parts.lineage,
            outbox=parts.outbox,
            targets=parts.targets,
            api=parts.dispatch,
            endpoint=parts.endpoint,
        )
        self._add(make_service(scheduler))

    def _add_cloudformation(self) -> None:
        from fogline.ports.resources import ResourceModules
        from fogline.services.cloudformation.endpoints import Responses
        from fogline.services.cloudformation.foundation import make_cloudformation
        from fogline.services.cloudformation.service import make_service

        parts = self._parts
        cloudformation = make_cloudformation(
            parts.store,
            parts.clock,
            parts.ids,
            parts.dispatch,
            ResourceModules(RESOURCE_MODULES),
            parts.targets,
            self.addresses,
            parts.endpoint,
        )
        self.endpoints.append(Responses(parts.store))
        self._add(make_service(cloudformation))

    # ---- the end

    async def close(self) -> None:
        """Let go of what the services hold."""
        if hasattr(self, "functions"):
            await self.functions.close()
            self.lambda_.packages.close()
        if hasattr(self, "metrics"):
            self.metrics.flush()
