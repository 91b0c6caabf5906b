"""Every number AWS publishes about HTTP and WebSocket APIs.

Sources: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    apis_max: int = 600
    """APIs of a region."""
    routes_max: int = 300
    """Routes of one API."""
    integrations_max: int = 300
    authorizers_max: int = 10
    stages_max: int = 10
    models_max: int = 400
    responses_max: int = 100
    """Responses of one route or integration. AWS names no number."""
    deployments_max: int = 1_000
    """Deployments of one API that are kept. AWS names no number; this one bounds what the store holds."""
    domain_names_max: int = 120
    mappings_max: int = 200
    """API mappings of one domain name."""
    rules_max: int = 50
    """Routing rules of one domain name."""
    mapping_levels_max: int = 10
    """AWS names no number, only that keys may have several levels."""
    mapping_key_characters_max: int = 300
    vpc_links_max: int = 10
    subnets_max: int = 10
    """Subnets of one VPC link."""
    tags_max: int = 50
    page_items: int = 25
    page_items_max: int = 500
    timeout_ms_min: int = 50
    http_timeout_ms_max: int = 30_000
    websocket_timeout_ms_max: int = 29_000
    stage_variables_max: int = 100
    log_format_characters_max: int = 3 * 1024
    scopes_max: int = 10
    """Scopes of one route."""
    audiences_max: int = 50
    """Audiences of one authorizer."""
    authorizer_ttl_seconds_max: int = 3_600
    template_characters_max: int = 300 * 1024
    schema_characters_max: int = 32_768
    head_bytes_max: int = 10_240
    """The line of a request to an HTTP API and the values of its headers."""
    burst: int = 5_000
    """Requests that an account may make at once."""
    rate_per_second: float = 10_000.0
