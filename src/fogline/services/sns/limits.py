"""Every number AWS publishes about SNS.

Sources: https://docs.aws.amazon.com/general/latest/gr/sns.html and
https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    message_bytes_max: int = 262_144
    sms_bytes_max: int = 1_600
    subject_characters_max: int = 100
    batch_entries_max: int = 10
    batch_id_characters_max: int = 80
    attribute_name_characters_max: int = 256
    raw_attributes_max: int = 10
    topic_name_characters_max: int = 256
    display_name_characters_max: int = 100
    page_results_max: int = 100
    tags_max: int = 50
    policy_bytes_max: int = 30_720
    policy_statements_max: int = 100
    filter_policies_per_topic_max: int = 200
    filter_policy_bytes_max: int = 262_144
    filter_policy_keys_max: int = 5
    filter_policy_combinations_max: int = 150
    group_characters_max: int = 128
    deduplication_milliseconds: int = 300_000
    archive_days_max: int = 365
    token_milliseconds: int = 172_800_000
    """How long a subscription can be confirmed, and stays among the others unconfirmed."""
    webhook_seconds_max: float = 15.0
    """How long an HTTP endpoint may take to answer."""
