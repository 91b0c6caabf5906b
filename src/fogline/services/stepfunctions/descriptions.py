"""Executions as clients are shown them, one alone and in lists."""

from __future__ import annotations

from typing import Any

from fogline.services.stepfunctions.engine.keeping import execution_arn
from fogline.services.stepfunctions.executions import ExecutionRow
from fogline.services.stepfunctions.redrivability import obstacle
from fogline.services.stepfunctions.service import StepFunctions
from fogline.store.store import Tx


def described(
    service: StepFunctions, tx: Tx, row: ExecutionRow, now: int, *, is_whole: bool
) -> dict[str, Any]:
    """What DescribeExecution answers. Not `is_whole`: without input, output, and what is told of a failure."""
    shown = {**listed(row), **_redriving(service, tx, row, now)}
    details = {"included": is_whole}
    shown["inputDetails"] = details
    has_output = row.status == "SUCCEEDED"
    if is_whole:
        shown["input"] = service.executions.input_of(tx, row.id)
        if has_output:
            shown["output"] = service.executions.output_of(tx, row.id)
        shown["error"], shown["cause"] = row.error, row.cause
    if has_output:
        shown["outputDetails"] = details
    shown["traceHeader"] = row.facts.get("trace_header")
    shown["mapRunArn"] = row.map_run or None
    return {name: value for name, value in shown.items() if value is not None}


def _redriving(
    service: StepFunctions, tx: Tx, row: ExecutionRow, now: int
) -> dict[str, str | None]:
    reason = obstacle(service, tx, row, now)
    if reason:
        return {"redriveStatus": "NOT_REDRIVABLE", "redriveStatusReason": reason}
    return {"redriveStatus": "REDRIVABLE_BY_MAP_RUN" if row.map_run else "REDRIVABLE"}


def listed(row: ExecutionRow, *, of_map_run: bool = False) -> dict[str, Any]:
    """What ListExecutions answers of each. How many items it has is told of a map run's children alone."""
    facts = row.facts
    shown = {
        "executionArn": execution_arn(row),
        "stateMachineArn": facts["machine"],
        "name": row.name,
        "status": row.status,
        "startDate": row.started_at,
        "stopDate": row.stopped_at,
        "stateMachineVersionArn": facts.get("version"),
        "stateMachineAliasArn": facts.get("alias"),
        "redriveCount": row.redrives,
        "redriveDate": facts.get("redriven_at"),
    }
    if of_map_run:
        shown |= {"mapRunArn": row.map_run, "itemCount": facts.get("items")}
    return {name: value for name, value in shown.items() if value is not None}
