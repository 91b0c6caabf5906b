"""The shape of a loop: work nobody asked for, done in bounded steps when it is due or its topic stirs."""

from __future__ import annotations

from typing import Protocol


class Loop(Protocol):
    """One piece of background work."""

    name: str
    """What `fogline status` calls it: service, then work, as in `sqs.expiry`."""
    topics: tuple[str, ...]
    """The prefixes of the topics (the part before the first `:`) that make it due at once."""

    def step(self, now: int) -> int | None:
        """Do a bounded amount of the work due at `now`, in transactions of its own.

        Returns when to be called next (an instant in milliseconds; `now` when more is due already), or None to
        sleep until a topic stirs. It is called again after any exception, later and later.
        """
