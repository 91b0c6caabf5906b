"""Every number AWS publishes about Step Functions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"""

    definition_bytes_max: int = 1_048_576
    state_machines_max: int = 100_000
    activities_max: int = 100_000
    tags_max: int = 50
    diagnostics_max: int = 100
    payload_bytes_max: int = 262_144
    """Of a state's or an execution's input and output, as UTF-8."""
    variables_bytes_max: int = 10_485_760
    """Of all variables that a branch has set; those of one state, together, may have `payload_bytes_max`."""
    history_events_max: int = 25_000
    standard_seconds_max: int = 31_536_000
    express_seconds_max: int = 300
    express_at_once_max: int = 1_000
    """More that are promised wait; more that are waited for are throttled."""
    express_events_max: int = 500_000
    """AWS counts none; here it ends what would go round and round without ever waiting."""
    versions_max: int = 1_000
    aliases_max: int = 100
    inline_concurrency_max: int = 40
    """How many iterations of an inline Map run at once when it names no bound, or a larger one."""
    map_run_concurrency_max: int = 10_000
    page_size_max: int = 1_000
    page_size_default: int = 100
    cause_characters_max: int = 32_768
    error_characters_max: int = 256
    retained_ms: int = 90 * 24 * 3_600_000
    """How long an execution that has ended can be seen, and its name stays taken."""
    redrivable_ms: int = 14 * 24 * 3_600_000
    """How long after its end an execution can be redriven."""
    activity_wait_ms: int = 60_000
    """How long a worker waits for a task."""

    @property
    def variables_unweighed_max(self) -> int:
        """So many variables are never too large together."""
        return self.variables_bytes_max // self.payload_bytes_max
