"""Every number AWS publishes about EventBridge.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    entries_bytes_max: int = 1_048_576
    """All entries of one PutEvents together; 256 KB until January 2026."""
    time_bytes: int = 14
    """What an entry's Time counts, whatever its value."""
    buses_max: int = 100
    rules_max: int = 50_000
    """Rules of a region. AWS begins with 300 on each bus and raises it when asked; matching is built for more."""
    targets_max: int = 5
    """Targets of one rule."""
    tags_max: int = 50
    policy_bytes_max: int = 10_240
    page_results_max: int = 100
    hops_max: int = 1
    """How often an event may go on from one bus to another."""
    connections_max: int = 3_000
    api_destinations_max: int = 3_000
    invocations_per_second: int = 300
    """Of an API destination that does not say."""
    archives_max: int = 100
    events_removed_max: int = 100_000
    """Expired events that a change of an archive's days removes at once; a loop removes them anyway, hour by hour."""
    replays_max: int = 10
    """Replays under way at the same time."""
    replay_start_ms: int = 1_000
    """What a replay takes to begin, and to be canceled."""
    endpoints_max: int = 100
    event_sources_max: int = 1_000
