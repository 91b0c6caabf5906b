"""How API Gateway is put together."""

from __future__ import annotations

from collections.abc import Callable

from fogline.background.lineage import Lineage
from fogline.background.outgoing import Outgoing
from fogline.ports.api import Api
from fogline.ports.aws_requests import AwsRequests
from fogline.ports.logs import LogLines
from fogline.ports.principals import Principals
from fogline.ports.service import Service
from fogline.services.apigateway.runtime.sites import Sites
from fogline.services.apigateway.runtime.standing import Runtime
from fogline.services.apigateway.runtime.user_pools import PoolKeys
from fogline.services.apigateway.service import OPERATIONS, ApiGateway
from fogline.services.apigateway.tables import Tables
from fogline.store.store import Store
from fogline.world.clock import Clock
from fogline.world.ids import Ids


def make_apigateway(store: Store, ids: Ids) -> ApiGateway:
    """API Gateway on that store."""
    return ApiGateway(store, Tables(store), ids)


def make_runtime(
    apigateway: ApiGateway,
    *,
    clock: Clock,
    api: Api,
    aws: AwsRequests,
    outgoing: Outgoing,
    logs: LogLines,
    lineage: Lineage,
    principals: Principals,
    endpoint: Callable[[], str],
    cognito_jwks: str,
) -> Runtime:
    """What answers requests to the APIs that are kept there."""
    return Runtime(
        store=apigateway.store,
        tables=apigateway.tables,
        clock=clock,
        ids=apigateway.ids,
        api=api,
        aws=aws,
        outgoing=outgoing,
        logs=logs,
        lineage=lineage,
        principals=principals,
        endpoint=endpoint,
        sites=Sites(apigateway.tables),
        pool_keys=PoolKeys(outgoing, cognito_jwks),
        limits=apigateway.limits,
    )


def make_service(apigateway: ApiGateway) -> Service:
    """API Gateway as the platform takes it in."""
    return Service(
        name="apigateway",
        package="fogline.services.apigateway",
        stands_on=apigateway,
        operations=OPERATIONS,
    )
