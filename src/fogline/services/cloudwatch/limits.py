"""Every number CloudWatch publishes, and the bounds of what is collected."""

from __future__ import annotations

from dataclasses import dataclass

from fogline.world.clock import DAY, HOUR, MINUTE, SECOND


@dataclass(frozen=True, slots=True)
class Limits:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html"""

    collecting_time: int = SECOND
    """How long numbers of services wait in memory for others."""
    collected_sets_max: int = 20_000
    """How many series may have numbers waiting; what comes for others is dropped."""
    collected_number_max: float = 2.0**360
    put_data_max: int = 1_000
    put_values_max: int = 150
    data_age_max: int = 14 * DAY
    data_lead_max: int = 2 * HOUR
    dimensions_max: int = 30
    listed_max: int = 500
    listed_age_max: int = 14 * DAY
    active_age_max: int = 3 * HOUR
    statistics_datapoints_max: int = 1_440
    queries_max: int = 500
    data_datapoints_max: int = 100_800
    merging_interval: int = MINUTE
    merged_rows_max: int = 2_000
    """How many rows one step of the compaction reads."""
