"""Every number AWS publishes for Lambda, and ours where AWS has none.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

from __future__ import annotations

from dataclasses import dataclass

from fogline.world.clock import HOUR, MINUTE, SECOND


@dataclass(frozen=True, slots=True)
class Limits:
    """Handed to the service; tests shrink it."""

    name_characters_max: int = 64
    zipped_bytes_max: int = 52_428_800
    unzipped_bytes_max: int = 262_144_000
    package_files_max: int = 200_000
    code_storage_bytes_max: int = 80_530_636_800
    environment_bytes_max: int = 4_096
    layers_max: int = 5
    tags_max: int = 50
    memory_mb_max: int = 10_240
    timeout_seconds_max: int = 900
    sync_payload_bytes_max: int = 6_291_556
    async_payload_bytes_max: int = 1_048_576
    log_tail_bytes_max: int = 4_096
    concurrency_max: int = 1_000
    """Executions at a time in one account and region."""
    unreserved_min: int = 100
    page_items_max: int = 50
    page_functions_max: int = 10_000

    transition_ms: int = 40
    """How long a function or mapping is seen to be changing. Ours: AWS takes seconds."""

    retries_max: int = 2
    retry_ms: tuple[int, ...] = (1 * MINUTE, 2 * MINUTE)
    event_age_seconds_max: int = 21_600
    throttle_retry_ms_min: int = 1 * SECOND
    throttle_retry_ms_max: int = 5 * MINUTE

    mapping_concurrency: int = 10
    """Batches of one mapping in hand at a time, unless its ScalingConfig says otherwise. Ours."""
    batch_bytes_max: int = 6_000_000
    batch_size_max: int = 10_000
    credentials_seconds: int = 36 * 3_600
    credentials_fresh_ms: int = 12 * HOUR
    """After this long an environment is not reused, so that its credentials outlive it."""
    live_files_max: int = 20_000
    """Files of a live local folder whose times are looked at before each invocation."""
