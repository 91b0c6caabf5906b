"""Every number CloudWatch publishes, and the bounds of what is collected."""

from __future__ import annotations

from dataclasses import dataclass

from fogline.world.clock import DAY, HOUR, MINUTE, SECOND


@dataclass(frozen=True, slots=True)
class Limits:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html"""

    collecting_time: int = SECOND
    """How long numbers of services wait in memory for others."""
    noted_numbers_max: int = 5_000
    """How many of them wait one by one before they are added up."""
    collected_sets_max: int = 20_000
    """How many series may have numbers waiting; what comes for others is dropped."""
    number_max: float = 2.0**360
    """Of any number, whoever reports it, and of its negative."""
    put_data_max: int = 1_000
    put_values_max: int = 150
    put_entities_max: int = 2
    data_age_max: int = 14 * DAY
    data_lead_max: int = 2 * HOUR
    listed_max: int = 500
    listed_age_max: int = 14 * DAY
    listed_scanned_max: int = 20_000
    """How many metrics one ListMetrics looks at before it answers with what it has found."""
    active_age_max: int = 3 * HOUR
    statistics_datapoints_max: int = 1_440
    queries_max: int = 500
    data_datapoints_max: int = 100_800
    points_max: int = 250_000
    """How many points one request reads; whoever wants more asks for less at a time."""
    rows_max: int = 1_000_000
    """How many rows one request adds up for them."""
    spreads_max: int = 25_000
    """How many rows with their spreads one request reads for its percentiles and their like."""
    returned_series_max: int = 5_000
    """How many time series one request is answered with, those of arrays one by one."""
    math_work_max: int = 1_000_000
    """How many numbers the expressions of one request look at."""
    merging_interval: int = MINUTE
    merged_rows_max: int = 500
    """How many rows one step of the compaction reads."""
