"""Task callbacks: whoever was given a task's token says how the task went."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

from fogline.aws.call import Call
from fogline.aws.states.machine import InvalidJson, read_json
from fogline.services.stepfunctions.engine.payloads import read_payload
from fogline.services.stepfunctions.engine.tokens import find_place
from fogline.services.stepfunctions.errors import (
    InvalidOutput,
    InvalidToken,
    TaskDoesNotExist,
    TaskTimedOut,
)
from fogline.services.stepfunctions.service import StepFunctions
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_stepfunctions import type_defs as types

Result = Mapping[str, Any]


def send_task_success(
    service: StepFunctions, call: Call, request: types.SendTaskSuccessInputTypeDef
) -> Result:
    token, text = request["taskToken"], request["output"]
    with service.store.write() as tx:
        # The token is looked at first (recorded: test_sfn_send_task_outcome_with_no_such_token).
        _require_known(service, tx, call, token)
        result = _read_output(text)
        if not service.engine.succeed_task(tx, token, result, text, call.now):
            raise TaskTimedOut
    return {}


def send_task_failure(
    service: StepFunctions, call: Call, request: types.SendTaskFailureInputTypeDef
) -> Result:
    token = request["taskToken"]
    with service.store.write() as tx:
        _require_known(service, tx, call, token)
        error, cause = request.get("error"), request.get("cause")
        if not service.engine.fail_task(tx, token, error, cause, call.now):
            raise TaskTimedOut
    return {}


def send_task_heartbeat(
    service: StepFunctions, call: Call, request: types.SendTaskHeartbeatInputTypeDef
) -> Result:
    token = request["taskToken"]
    with service.store.write() as tx:
        _require_known(service, tx, call, token)
        if not service.engine.beat(tx, token, call.now):
            raise TaskTimedOut
    return {}


def _read_output(text: str) -> Any:
    """The result of a task. Raises InvalidOutput."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        # What only the standard library reads, or what nobody does.
        try:
            read_json(text)
            return read_payload(text)
        except InvalidJson as invalid:
            raise InvalidOutput(reason=invalid.reason) from None
        except RecursionError:
            raise InvalidOutput(reason="Invalid output.") from None


def _require_known(service: StepFunctions, tx: Tx, call: Call, token: str) -> None:
    """Raises InvalidToken for what is no token of the account's, TaskDoesNotExist for one of an unknown execution."""
    place = find_place(token)
    if place is None:
        raise InvalidToken
    row = service.executions.find_by_id(tx, place.execution)
    if row is None:
        raise TaskDoesNotExist
    if (row.account, row.region) != (call.account, call.region):
        raise InvalidToken
