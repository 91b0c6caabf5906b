"""Tasks of activities, as workers ask for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call, Wait
from fogline.services.stepfunctions.arns import ActivityArn, read_activity_arn
from fogline.services.stepfunctions.engine.engine import activity_topic
from fogline.services.stepfunctions.errors import ActivityDoesNotExist
from fogline.services.stepfunctions.service import StepFunctions
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_stepfunctions import type_defs as types

Result = Mapping[str, Any]

_LOOKED_AT_MAX = 1_000
"""Offers that nobody waits for any more, removed for one worker; the answer is empty then, and it asks again."""


def get_activity_task(
    service: StepFunctions, call: Call, request: types.GetActivityTaskInputTypeDef
) -> Result | Wait:
    """The task that waits longest for a worker; an empty answer when none comes within a minute."""
    arn, worker = read_activity_arn(request["activityArn"]), request.get("workerName", "")
    until = call.asked_at + service.limits.activity_wait_ms
    with service.store.write() as tx:
        _require_activity(service, tx, call, arn)
        for _ in range(_LOOKED_AT_MAX):
            token = service.executions.offers.take(tx, str(arn))
            if token is None:
                return Wait(activity_topic(str(arn)), until) if call.now < until else {}
            given = service.engine.give(tx, token, worker, call.now)
            if given is not None:
                return {"taskToken": token, "input": given}
    return {}


def _require_activity(service: StepFunctions, tx: Tx, call: Call, arn: ActivityArn) -> None:
    """Raises ActivityDoesNotExist."""
    is_near = (arn.account, arn.region) == (call.account, call.region)
    activities = service.machines.activities
    if not is_near or activities.find(tx, arn.account, arn.region, arn.name) is None:
        raise ActivityDoesNotExist(arn=arn)
