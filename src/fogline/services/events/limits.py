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
    """Rules of one bus. AWS begins with 300 and raises it when asked; ours is what matching is built for."""
    targets_max: int = 5
    """Targets of one rule."""
    tags_max: int = 50
    policy_bytes_max: int = 10_240
    page_results_max: int = 100
    hops_max: int = 1
    """How often an event may go on from one bus to another."""
