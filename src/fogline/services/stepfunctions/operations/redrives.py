"""Redrives: executions that did not succeed go on from where they failed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.services.stepfunctions.errors import ExecutionNotRedrivable
from fogline.services.stepfunctions.executions import ExecutionRow
from fogline.services.stepfunctions.lookup import execution_lock, require_execution
from fogline.services.stepfunctions.redrivability import obstacle
from fogline.services.stepfunctions.service import StepFunctions
from fogline.world.clock import MINUTE

if TYPE_CHECKING:
    from types_boto3_stepfunctions import type_defs as types

Result = Mapping[str, Any]

_TOKEN_KNOWN_MS = 15 * MINUTE
_BY_ITS_MAP_RUN = "Execution is a child of a Map Run and can only be redriven with it"


def redrive_execution(
    service: StepFunctions, call: Call, request: types.RedriveExecutionInputTypeDef
) -> Result:
    """The same client token within 15 minutes is the same request."""
    text, token = request["executionArn"], request.get("clientToken", "")
    with service.store.write() as tx:
        tx.lock(execution_lock(text))
        row = require_execution(service, tx, call, text)
        if token and _is_same(row, token, call.now):
            return {"redriveDate": row.facts["redriven_at"]}
        reason = _BY_ITS_MAP_RUN if row.map_run else obstacle(service, tx, row, call.now)
        if reason:
            raise ExecutionNotRedrivable(reason=reason)
        seconds_max = service.limits.standard_seconds_max
        service.engine.redrive(tx, row, call.now, seconds_max=seconds_max, token=token)
    return {"redriveDate": call.now}


def _is_same(row: ExecutionRow, token: str, now: int) -> bool:
    facts = row.facts
    is_fresh = facts.get("redriven_at", 0) + _TOKEN_KNOWN_MS > now
    return is_fresh and facts.get("redrive_token") == token
