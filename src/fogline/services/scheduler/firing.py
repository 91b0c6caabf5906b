"""Firing: a schedule that is due invokes its target, and says when it is due next."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from fogline.aws.arn import find_arn
from fogline.aws.call import Trace, root_trace
from fogline.aws.schedule import InvalidSchedule, UnknownZone
from fogline.ports.targets import Sending, TargetUnavailable
from fogline.services.scheduler import calls, dead_letters
from fogline.services.scheduler.invocation import Invocation
from fogline.services.scheduler.schedule import Address
from fogline.services.scheduler.service import Scheduler
from fogline.services.scheduler.tables import Due
from fogline.services.scheduler.timing import Timing
from fogline.services.scheduler.universal import find_action
from fogline.store.store import Tx

log = logging.getLogger("fogline.scheduler")

_NO_RESOURCE_CODES = {
    "sqs": "AWS.SimpleQueueService.NonExistentQueue",
    "sns": "NotFound",
    "states": "StateMachineDoesNotExist",
}
"""What a target's own API answers when the target is gone; others say ResourceNotFoundException."""


def fire(scheduler: Scheduler, tx: Tx, address: Address, due: Due, now: int) -> None:
    """Make what is due, unless it is too old, and keep when the schedule is due next."""
    document = scheduler.tables.find(tx, address)
    if document is None:
        scheduler.tables.remove(tx, address)
        return
    try:
        timing = Timing.of(document)
    except (InvalidSchedule, UnknownZone) as unreadable:
        # Data from a machine with other time zones must not hold up all other schedules.
        log.error("%s is not due any more: %r", address.arn, unreadable)
        scheduler.tables.save_due(tx, address, Due(due.occurrence, None, due.made))
        return
    occurrence = timing.still_due(due.occurrence, now)
    made = due.made
    if occurrence is not None and occurrence <= now:
        _invoke(scheduler, tx, address, document, occurrence, now)
        made = occurrence
        occurrence = timing.following(occurrence, now)
    if occurrence is None and document["ActionAfterCompletion"] == "DELETE":
        scheduler.tables.remove(tx, address)
        return
    scheduler.tables.save_due(tx, address, next_due(scheduler, timing, occurrence, made))


def next_due(scheduler: Scheduler, timing: Timing, occurrence: int | None, made: int) -> Due:
    """The row of a schedule whose next time is `occurrence`."""
    if occurrence is None:
        return Due(made, None, made)
    fraction = scheduler.ids.fraction() if timing.window else 0.0
    return Due(occurrence, timing.due_at(occurrence, fraction), made)


def _invoke(
    scheduler: Scheduler,
    tx: Tx,
    address: Address,
    document: Mapping[str, Any],
    occurrence: int,
    now: int,
) -> None:
    ids = scheduler.ids
    trace = root_trace(ids.hex(24), ids.hex(16), now)
    invocation = Invocation(address, occurrence, ids.hex(16), document["Target"])
    outcome = ""
    if find_action(invocation.target["Arn"]) is not None:
        calls.promise(scheduler, tx, invocation, trace, now)
    else:
        outcome = _send(scheduler, tx, invocation, trace, now)
    scheduler.lineage.work(
        trace, "schedule", address.key, address.account, address.region, now, now, outcome
    )


def _send(scheduler: Scheduler, tx: Tx, invocation: Invocation, trace: Trace, now: int) -> str:
    """Send to a templated target, in this transaction; what it refuses is never tried again."""
    target = invocation.target
    sending = Sending(
        arn=target["Arn"],
        payload=invocation.payload(1),
        trace=trace,
        now=now,
        facts={
            **target.get("SqsParameters", {}),
            **target.get("KinesisParameters", {}),
            **target.get("EventBridgeParameters", {}),
        },
    )
    try:
        scheduler.targets.send(tx, sending)
    except TargetUnavailable as gone:
        code = _code(target["Arn"]) if gone.code == "NO_RESOURCE" else gone.code
        dead_letters.send(
            scheduler.targets,
            scheduler.limits,
            tx,
            invocation,
            trace,
            now,
            code=code,
            message=str(gone),
            attempts=1,
        )
        return code
    return ""


def _code(arn: str) -> str:
    found = find_arn(arn)
    return _NO_RESOURCE_CODES.get(found.service if found else "", "ResourceNotFoundException")
