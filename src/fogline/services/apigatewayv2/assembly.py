"""How the service of HTTP and WebSocket APIs is put together."""

from __future__ import annotations

from collections.abc import Callable

from fogline.apis.domains import Domains
from fogline.apis.ground import Ground
from fogline.aws.call import Call
from fogline.ports.service import Service
from fogline.services.apigatewayv2.runtime import Runtime
from fogline.services.apigatewayv2.service import OPERATIONS, ApiGatewayV2
from fogline.services.apigatewayv2.sites import Sites
from fogline.services.apigatewayv2.tables import Tables
from fogline.store.store import Store, Tx
from fogline.world.ids import Ids


def make_apigatewayv2(
    store: Store,
    ids: Ids,
    endpoint: Callable[[], str],
    domains: Domains,
    find_rest_stage: Callable[[Tx, Call, str, str], bool | None],
) -> ApiGatewayV2:
    """HTTP and WebSocket APIs on that store."""
    return ApiGatewayV2(store, Tables(store, domains), ids, endpoint, find_rest_stage)


def make_runtime(gateway: ApiGatewayV2, ground: Ground) -> Runtime:
    """What answers requests to the APIs that are kept there."""
    return Runtime(
        **ground.parts(),
        tables=gateway.tables,
        sites=Sites(gateway.tables),
        limits=gateway.limits,
    )


def make_service(gateway: ApiGatewayV2) -> Service:
    """HTTP and WebSocket APIs as the platform takes them in."""
    return Service(
        name="apigatewayv2",
        package="fogline.services.apigatewayv2",
        stands_on=gateway,
        operations=OPERATIONS,
    )
