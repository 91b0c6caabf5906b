"""An API as a document describes it: neutral, and frozen. What is None has not been said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Model:
    name: str
    content_type: str
    description: str | None
    schema: Mapping[str, Any]
    """With references to other models as `{"$ref": "#/models/Name"}`."""


@dataclass(frozen=True, slots=True)
class Authorizer:
    name: str
    type: str
    """TOKEN, REQUEST, COGNITO_USER_POOLS or JWT."""
    auth_type: str | None
    uri: str | None
    credentials: str | None
    identity_source: str | None
    identity_validation_expression: str | None
    result_ttl_seconds: int | None
    provider_arns: Sequence[str]
    payload_format_version: str | None
    has_simple_responses: bool | None
    jwt_issuer: str | None
    jwt_audience: Sequence[str]


@dataclass(frozen=True, slots=True)
class RequestValidator:
    name: str
    validates_body: bool
    validates_parameters: bool


@dataclass(frozen=True, slots=True)
class GatewayResponse:
    type: str
    status_code: str | None
    parameters: Mapping[str, str]
    templates: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class IntegrationResponse:
    selection_pattern: str | None
    """None for the default response."""
    status_code: str | None
    parameters: Mapping[str, str]
    templates: Mapping[str, str]
    content_handling: str | None


@dataclass(frozen=True, slots=True)
class Integration:
    type: str
    """AWS, AWS_PROXY, HTTP, HTTP_PROXY or MOCK."""
    http_method: str | None
    uri: str | None
    subtype: str | None
    credentials: str | None
    connection_type: str | None
    connection_id: str | None
    request_parameters: Mapping[str, str]
    request_templates: Mapping[str, str]
    passthrough_behavior: str | None
    content_handling: str | None
    timeout_milliseconds: int | None
    cache_namespace: str | None
    cache_key_parameters: Sequence[str]
    payload_format_version: str | None
    response_transfer_mode: str | None
    integration_target: str | None
    tls_config: Mapping[str, Any] | None
    responses: Sequence[IntegrationResponse]
    response_parameters: Mapping[str, Mapping[str, str]]
    """What HTTP APIs change in a response, by its status."""


@dataclass(frozen=True, slots=True)
class MethodResponse:
    status_code: str
    parameters: Mapping[str, bool]
    models: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Method:
    path: str
    http_method: str
    """`ANY` for all that are not named."""
    operation_name: str | None
    authorization_type: str
    """NONE, AWS_IAM, CUSTOM, COGNITO_USER_POOLS or JWT."""
    authorizer: str | None
    """Its name."""
    authorization_scopes: Sequence[str]
    authorization_count: int
    """How many kinds of authorization the document asks for; one of them is taken."""
    is_api_key_required: bool
    request_validator: str | None
    """Its name."""
    request_parameters: Mapping[str, bool]
    request_models: Mapping[str, str]
    responses: Sequence[MethodResponse]
    integration: Integration | None


@dataclass(frozen=True, slots=True)
class DocumentationPart:
    location: Mapping[str, str]
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Api:
    specification: str
    """`2.0`, `3.0.1`."""
    name: str
    version: str | None
    description: str | None
    base_path: str
    """Without a slash at its end; empty if there is none."""
    paths: Sequence[str]
    methods: Sequence[Method]
    models: Sequence[Model]
    authorizers: Sequence[Authorizer]
    request_validators: Sequence[RequestValidator]
    gateway_responses: Sequence[GatewayResponse]
    documentation_version: str | None
    documentation_parts: Sequence[DocumentationPart]
    binary_media_types: Sequence[str]
    minimum_compression_bytes: int | None
    api_key_source: str | None
    policy: Mapping[str, Any] | None
    endpoint_types: Sequence[str]
    vpc_endpoint_ids: Sequence[str]
    has_disabled_endpoint: bool | None
    ip_address_type: str | None
    security_policy: str | None
    cors: Mapping[str, Any] | None
    """The configuration of HTTP APIs, in the spelling of their API (`allowOrigins`)."""
    tags: Mapping[str, str]
    warnings: Sequence[str]


def path_in_api(path: str, base_path: str, mode: str) -> str:
    """Where a path of the document stands in the API, by the parameter `basepath` of an import.

    `ignore` (AWS's default) takes it as it is, `prepend` puts the base path before it, and `split` puts before it
    what follows the first part of the base path, which is left to a base path mapping.
    """
    if mode == "ignore" or not base_path:
        return path
    if mode == "split":
        _, slash, rest = base_path[1:].partition("/")
        base_path = slash + rest
    return f"{base_path}{path}" if path != "/" else base_path or "/"


def schema_with_urls(schema: Any, models_url: str) -> Any:
    """The schema of a model with references as API Gateway shows them: to `{models_url}/{name}`."""
    if isinstance(schema, dict):
        target = schema.get("$ref")
        if isinstance(target, str) and target.startswith("#/models/"):
            return schema | {"$ref": f"{models_url}/{target.removeprefix('#/models/')}"}
        return {name: schema_with_urls(value, models_url) for name, value in schema.items()}
    if isinstance(schema, list):
        return [schema_with_urls(value, models_url) for value in schema]
    return schema
