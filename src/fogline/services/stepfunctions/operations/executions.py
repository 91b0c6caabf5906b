"""What can be asked of executions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.call import Call
from fogline.services.stepfunctions.engine.keeping import execution_arn
from fogline.services.stepfunctions.errors import StateMachineDoesNotExist
from fogline.services.stepfunctions.service import StepFunctions
from fogline.services.stepfunctions.starting import start_standard


def start_execution(
    sfn: StepFunctions, call: Call, request: Mapping[str, Any]
) -> Mapping[str, Any]:
    """https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html"""
    name = request.get("name") or sfn.ids.uuid()
    with sfn.store.write() as tx:
        runnable = sfn.machines.find_runnable(tx, request["stateMachineArn"], sfn.ids.fraction())
        if runnable is None:
            raise StateMachineDoesNotExist(arn=request["stateMachineArn"])
        facts = start_standard(
            sfn.engine,
            sfn.executions,
            sfn.limits,
            sfn.ids,
            tx,
            runnable,
            name,
            request.get("input", "{}"),
            call.trace,
            call.now,
        )
    return {"executionArn": facts.arn, "startDate": call.now}


def describe_execution(
    sfn: StepFunctions, call: Call, request: Mapping[str, Any]
) -> Mapping[str, Any]:
    """https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html"""
    with sfn.store.read() as tx:
        row = sfn.engine.find(tx, request["executionArn"])
        assert row is not None
        output = sfn.executions.output_of(tx, row.id)
        shown = {
            "executionArn": execution_arn(row),
            "stateMachineArn": row.facts["machine"],
            "name": row.name,
            "status": row.status,
            "startDate": row.started_at,
            "stopDate": row.stopped_at,
            "input": sfn.executions.input_of(tx, row.id),
            "output": output,
            "error": row.error,
            "cause": row.cause,
        }
        return {name: value for name, value in shown.items() if value is not None}


def get_execution_history(
    sfn: StepFunctions, call: Call, request: Mapping[str, Any]
) -> Mapping[str, Any]:
    """https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html"""
    with sfn.store.read() as tx:
        row = sfn.engine.find(tx, request["executionArn"])
        assert row is not None
        return {"events": sfn.executions.events_from(tx, row.id, 2, 1_000)}
