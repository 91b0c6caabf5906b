"""What a client says of a schedule, checked and made whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.errors import ValidationException
from fogline.aws.schedule import InvalidSchedule, Once, UnknownZone
from fogline.services.scheduler.service import Scheduler
from fogline.services.scheduler.targeting import check_target
from fogline.services.scheduler.timing import anchor_of, parse

_OPTIONAL = ("Description", "StartDate", "EndDate", "KmsKeyArn")


def define(
    scheduler: Scheduler,
    region: str,
    request: Mapping[str, Any],
    before: Mapping[str, Any] | None,
    now: int,
) -> dict[str, Any]:
    """The document of a schedule, new or in place of `before`, of which nothing is kept but its age."""
    document: dict[str, Any] = {
        "ScheduleExpression": request["ScheduleExpression"],
        "ScheduleExpressionTimezone": request.get("ScheduleExpressionTimezone", "UTC"),
        "State": request.get("State", "ENABLED"),
        "FlexibleTimeWindow": request["FlexibleTimeWindow"],
        "ActionAfterCompletion": request.get("ActionAfterCompletion", "NONE"),
        "Target": _whole_target(scheduler, request["Target"]),
        "CreationDate": now if before is None else before["CreationDate"],
        "LastModificationDate": now,
    }
    for name in _OPTIONAL:
        if request.get(name) is not None:
            document[name] = request[name]
    is_once = _check_expression(document)
    _check_window(document["FlexibleTimeWindow"])
    if not is_once:
        _check_dates(scheduler, document, before, now)
    check_target(scheduler, region, document["Target"])
    document["Anchor"] = anchor_of(document, before, now)
    document["ClientToken"] = request.get("ClientToken", "")
    return document


def _whole_target(scheduler: Scheduler, target: Mapping[str, Any]) -> dict[str, Any]:
    policy = target.get("RetryPolicy", {})
    limits = scheduler.limits
    return {
        **target,
        "RetryPolicy": {
            "MaximumEventAgeInSeconds": limits.event_age_seconds_max,
            "MaximumRetryAttempts": limits.retry_attempts_max,
            **policy,
        },
    }


def _check_expression(document: Mapping[str, Any]) -> bool:
    """True for a single time."""
    expression, zone = document["ScheduleExpression"], document["ScheduleExpressionTimezone"]
    try:
        return isinstance(parse(expression, zone), Once)
    except UnknownZone:
        raise ValidationException(f"Invalid Schedule Expression Timezone {zone}.") from None
    except InvalidSchedule:
        raise ValidationException(f"Invalid Schedule Expression {expression}.") from None


def _check_window(window: Mapping[str, Any]) -> None:
    has_size = window.get("MaximumWindowInMinutes") is not None
    if window["Mode"] == "OFF" and has_size:
        raise ValidationException(
            "MaximumWindowInMinutes must not be provided when FlexibleTimeWindowMode is set to OFF."
        )
    if window["Mode"] == "FLEXIBLE" and not has_size:
        raise ValidationException(
            "MaximumWindowInMinutes must be provided when FlexibleTimeWindowMode is set to FLEXIBLE."
        )


def _check_dates(
    scheduler: Scheduler,
    document: Mapping[str, Any],
    before: Mapping[str, Any] | None,
    now: int,
) -> None:
    start, end = document.get("StartDate"), document.get("EndDate")
    is_new = before is None or before.get("StartDate") != start
    if start is not None and is_new and start < now - scheduler.limits.start_late_ms_max:
        raise ValidationException("The StartDate you specify cannot be earlier than 5 minutes ago.")
    if start is not None and end is not None and start >= end:
        raise ValidationException("The StartDate you specify must come before the EndDate.")
    if end is not None and end < now and (before is None or before.get("EndDate") != end):
        raise ValidationException("The EndDate you specify cannot be in the past.")
