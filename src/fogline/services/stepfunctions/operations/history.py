"""The history of an execution: what happened in it, event by event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.services.stepfunctions.engine.journal import WHOLE, Event
from fogline.services.stepfunctions.errors import StateMachineTypeNotSupported
from fogline.services.stepfunctions.execution_data import without_data
from fogline.services.stepfunctions.executions import ExecutionRow
from fogline.services.stepfunctions.lookup import require_execution
from fogline.services.stepfunctions.pages import page_size, place_within, token_within
from fogline.services.stepfunctions.service import StepFunctions
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_stepfunctions import type_defs as types

Result = Mapping[str, Any]

_FIRST = 1


def get_execution_history(
    service: StepFunctions, call: Call, request: types.GetExecutionHistoryInputTypeDef
) -> Result:
    limit, is_reversed = page_size(request, service.limits), request.get("reverseOrder", False)
    of = f"{request['executionArn']} {is_reversed}"
    place = place_within(of, request.get("nextToken"))
    with service.store.read() as tx:
        row = require_execution(service, tx, call, request["executionArn"])
        if row.facts.get("is_express"):
            raise StateMachineTypeNotSupported  # a child of a map run: it can be described
        last_id = service.executions.histories.last_event_id(tx, row.id)
        if is_reversed:
            events = _back_from(service, tx, row, int(place) if place else last_id, limit)
            following, is_more = events[-1]["id"] - 1, events[-1]["id"] > _FIRST
        else:
            events = _from(service, tx, row, int(place) if place else _FIRST, limit)
            following = (events[-1]["id"] if events else last_id) + 1
            is_more = following <= last_id
    if not request.get("includeExecutionData", True):
        events = [without_data(event) for event in events]
    return {
        "events": events,
        **({"nextToken": token_within(of, str(following))} if is_more else {}),
    }


def _from(
    service: StepFunctions, tx: Tx, row: ExecutionRow, first_id: int, limit: int
) -> list[Event]:
    first = [_started(service, tx, row)] if first_id == _FIRST else []
    limit -= len(first)
    if not limit:
        return first
    rest_from = max(first_id, _FIRST + 1)
    return first + service.executions.histories.events_from(tx, row.id, rest_from, limit)


def _back_from(
    service: StepFunctions, tx: Tx, row: ExecutionRow, last_id: int, limit: int
) -> list[Event]:
    events = service.executions.histories.events_back_from(tx, row.id, last_id, limit)
    reaches_first = not events or events[-1]["id"] == _FIRST + 1
    if reaches_first and len(events) < limit:
        events.append(_started(service, tx, row))
    return events


def _started(service: StepFunctions, tx: Tx, row: ExecutionRow) -> Event:
    """The first event, which the execution's row tells."""
    details = {
        "input": service.executions.input_of(tx, row.id),
        "inputDetails": WHOLE,
        "roleArn": row.facts["role"],
        "stateMachineVersionArn": row.facts.get("version"),
        "stateMachineAliasArn": row.facts.get("alias"),
    }
    return {
        "timestamp": row.started_at,
        "type": "ExecutionStarted",
        "id": _FIRST,
        "previousEventId": 0,
        "executionStartedEventDetails": {
            name: value for name, value in details.items() if value is not None
        },
    }
