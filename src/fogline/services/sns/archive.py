"""The archive of a FIFO topic: what it keeps of its messages and for how long, and since when.

Rules: https://docs.aws.amazon.com/sns/latest/dg/message-archiving-and-replay-topic-owner.html
"""

from __future__ import annotations

from fogline.aws.dates import iso_milliseconds
from fogline.services.sns.errors import InvalidParameterException
from fogline.services.sns.limits import Limits
from fogline.services.sns.policies import read_object
from fogline.services.sns.topic import Topic
from fogline.world.clock import DAY

_RETENTION = "MessageRetentionPeriod"


def check_archive_policy(text: str, limits: Limits, prefix: str) -> None:
    """Refuse a policy that AWS refuses; an empty object ends the archive. Raises InvalidParameterException."""
    policy = read_object(text)
    if policy is None:
        raise InvalidParameterException(reason=f"{prefix}ArchivePolicy: failed to parse JSON.")
    if not policy:
        return
    if set(policy) != {_RETENTION} or not _is_days(policy[_RETENTION], limits):
        raise InvalidParameterException(
            reason=f"{prefix}ArchivePolicy: {_RETENTION} must be a number of days between 1 and "
            f"{limits.archive_days_max}"
        )


def _is_days(value: object, limits: Limits) -> bool:
    text = str(value)
    return text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= limits.archive_days_max


def retention_milliseconds(text: str | None) -> int:
    """How long a policy keeps messages; 0 where there is no archive."""
    policy = read_object(text) if text else None
    return int(policy[_RETENTION]) * DAY if policy else 0


def beginning_at(topic: Topic, now: int) -> int | None:
    """The earliest instant whose messages can be replayed, or None where there is no archive."""
    kept = retention_milliseconds(topic.attributes.get("ArchivePolicy"))
    if not kept:
        return None
    since: int = topic.document.get("archived_since", now)
    return max(since, now - kept)


def beginning_of(topic: Topic, now: int) -> str | None:
    """The same, as `BeginningArchiveTime` shows it."""
    instant = beginning_at(topic, now)
    return None if instant is None else iso_milliseconds(instant)
