"""Express executions that are waited for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.call import Call
from fogline.services.stepfunctions.arns import read_machine_arn
from fogline.services.stepfunctions.engine.compiled import compile_machine
from fogline.services.stepfunctions.engine.execution import Run
from fogline.services.stepfunctions.errors import (
    StateMachineDoesNotExist,
    StateMachineTypeNotSupported,
)
from fogline.services.stepfunctions.lookup import is_within_reach
from fogline.services.stepfunctions.machines import RunnableMachine
from fogline.services.stepfunctions.service import StepFunctions
from fogline.services.stepfunctions.start_requests import StartRequest, read_start
from fogline.services.stepfunctions.starting import make_facts
from fogline.store.store import Tx

_BILLED_MS = 100
_BILLED_MEMORY_MB = 64


async def start_sync_execution(
    service: StepFunctions, call: Call, request: Mapping[str, Any]
) -> Mapping[str, Any]:
    """https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartSyncExecution.html"""
    asked = read_start(service.ids, service.limits, request)

    def find(tx: Tx) -> RunnableMachine:
        return _require_express(service, tx, call, asked)

    if service.store.is_shared:
        runnable = await service.store.transact(find)
    else:
        with service.store.read() as tx:
            runnable = find(tx)
    facts = make_facts(service.ids, "", runnable, asked.name, call.now, call.trace, asked.mock_case)
    machine = compile_machine(runnable.definition)
    run = await service.express.perform(facts, machine, asked.input_text)
    answer = _described(
        run, asked.input_text, is_whole=request.get("includedData") != "METADATA_ONLY"
    )
    if "traceHeader" in request:
        answer["traceHeader"] = request["traceHeader"]
    return answer


def _require_express(
    service: StepFunctions, tx: Tx, call: Call, asked: StartRequest
) -> RunnableMachine:
    arn = read_machine_arn(asked.machine_arn)
    runnable = None
    if is_within_reach(call, arn):
        runnable = service.machines.find_runnable(tx, asked.machine_arn, service.ids.fraction())
    if runnable is None:
        raise StateMachineDoesNotExist(arn=asked.machine_arn)
    if runnable.type != "EXPRESS":
        raise StateMachineTypeNotSupported
    if asked.mock_case:
        service.mocks.require_case(runnable.name, asked.mock_case)
    return runnable


def _described(run: Run, input_text: str, *, is_whole: bool) -> dict[str, Any]:
    facts, ended_at = run.facts, run.ended_at
    assert ended_at is not None, "it has ended"
    included = {"included": is_whole}
    answer: dict[str, Any] = {
        "executionArn": facts.arn,
        "stateMachineArn": facts.machine_arn,
        "name": facts.name,
        "startDate": facts.started_at,
        "stopDate": ended_at,
        "status": run.status,
        "inputDetails": included,
        "outputDetails": included,
        "billingDetails": _billed(ended_at - facts.started_at),
    }
    if is_whole:
        answer["input"] = input_text
        if run.output_text is not None:
            answer["output"] = run.output_text
    if run.error is not None:
        answer["error"] = run.error
    if run.cause is not None:
        answer["cause"] = run.cause
    return answer


def _billed(milliseconds: int) -> dict[str, int]:
    """Each begun tenth of a second, and at least one. How much memory AWS would count is not known here."""
    tenths = max(-(-milliseconds // _BILLED_MS), 1)
    return {
        "billedDurationInMilliseconds": tenths * _BILLED_MS,
        "billedMemoryUsedInMB": _BILLED_MEMORY_MB,
    }
