"""Calls of API operations that universal targets name: promised when the schedule fires, retried by its policy."""

from __future__ import annotations

from typing import Any

import orjson

from fogline.aws.call import Trace, call_of_account
from fogline.aws.errors import AwsError, ThrottlingException
from fogline.background.outbox import Delivery, DeliveryFailed
from fogline.services.scheduler import dead_letters
from fogline.services.scheduler.invocation import Invocation
from fogline.services.scheduler.service import Scheduler
from fogline.services.scheduler.universal import find_action
from fogline.store.store import Tx
from fogline.world.clock import SECOND

KIND = "scheduler.call"

_NOT_IMPLEMENTED = 501
_TOO_MANY_REQUESTS = 429


def promise(scheduler: Scheduler, tx: Tx, invocation: Invocation, trace: Trace, now: int) -> None:
    """Promise the call: it is made once `tx` has committed, at least once."""
    scheduler.outbox.promise(
        tx,
        kind=KIND,
        target=invocation.target["Arn"],
        account=invocation.address.account,
        region=invocation.address.region,
        payload=b"",
        trace=trace,
        now=now,
        facts=invocation.facts(),
    )


class Caller:
    """Makes the calls (answers `background/outbox.py`)."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler

    async def perform(self, delivery: Delivery) -> None:
        scheduler = self._scheduler
        invocation = Invocation.from_facts(delivery.facts)
        action = find_action(delivery.target)
        assert action is not None, "only universal targets are promised"
        cause = call_of_account(
            delivery.account,
            delivery.region,
            scheduler.ids.uuid(),
            scheduler.clock.now(),
            delivery.trace,
            scheduler.endpoint(),
        )
        try:
            request = orjson.loads(invocation.payload(delivery.attempts))
            await scheduler.api.call_waiting(action.service, action.operation, request, cause)
        except orjson.JSONDecodeError as error:
            raise DeliveryFailed(str(error), code="ValidationException", again=False) from error
        except AwsError as refused:
            raise DeliveryFailed(
                refused.text, code=_code(refused), again=is_passing(refused)
            ) from refused

    def succeed(self, tx: Tx, delivery: Delivery, result: Any, now: int) -> None:
        pass

    def retry_at(self, delivery: Delivery, failure: DeliveryFailed, now: int) -> int | None:
        """Later and later, until the attempts or the age of the event are exhausted."""
        policy = delivery.facts["target"]["RetryPolicy"]
        deadline: int = delivery.created_at + policy["MaximumEventAgeInSeconds"] * SECOND
        if not failure.facts["again"] or delivery.attempts > policy["MaximumRetryAttempts"]:
            return None
        if now >= deadline:
            return None
        limits = self._scheduler.limits
        doubled = limits.retry_ms_min << min(delivery.attempts - 1, 20)
        wait = min(doubled, limits.retry_ms_max)
        # Half of it is chance, so that many that failed at once do not all come back at once.
        wait -= int(wait / 2 * self._scheduler.ids.fraction())
        return min(now + wait, deadline)

    def give_up(self, tx: Tx, delivery: Delivery, failure: DeliveryFailed, now: int) -> None:
        policy = delivery.facts["target"]["RetryPolicy"]
        exhausted = ""
        if failure.facts["again"]:
            has_attempts = delivery.attempts <= policy["MaximumRetryAttempts"]
            exhausted = "MaximumEventAgeInSeconds" if has_attempts else "MaximumRetryAttempts"
        dead_letters.send(
            self._scheduler.targets,
            self._scheduler.limits,
            tx,
            Invocation.from_facts(delivery.facts),
            delivery.trace,
            now,
            code=failure.facts["code"],
            message=str(failure),
            attempts=delivery.attempts,
            exhausted=exhausted,
        )


def is_passing(refused: AwsError) -> bool:
    """True for refusals that another attempt may not meet: failures of the server, and throttling."""
    if refused.status == _NOT_IMPLEMENTED:
        return False
    is_throttled = (
        isinstance(refused, ThrottlingException)
        or "Throttl" in refused.code
        or refused.code in ("TooManyRequestsException", "ProvisionedThroughputExceededException")
    )
    return refused.status >= 500 or refused.status == _TOO_MANY_REQUESTS or is_throttled


def _code(refused: AwsError) -> str:
    """The code as the service's SDK names it (recorded in AWS's documentation for SQS)."""
    return refused.legacy_code if "." in refused.legacy_code else refused.code
