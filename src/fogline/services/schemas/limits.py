"""Every number AWS publishes about EventBridge Schemas.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html and the service's model.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    content_characters_max: int = 100_000
    versions_max: int = 100
    """Versions of one schema. Discovery forgets the oldest instead of ending."""
    page_results_max: int = 100
    registry_name_characters_max: int = 64
    schema_name_characters_max: int = 385
    tags_max: int = 50
    policy_characters_max: int = 20_480
    searched_characters_max: int = 10_000_000
    """How much content one SearchSchemas request looks through; the rest is on the next page."""
