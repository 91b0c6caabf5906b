"""Acceptance: which events of a PutLogEvents are kept, and which requests are refused whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from fogline.services.logs.errors import InvalidParameterException
from fogline.services.logs.limits import Limits


class Accepted(NamedTuple):
    lines: list[tuple[int, str]]
    size: int
    rejected: dict[str, int]
    """As the answer gives it: `rejectedLogEventsInfo`."""


def accept(
    events: Sequence[Mapping[str, Any]], now: int, oldest_shown: int, limits: Limits
) -> Accepted:
    """What is kept of `events`, in their order."""
    if len(events) > limits.put_events_max:
        raise InvalidParameterException(
            reason="1 validation error detected: Value at 'logEvents' failed to satisfy constraint: "
            f"Member must have length less than or equal to {limits.put_events_max}"
        )
    lines = [(event["timestamp"], event["message"]) for event in events]
    size = sum(len(text.encode("utf-8", "replace")) for _, text in lines)
    size += limits.event_overhead_bytes * len(lines)
    if size > limits.put_bytes_max:
        raise InvalidParameterException(
            reason=f"Upload too large: {size} bytes exceeds limit of {limits.put_bytes_max}"
        )
    if any(before[0] > after[0] for before, after in pairwise(lines)):
        raise InvalidParameterException(
            reason="Log events in a single PutLogEvents request must be in chronological order."
        )
    if lines[-1][0] - lines[0][0] > limits.put_span_max:
        raise InvalidParameterException(
            reason="The batch of log events in a single PutLogEvents request cannot span more than 24 hours."
        )
    too_old = sum(at < now - limits.event_age_max for at, _ in lines)
    expired = sum(at < oldest_shown for at, _ in lines)
    too_new = sum(at > now + limits.event_lead_max for at, _ in lines)
    rejected: dict[str, int] = {}
    if too_new:
        rejected["tooNewLogEventStartIndex"] = len(lines) - too_new
    if too_old:
        rejected["tooOldLogEventEndIndex"] = too_old
    if expired:
        rejected["expiredLogEventEndIndex"] = expired
    kept = lines[max(too_old, expired) : len(lines) - too_new]
    return Accepted(kept, size, rejected)
