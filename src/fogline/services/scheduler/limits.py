"""Every number AWS publishes about EventBridge Scheduler.

Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/scheduler-quotas.html
"""

from __future__ import annotations

from dataclasses import dataclass

from fogline.world.clock import MINUTE, SECOND


@dataclass(frozen=True, slots=True)
class Limits:
    groups_max: int = 500
    page_results_max: int = 100
    input_bytes_max: int = 262_144
    retry_attempts_max: int = 185
    event_age_seconds_max: int = 86_400
    start_late_ms_max: int = 5 * MINUTE
    """How long ago a start date may lie."""
    retry_ms_min: int = SECOND
    retry_ms_max: int = 720 * SECOND
    """The waits between attempts double up to this, so that 185 attempts fill a day."""
