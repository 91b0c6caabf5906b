"""Every number CloudWatch Logs publishes."""

from __future__ import annotations

from dataclasses import dataclass

from fogline.world.clock import DAY, HOUR, SECOND

RETENTION_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731,
    1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Limits:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html"""

    put_events_max: int = 10_000
    put_bytes_max: int = 1_048_576
    event_overhead_bytes: int = 26
    put_span_max: int = 24 * HOUR
    event_age_max: int = 14 * DAY
    event_lead_max: int = 2 * HOUR
    page_events_max: int = 10_000
    page_bytes_max: int = 1_048_576
    scanned_events_max: int = 20_000
    """How many events one FilterLogEvents looks at before it answers with what it has found."""
    described_max: int = 50
    listed_groups_max: int = 1_000
    tags_max: int = 50
    metric_filters_max: int = 100
    resource_policies_max: int = 10
    tail_groups_max: int = 10
    tail_session_max: int = 3 * HOUR
    tail_interval: int = SECOND
    tail_events_max: int = 500
    """Per update; what is more is dropped and the update says that it was sampled."""
    expired_batches_max: int = 1_000
    """How many batches one step of the expiry loop removes."""
    expiry_interval: int = HOUR
