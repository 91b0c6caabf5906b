"""Map runs: described, listed and changed while they run. Distributed Maps begin them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.services.stepfunctions.arns import read_map_run_arn
from fogline.services.stepfunctions.errors import ResourceNotFound
from fogline.services.stepfunctions.lookup import require_execution
from fogline.services.stepfunctions.map_runs import tables
from fogline.services.stepfunctions.map_runs.map_run import MapRun, Phase, Status, Tally
from fogline.services.stepfunctions.map_runs.runs import TOPIC
from fogline.services.stepfunctions.pages import page_size, place_within, token_within
from fogline.services.stepfunctions.service import StepFunctions
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_stepfunctions import type_defs as types

Result = Mapping[str, Any]


def describe_map_run(
    service: StepFunctions, call: Call, request: types.DescribeMapRunInputTypeDef
) -> Result:
    with service.store.read() as tx:
        run = _require(tx, call, request["mapRunArn"])
    settings = run.settings
    shown = {
        "mapRunArn": run.arn,
        "executionArn": run.facts["execution_arn"],
        "status": run.status,
        "startDate": run.started_at,
        "stopDate": run.stopped_at,
        "maxConcurrency": settings.max_concurrency,
        "toleratedFailurePercentage": settings.tolerated_percentage,
        "toleratedFailureCount": settings.tolerated_count,
        "itemCounts": _counts(run.items, run.redrives),
        "executionCounts": _counts(run.executions, run.redrives),
        "redriveCount": run.redrives or None,
        "redriveDate": run.redriven_at,
    }
    return {name: value for name, value in shown.items() if value is not None}


def list_map_runs(
    service: StepFunctions, call: Call, request: types.ListMapRunsInputTypeDef
) -> Result:
    arn = request["executionArn"]
    limit = page_size(request, service.limits)
    after = _place(place_within(arn, request.get("nextToken")))
    with service.store.read() as tx:
        row = require_execution(service, tx, call, arn)
        found = tables.page(tx, row.id, after=after, limit=limit + 1)
    page = found[:limit]
    more = {}
    if len(found) > limit:
        more = {"nextToken": token_within(arn, f"{page[-1].started_at} {page[-1].arn}")}
    return {"mapRuns": [_listed(run) for run in page], **more}


def update_map_run(
    service: StepFunctions, call: Call, request: types.UpdateMapRunInputTypeDef
) -> Result:
    """Changes how many children run at once, or how many may fail, from now on. One that has ended stays as it was."""
    with service.store.write() as tx:
        run = _require(tx, call, request["mapRunArn"])
        held = tables.hold(tx, run.arn)
        if held is not None and held.status == Status.RUNNING:
            settings = held.settings
            settings.max_concurrency = request.get("maxConcurrency", settings.max_concurrency)
            settings.tolerated_count = request.get(
                "toleratedFailureCount", settings.tolerated_count
            )
            settings.tolerated_percentage = request.get(
                "toleratedFailurePercentage", settings.tolerated_percentage
            )
            if held.phase == Phase.RUNNING:
                held.due_at = call.now
            tables.save_settings(tx, held)
            tx.stir(TOPIC)
    return {}


def _require(tx: Tx, call: Call, text: str) -> MapRun:
    """The map run of that ARN. Raises InvalidArn, ResourceNotFound."""
    arn = read_map_run_arn(text)
    is_near = (arn.account, arn.region) == (call.account, call.region)
    run = tables.find(tx, text) if is_near else None
    if run is None:
        raise ResourceNotFound(f"Resource not found: '{text}'", resource=text)
    return run


def _counts(tally: Tally, redrives: int) -> dict[str, int]:
    """`pendingRedrive` is told only of what was ever redriven (recorded: test_list_map_runs_and_describe_map_run)."""
    counts = {
        "pending": tally.pending,
        "running": tally.running,
        "succeeded": tally.succeeded,
        "failed": tally.failed,
        "timedOut": tally.timed_out,
        "aborted": tally.aborted,
        "total": tally.total,
        "resultsWritten": tally.written,
    }
    return {**counts, "pendingRedrive": tally.redriving} if redrives else counts


def _listed(run: MapRun) -> dict[str, Any]:
    shown = {
        "executionArn": run.facts["execution_arn"],
        "mapRunArn": run.arn,
        "stateMachineArn": run.machine_arn,
        "startDate": run.started_at,
        "stopDate": run.stopped_at,
    }
    return {name: value for name, value in shown.items() if value is not None}


def _place(text: str) -> tuple[int, str] | None:
    if not text:
        return None
    started_at, _, arn = text.partition(" ")
    return int(started_at), arn
