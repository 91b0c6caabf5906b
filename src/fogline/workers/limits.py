"""Every bound on running functions: AWS's numbers, and ours where AWS has none."""

from __future__ import annotations

from dataclasses import dataclass

from fogline.world.clock import MINUTE


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """Handed to the pool; tests shrink it."""

    response_bytes_max: int = 6_291_556
    """AWS: what a function may answer."""
    stream_bytes_max: int = 200 * 1024 * 1024
    """AWS: what a streamed response may hold in all."""
    gathered_bytes_max: int = 20 * 1024 * 1024
    """What it may hold where nobody takes it while it comes."""
    init_ms_max: int = 10_000
    """AWS: how long a function's code may take to load before its own timeout begins to count."""
    log_bytes_max: int = 4 * 1024 * 1024
    """What one invocation may print; the rest is dropped, and said to be."""
    environments_max: int = 256
    waiting_max: int = 10_000
    """Invocations that wait for an environment while all are busy."""
    idle_ms_max: int = 10 * MINUTE
    """An environment that nobody asked for this long ends."""
    spares: int = 4
    """Node.js processes kept ready once a function uses Node.js."""
    memory_watch_ms: int = 50
    """How often invocations in progress are held against their memory size."""
    start_ms_max: int = 30_000
    """How long a fork server may take to get ready."""
