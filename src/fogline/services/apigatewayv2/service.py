"""The front page of HTTP and WebSocket APIs: what they stand on, and every operation by its file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from fogline.aws.call import Call
from fogline.services.apigatewayv2.limits import Limits
from fogline.services.apigatewayv2.tables import Tables
from fogline.store.store import Store, Tx
from fogline.world.ids import Ids


@dataclass(slots=True)
class ApiGatewayV2:
    """What every operation on HTTP and WebSocket APIs is handed."""

    store: Store
    tables: Tables
    ids: Ids
    endpoint: Callable[[], str]
    """The address at which this machine's programs reach us."""
    find_rest_stage: Callable[[Tx, Call, str, str], bool | None]
    """Whether a REST API has a stage, by their names; None if there is no such API."""
    limits: Limits = field(default_factory=Limits)


OPERATIONS = {
    "api_mappings": (
        "create_api_mapping",
        "delete_api_mapping",
        "get_api_mapping",
        "get_api_mappings",
        "update_api_mapping",
    ),
    "apis": (
        "create_api",
        "delete_api",
        "delete_cors_configuration",
        "get_api",
        "get_apis",
        "update_api",
    ),
    "authorizers": (
        "create_authorizer",
        "delete_authorizer",
        "get_authorizer",
        "get_authorizers",
        "update_authorizer",
    ),
    "deployments": (
        "create_deployment",
        "delete_deployment",
        "get_deployment",
        "get_deployments",
        "update_deployment",
    ),
    "domain_names": (
        "create_domain_name",
        "delete_domain_name",
        "get_domain_name",
        "get_domain_names",
        "update_domain_name",
    ),
    "imports": ("export_api", "import_api", "reimport_api"),
    "integration_responses": (
        "create_integration_response",
        "delete_integration_response",
        "get_integration_response",
        "get_integration_responses",
        "update_integration_response",
    ),
    "integrations": (
        "create_integration",
        "delete_integration",
        "get_integration",
        "get_integrations",
        "update_integration",
    ),
    "models": (
        "create_model",
        "delete_model",
        "get_model",
        "get_model_template",
        "get_models",
        "update_model",
    ),
    "route_responses": (
        "create_route_response",
        "delete_route_response",
        "get_route_response",
        "get_route_responses",
        "update_route_response",
    ),
    "routes": (
        "create_route",
        "delete_route",
        "delete_route_request_parameter",
        "get_route",
        "get_routes",
        "update_route",
    ),
    "routing_rules": (
        "create_routing_rule",
        "delete_routing_rule",
        "get_routing_rule",
        "list_routing_rules",
        "put_routing_rule",
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
    "tags": ("get_tags", "tag_resource", "untag_resource"),
    "vpc_links": (
        "create_vpc_link",
        "delete_vpc_link",
        "get_vpc_link",
        "get_vpc_links",
        "update_vpc_link",
    ),
}
