"""Retries: for how long, how often and how far apart events on their way out are tried, and where they end.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fogline.background.outbox import Delivery, DeliveryFailed
from fogline.background.outgoing import OutgoingFailed
from fogline.ports.api_destinations import CallRefused
from fogline.ports.targets import Sending
from fogline.services.events.dead_letters import bury
from fogline.services.events.service import Events
from fogline.store.store import Tx
from fogline.world.clock import DAY, SECOND

log = logging.getLogger("fogline.events")

_ATTEMPTS_MAX = 185
_AGE_MS_MAX = DAY
_BACKOFF_MS_MIN = 1 * SECOND
_BACKOFF_MS_MAX = 600 * SECOND
"""With jitter 450 seconds in the middle, so that 185 retries fill about a day."""


def facts_of(sending: Sending) -> dict[str, Any]:
    """What a delivery must know to be tried by its target's policy."""
    policy = sending.facts.get("RetryPolicy") or {}
    age_ms = policy.get("MaximumEventAgeInSeconds", _AGE_MS_MAX // 1000) * 1000
    return {
        "http": sending.facts.get("HttpParameters") or {},
        "retries": policy.get("MaximumRetryAttempts", _ATTEMPTS_MAX),
        "expires_at": sending.now + age_ms,
        "dead_letters": (sending.facts.get("DeadLetterConfig") or {}).get("Arn", ""),
        "rule": sending.facts.get("RuleArn", ""),
        "attempts": 0,
    }


@contextmanager
def failing(unable: str) -> Iterator[None]:
    """A call that cannot be made, or has no answer, fails the delivery; `unable` begins what is said of it."""
    try:
        yield
    except CallRefused as refused:
        raise DeliveryFailed(
            f"{unable}: {refused}", code=refused.code, is_lasting=refused.is_lasting
        ) from refused
    except OutgoingFailed as failed:
        code = "TIMEOUT" if failed.is_timeout else "CONNECTION_FAILURE"
        raise DeliveryFailed(f"{unable}: {failed}", code=code) from failed


class Retrying:
    """What performers of deliveries by a rule's policy have in common (`background/outbox.py`)."""

    def __init__(self, events: Events) -> None:
        self._events = events

    def retry_at(self, delivery: Delivery, failure: DeliveryFailed, now: int) -> int | None:
        """When the policy and the endpoint's own wish allow the next attempt, whichever is later."""
        facts, attempts = delivery.facts, attempts_of(delivery)
        if failure.facts.get("is_lasting") or attempts > facts["retries"]:
            return None
        if now >= facts["expires_at"]:
            return None
        wait = min(_BACKOFF_MS_MIN << min(attempts - 1, 20), _BACKOFF_MS_MAX)
        wait = round(wait * (0.5 + self._events.ids.fraction() / 2))
        wished_at = failure.facts.get("retry_at") or now
        # The last one is made just before the event is too old.
        at: int = min(max(now + wait, wished_at), facts["expires_at"])
        return at

    def give_up(self, tx: Tx, delivery: Delivery, failure: DeliveryFailed, now: int) -> None:
        """Into the rule's dead-letter queue, where it has one."""
        facts = delivery.facts
        exhausted, attempts = "", None
        if not failure.facts.get("is_lasting"):
            is_old = now >= facts["expires_at"]
            exhausted = "MaximumEventAgeInSeconds" if is_old else "MaximumRetryAttempts"
            attempts = attempts_of(delivery) - 1
        is_kept = bury(
            self._events.targets,
            tx,
            facts["dead_letters"],
            body=delivery.payload.decode(),
            rule_arn=facts["rule"],
            target_arn=delivery.target,
            code=failure.facts.get("code", "UNKNOWN"),
            message=str(failure),
            trace=delivery.trace,
            now=now,
            exhausted=exhausted,
            attempts=attempts,
        )
        if not is_kept:
            log.warning("%s gives up on %s: %s", facts["rule"], delivery.target, failure)


def attempts_of(delivery: Delivery) -> int:
    """All that were made, this one included; also those before it stood in line."""
    attempts: int = delivery.facts["attempts"] + delivery.attempts
    return attempts
