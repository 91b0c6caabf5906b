"""Every number AWS publishes about Pipes, and a few of our own.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html#eb-pipes-limits
"""

from __future__ import annotations

from dataclasses import dataclass

from fogline.world.clock import SECOND


@dataclass(frozen=True, slots=True)
class Limits:
    """Handed to the service; tests shrink it."""

    pipes_max: int = 1_000
    """In one account and region."""
    tags_max: int = 50
    filters_max: int = 5
    page_pipes_max: int = 100
    queue_batch_alone_max: int = 10
    """Messages in a batch of a pipe that has no batching window."""
    batch_bytes_max: int = 6_000_000

    transition_ms: int = 40
    """How long a pipe is seen to be changing. Ours: AWS takes seconds to minutes."""
    concurrency: int = 10
    """Batches of one pipe and queue in hand at a time. Ours."""
    throttle_retry_ms_min: int = 1 * SECOND
    log_field_characters_max: int = 65_536
    """Longer payloads are cut in a pipe's log. Ours."""
