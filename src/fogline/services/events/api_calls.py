"""Events on their way to API destinations: promised with their cause, called later, tried again by their rule's policy.

Which answers are tried again, and for how long:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from fogline.aws.arn import find_arn
from fogline.background.outbox import Delivery, DeliveryFailed
from fogline.background.outgoing import Answer
from fogline.ports.targets import Sending, TargetUnavailable
from fogline.services.events.calling import Calls
from fogline.services.events.destinations import find_destination
from fogline.services.events.retrying import Retrying, attempts_of, facts_of, failing
from fogline.services.events.service import Events
from fogline.store.store import Tx

KIND = "events.api_destination"

_RETRIED = frozenset((401, 407, 409, 429))
_UNABLE = "Unable to invoke ApiDestination endpoint"


def promise(events: Events, tx: Tx, arn: str, sending: Sending) -> None:
    """Promise a call, at the destination's next free place. Raises TargetUnavailable."""
    destination = find_destination(events, tx, arn)
    if destination is None:
        raise TargetUnavailable(f"The API destination {arn} does not exist")
    place = find_arn(arn)
    assert place is not None, "a destination that was found has an ARN"
    events.outbox.promise(
        tx,
        kind=KIND,
        target=arn,
        account=place.account,
        region=place.region,
        payload=sending.payload.encode(),
        trace=sending.trace,
        now=sending.now,
        due_at=events.tables.calls.reserve_place(tx, arn, destination["rate"], sending.now),
        facts=facts_of(sending),
    )


class Caller(Retrying):
    """Performs the calls (answers `background/outbox.py`)."""

    def __init__(self, events: Events, calls: Calls) -> None:
        super().__init__(events)
        self._calls = calls

    async def perform(self, delivery: Delivery) -> int | None:
        """Make the call; or answer when it may be made, where its destination has no place for it now."""
        if delivery.attempts > 1:
            # The first attempt got its place with the promise.
            due_at = await self._events.store.transact(lambda tx: self._place(tx, delivery))
            if due_at > self._events.clock.now():
                return due_at
        with failing(_UNABLE):
            answer = await self._calls.attempt(
                delivery.target, delivery.payload, delivery.facts["http"], delivery.trace
            )
        if not 200 <= answer.status < 300:
            raise _refused(answer, self._events.clock.now())
        return None

    def _place(self, tx: Tx, delivery: Delivery) -> int:
        now = self._events.clock.now()
        destination = find_destination(self._events, tx, delivery.target)
        if destination is None:
            return now
        return self._events.tables.calls.reserve_place(
            tx, delivery.target, destination["rate"], now
        )

    def succeed(self, tx: Tx, delivery: Delivery, result: int | None, now: int) -> None:
        """Wait for the place it has now, where it had to stand in line."""
        if result is None:
            return
        attempts = attempts_of(delivery) - 1
        self._events.outbox.promise_again(tx, delivery, {"attempts": attempts}, now, result)


def _refused(answer: Answer, now: int) -> DeliveryFailed:
    """What an answer that is no success means."""
    is_retried = answer.status in _RETRIED or answer.status >= 500
    seconds = _retry_after(answer.headers.get("retry-after", ""), now) if is_retried else None
    return DeliveryFailed(
        f"{_UNABLE}: The request failed with status code {answer.status}",
        code="SDK_CLIENT_ERROR" if answer.status < 500 else "ERROR_FROM_TARGET",
        # A negative wait says: do not come again.
        is_lasting=not is_retried or (seconds is not None and seconds < 0),
        retry_at=None if seconds is None else now + seconds * 1000,
    )


def _retry_after(text: str, now: int) -> int | None:
    """The seconds that a Retry-After header asks for, as a number or as a date."""
    try:
        return int(text)
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    wait = (at - datetime.fromtimestamp(now / 1000, UTC)).total_seconds()
    return max(0, round(wait))
