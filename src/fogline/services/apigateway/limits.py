"""Every number AWS publishes about REST APIs.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    apis_max: int = 600
    """REST APIs of a region."""
    resources_max: int = 300
    """Resources of one API."""
    methods_max: int = 7
    """Methods of one resource: one of each kind, or ANY among them."""
    models_max: int = 400
    """Models of one API; names are told apart, so is what nobody uses."""
    authorizers_max: int = 10
    stages_max: int = 10
    deployments_max: int = 1_000
    """Snapshots of one API that are kept. AWS names no number; this one bounds what the store holds."""
    documentation_parts_max: int = 2_000
    documentation_versions_max: int = 200
    api_keys_max: int = 10_000
    usage_plans_max: int = 300
    plan_keys_max: int = 10_000
    client_certificates_max: int = 60
    vpc_links_max: int = 20
    domain_names_max: int = 120
    base_path_mappings_max: int = 200
    validators_max: int = 100
    tags_max: int = 50
    patches_max: int = 500
    """Operations of one patch."""
    page_items: int = 25
    page_items_max: int = 500
    integration_timeout_ms_min: int = 50
    integration_timeout_ms_max: int = 29_000
    streaming_timeout_ms_max: int = 900_000
    api_key_name_characters_max: int = 1_024
    api_key_description_characters_max: int = 125_000
    api_key_value_characters_min: int = 20
    api_key_value_characters_max: int = 128
    compression_bytes_max: int = 10_485_760
    authorizer_ttl_seconds_max: int = 3_600
    cache_ttl_seconds_max: int = 3_600
    burst: int = 5_000
    """Requests that an account may make at once."""
    rate_per_second: float = 10_000.0
