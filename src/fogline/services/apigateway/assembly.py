"""How API Gateway is put together."""

from __future__ import annotations

from fogline.apis.ground import Ground
from fogline.ports.service import Service
from fogline.services.apigateway.runtime.sites import Sites
from fogline.services.apigateway.runtime.standing import Runtime
from fogline.services.apigateway.service import OPERATIONS, ApiGateway
from fogline.services.apigateway.tables import Tables
from fogline.store.store import Store
from fogline.world.ids import Ids


def make_apigateway(store: Store, ids: Ids) -> ApiGateway:
    """API Gateway on that store."""
    return ApiGateway(store, Tables(store), ids)


def make_runtime(apigateway: ApiGateway, ground: Ground) -> Runtime:
    """What answers requests to the APIs that are kept there."""
    return Runtime(
        **ground.parts(),
        tables=apigateway.tables,
        sites=Sites(apigateway.tables),
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
