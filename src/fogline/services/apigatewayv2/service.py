"""The front page of HTTP and WebSocket APIs: what they stand on, and every operation by its file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from fogline.services.apigatewayv2.limits import Limits
from fogline.services.apigatewayv2.tables import Tables
from fogline.store.store import Store
from fogline.world.ids import Ids


@dataclass(slots=True)
class ApiGatewayV2:
    """What every operation on HTTP and WebSocket APIs is handed."""

    store: Store
    tables: Tables
    ids: Ids
    endpoint: Callable[[], str]
    """The address at which this machine's programs reach us."""
    limits: Limits = field(default_factory=Limits)


OPERATIONS = {
    "apis": (
        "create_api",
        "delete_api",
        "delete_cors_configuration",
        "get_api",
        "get_apis",
        "update_api",
    ),
    "deployments": (
        "create_deployment",
        "delete_deployment",
        "get_deployment",
        "get_deployments",
        "update_deployment",
    ),
    "integrations": (
        "create_integration",
        "delete_integration",
        "get_integration",
        "get_integrations",
        "update_integration",
    ),
    "routes": (
        "create_route",
        "delete_route",
        "delete_route_request_parameter",
        "get_route",
        "get_routes",
        "update_route",
    ),
    "stages": (
        "create_stage",
        "delete_access_log_settings",
        "delete_route_settings",
        "delete_stage",
        "get_stage",
        "get_stages",
        "reset_authorizers_cache",
        "update_stage",
    ),
}
