"""Executions: started, stopped, described and listed. Express ones cannot be seen after they were started."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.aws.errors import ValidationException
from fogline.aws.states.machine import variable_references
from fogline.services.stepfunctions.arns import (
    MachineArn,
    read_machine_arn,
    require_states_arn,
)
from fogline.services.stepfunctions.descriptions import described, listed
from fogline.services.stepfunctions.errors import (
    ResourceNotFound,
    StateMachineDoesNotExist,
    StateMachineTypeNotSupported,
)
from fogline.services.stepfunctions.executions import ExecutionFilter, ExecutionRow
from fogline.services.stepfunctions.launching import launch
from fogline.services.stepfunctions.lookup import (
    is_within_reach,
    require_execution,
    require_machine,
)
from fogline.services.stepfunctions.pages import page_size, place_within, token_within
from fogline.services.stepfunctions.service import StepFunctions
from fogline.services.stepfunctions.start_requests import read_start
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_stepfunctions import type_defs as types

Result = Mapping[str, Any]


def start_execution(
    service: StepFunctions, call: Call, request: types.StartExecutionInputTypeDef
) -> Result:
    asked = read_start(service.ids, service.limits, request)
    arn = read_machine_arn(asked.machine_arn)
    with service.store.write() as tx:
        runnable = None
        if is_within_reach(call, arn):
            chance = service.ids.fraction()
            runnable = service.machines.find_runnable(tx, asked.machine_arn, chance)
        if runnable is None:
            raise StateMachineDoesNotExist(arn=asked.machine_arn)
        execution_arn, started_at = launch(
            service,
            tx,
            runnable,
            asked,
            call.trace,
            call.now,
            is_named="name" in request,
            trace_header=request.get("traceHeader", ""),
        )
    return {"executionArn": execution_arn, "startDate": started_at}


def stop_execution(
    service: StepFunctions, call: Call, request: types.StopExecutionInputTypeDef
) -> Result:
    """One that has ended already is answered with its end."""
    with service.store.write() as tx:
        row = require_execution(service, tx, call, request["executionArn"])
        if row.facts.get("is_express"):
            # A child of a map run: it stops as soon as whoever runs it hears of it.
            service.map_runs.children.stop_express(tx, row.id, row.map_run, call.now)
            return {"stopDate": call.now if row.stopped_at is None else row.stopped_at}
        is_stopped = service.engine.stop(
            tx, row.id, request.get("error"), request.get("cause"), call.now
        )
        if not is_stopped:
            row = require_execution(service, tx, call, request["executionArn"])
    return {"stopDate": call.now if is_stopped or row.stopped_at is None else row.stopped_at}


def describe_execution(
    service: StepFunctions, call: Call, request: types.DescribeExecutionInputTypeDef
) -> Result:
    is_whole = request.get("includedData") != "METADATA_ONLY"
    with service.store.read() as tx:
        row = require_execution(service, tx, call, request["executionArn"])
        return described(service, tx, row, call.now, is_whole=is_whole)


def describe_state_machine_for_execution(
    service: StepFunctions,
    call: Call,
    request: types.DescribeStateMachineForExecutionInputTypeDef,
) -> Result:
    """The machine as it was when the execution was started."""
    with service.store.read() as tx:
        row = require_execution(service, tx, call, request["executionArn"])
        facts = row.facts
        definition = service.executions.definitions.text(tx, facts["definition"])
    name, _, label = row.machine.partition("/")
    references = variable_references(definition)
    shown = {
        "stateMachineArn": facts["machine"],
        "name": name,
        "definition": definition,
        "roleArn": facts["role"],
        "updateDate": facts.get("updated_at", row.started_at),
        "loggingConfiguration": facts.get("logging"),
        "tracingConfiguration": {"enabled": facts.get("is_traced", False)},
        "revisionId": facts.get("revision"),
        "mapRunArn": row.map_run or None,
        "label": label or None,
        "variableReferences": references or None,
    }
    return {name: value for name, value in shown.items() if value is not None}


# ---- lists


def list_executions(
    service: StepFunctions, call: Call, request: types.ListExecutionsInputTypeDef
) -> Result:
    limit = page_size(request, service.limits)
    with service.store.read() as tx:
        wanted = _wanted(service, tx, call, request)
        of = f"{wanted.machine} {wanted.version}{wanted.alias}{wanted.map_run}"
        of = f"{of} {wanted.status} {wanted.is_redriven}"
        before = _place(place_within(of, request.get("nextToken")))
        found = service.executions.page(tx, wanted, before=before, limit=limit + 1)
    page = found[:limit]
    more = {"nextToken": token_within(of, _written(page[-1]))} if len(found) > limit else {}
    of_map_run = bool(wanted.map_run)
    return {"executions": [listed(row, of_map_run=of_map_run) for row in page], **more}


def _wanted(
    service: StepFunctions, tx: Tx, call: Call, request: types.ListExecutionsInputTypeDef
) -> ExecutionFilter:
    """Raises InvalidArn, StateMachineDoesNotExist, StateMachineTypeNotSupported, ValidationException."""
    machine, map_run = request.get("stateMachineArn"), request.get("mapRunArn")
    redriven = request.get("redriveFilter")
    if (machine is None) == (map_run is None):
        raise ValidationException("Either a state machine ARN or a map run ARN must be specified.")
    if machine is not None and redriven is not None:
        raise ValidationException("redriveFilter is for the executions of a map run only.")
    since = call.now - service.limits.retained_ms
    status = request.get("statusFilter", "")
    is_redriven = None if redriven is None else redriven == "REDRIVEN"
    if machine is None:
        map_run = _require_map_run(service, tx, call, map_run or "")
        return ExecutionFilter(since, map_run=map_run, status=status, is_redriven=is_redriven)
    arn = read_machine_arn(machine)
    if require_machine(service, tx, call, arn)["type"] == "EXPRESS":
        raise StateMachineTypeNotSupported
    if not arn.qualifier:
        place = (arn.account, arn.region, arn.name)
        return ExecutionFilter(since, machine=place, status=status)
    if not _is_there(service, tx, arn):
        raise StateMachineDoesNotExist(arn=arn)
    if arn.version is not None:
        return ExecutionFilter(since, version=str(arn), status=status)
    return ExecutionFilter(since, alias=str(arn), status=status)


def _require_map_run(service: StepFunctions, tx: Tx, call: Call, text: str) -> str:
    """The ARN of a map run that has children. Raises InvalidArn, ResourceNotFound."""
    arn = require_states_arn(text)
    is_near = (arn.account, arn.region) == (call.account, call.region)
    if not is_near or not service.executions.page(tx, ExecutionFilter(0, map_run=text), limit=1):
        raise ResourceNotFound(f"Resource not found: '{text}'", resource=text)
    return text


def _is_there(service: StepFunctions, tx: Tx, arn: MachineArn) -> bool:
    machines = service.machines
    found = machines.find_alias if arn.version is None else machines.find_version
    return found(tx, arn) is not None


def _written(row: ExecutionRow) -> str:
    return f"{row.started_at}:{row.id}"


def _place(text: str) -> tuple[int, str] | None:
    if not text:
        return None
    started_at, _, id = text.partition(":")
    return int(started_at), id
