"""Launching: an execution is begun under its name, unless that is taken."""

from __future__ import annotations

from fogline.aws.call import Trace
from fogline.services.stepfunctions.arns import ExecutionArn
from fogline.services.stepfunctions.errors import ExecutionAlreadyExists
from fogline.services.stepfunctions.executions import ExecutionRow
from fogline.services.stepfunctions.lookup import execution_lock, is_forgotten
from fogline.services.stepfunctions.machines import RunnableMachine
from fogline.services.stepfunctions.service import StepFunctions
from fogline.services.stepfunctions.start_requests import StartRequest
from fogline.services.stepfunctions.starting import start_express, start_standard
from fogline.store.store import Tx


def launch(
    service: StepFunctions,
    tx: Tx,
    runnable: RunnableMachine,
    asked: StartRequest,
    trace: Trace,
    now: int,
    *,
    is_named: bool,
    trace_header: str = "",
) -> tuple[str, int]:
    """Start an execution in the caller's transaction; its ARN and when it started.

    `is_named`: somebody chose the name, so it may be taken. Raises ExecutionAlreadyExists.
    """
    if asked.mock_case:
        service.mocks.require_case(runnable.name, asked.mock_case)
    if runnable.type == "EXPRESS":
        facts = start_express(
            service.executions,
            service.ids,
            tx,
            runnable,
            asked.name,
            asked.input_text,
            trace,
            now,
            asked.mock_case,
        )
        return facts.arn, now
    if is_named:
        running = _find_same(service, tx, runnable, asked, now)
        if running is not None:
            return running
    facts = start_standard(
        service.engine,
        service.executions,
        service.limits,
        service.ids,
        tx,
        runnable,
        asked.name,
        asked.input_text,
        trace,
        now,
        asked.mock_case,
        trace_header,
    )
    return facts.arn, now


def _find_same(
    service: StepFunctions, tx: Tx, runnable: RunnableMachine, asked: StartRequest, now: int
) -> tuple[str, int] | None:
    """The execution that runs under that name with that input, or None where the name is free.

    Names stay taken as long as the execution can be seen. Raises ExecutionAlreadyExists.
    """
    *_, region, account, _, machine = runnable.arn.split(":")
    arn = ExecutionArn(account, region, machine, asked.name)
    tx.lock(execution_lock(arn))
    row = service.executions.find(tx, account, region, machine, asked.name)
    if row is None:
        return None
    if is_forgotten(row, now, service.limits):
        service.executions.remove(tx, row.id)
        return None
    if row.status != "RUNNING" or not _is_same(service, tx, row, asked):
        raise ExecutionAlreadyExists(arn=arn)
    return str(arn), row.started_at


def _is_same(service: StepFunctions, tx: Tx, row: ExecutionRow, asked: StartRequest) -> bool:
    return service.executions.input_of(tx, row.id) == asked.input_text
