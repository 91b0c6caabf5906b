"""API Gateway's front page: what it stands on, and every operation by its file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fogline.aws.call import Call
from fogline.services.apigateway.limits import Limits
from fogline.services.apigateway.tables import Tables
from fogline.store.store import Store, Tx
from fogline.world.ids import Ids

if TYPE_CHECKING:
    from fogline.services.apigateway.runtime.standing import Runtime


@dataclass(slots=True)
class ApiGateway:
    """What every operation of API Gateway is handed."""

    store: Store
    tables: Tables
    ids: Ids
    limits: Limits = field(default_factory=Limits)
    runtime: Runtime | None = None
    """What answers requests to APIs; it is made after this."""
    has_socket_stage: Callable[[Tx, Call, str, str], bool] = lambda tx, call, api, stage: False
    """Whether a WebSocket API has a stage of that name: it may be in usage plans, too."""


OPERATIONS = {
    "account": ("get_account", "update_account"),
    "api_keys": (
        "create_api_key",
        "delete_api_key",
        "get_api_key",
        "get_api_keys",
        "import_api_keys",
        "update_api_key",
    ),
    "authorizers": (
        "create_authorizer",
        "delete_authorizer",
        "get_authorizer",
        "get_authorizers",
        "update_authorizer",
    ),
    "base_path_mappings": (
        "create_base_path_mapping",
        "delete_base_path_mapping",
        "get_base_path_mapping",
        "get_base_path_mappings",
        "update_base_path_mapping",
    ),
    "client_certificates": (
        "delete_client_certificate",
        "generate_client_certificate",
        "get_client_certificate",
        "get_client_certificates",
        "update_client_certificate",
    ),
    "deployments": (
        "create_deployment",
        "delete_deployment",
        "get_deployment",
        "get_deployments",
        "update_deployment",
    ),
    "documentation_parts": (
        "create_documentation_part",
        "delete_documentation_part",
        "get_documentation_part",
        "get_documentation_parts",
        "import_documentation_parts",
        "update_documentation_part",
    ),
    "documentation_versions": (
        "create_documentation_version",
        "delete_documentation_version",
        "get_documentation_version",
        "get_documentation_versions",
        "update_documentation_version",
    ),
    "domain_names": (
        "create_domain_name",
        "delete_domain_name",
        "get_domain_name",
        "get_domain_names",
        "update_domain_name",
    ),
    "exports": ("get_export", "get_sdk_type", "get_sdk_types"),
    "gateway_responses": (
        "delete_gateway_response",
        "get_gateway_response",
        "get_gateway_responses",
        "put_gateway_response",
        "update_gateway_response",
    ),
    "integration_responses": (
        "delete_integration_response",
        "get_integration_response",
        "put_integration_response",
        "update_integration_response",
    ),
    "integrations": (
        "delete_integration",
        "get_integration",
        "put_integration",
        "update_integration",
    ),
    "method_responses": (
        "delete_method_response",
        "get_method_response",
        "put_method_response",
        "update_method_response",
    ),
    "methods": ("delete_method", "get_method", "put_method", "update_method"),
    "models": (
        "create_model",
        "delete_model",
        "get_model",
        "get_model_template",
        "get_models",
        "update_model",
    ),
    "request_validators": (
        "create_request_validator",
        "delete_request_validator",
        "get_request_validator",
        "get_request_validators",
        "update_request_validator",
    ),
    "resources": (
        "create_resource",
        "delete_resource",
        "get_resource",
        "get_resources",
        "update_resource",
    ),
    "rest_apis": (
        "create_rest_api",
        "delete_rest_api",
        "get_rest_api",
        "get_rest_apis",
        "import_rest_api",
        "put_rest_api",
        "update_rest_api",
    ),
    "stages": (
        "create_stage",
        "delete_stage",
        "flush_stage_authorizers_cache",
        "flush_stage_cache",
        "get_stage",
        "get_stages",
        "update_stage",
    ),
    "tags": ("get_tags", "tag_resource", "untag_resource"),
    "test_invocations": ("test_invoke_authorizer", "test_invoke_method"),
    "usage_plans": (
        "create_usage_plan",
        "delete_usage_plan",
        "get_usage_plan",
        "get_usage_plans",
        "update_usage_plan",
    ),
    "usage_plan_keys": (
        "create_usage_plan_key",
        "delete_usage_plan_key",
        "get_usage",
        "get_usage_plan_key",
        "get_usage_plan_keys",
        "update_usage",
    ),
    "vpc_links": (
        "create_vpc_link",
        "delete_vpc_link",
        "get_vpc_link",
        "get_vpc_links",
        "update_vpc_link",
    ),
}
