"""How an execution that was started to be waited for is told to the task that started it.

`.sync` shows input and output as texts, `.sync:2` as JSON (recorded: test_start_execution_sync2).
"""

from __future__ import annotations

from typing import Any

from fogline.aws.states.machine.resources import Pattern
from fogline.services.stepfunctions.engine.compiled import CompiledState
from fogline.services.stepfunctions.engine.execution import Run
from fogline.services.stepfunctions.engine.payloads import read_payload
from fogline.services.stepfunctions.engine.task_states import resource_of

_INCLUDED = {"Included": True}


def is_parsed(state: CompiledState) -> bool:
    """True where the task is shown JSON instead of texts."""
    return resource_of(state).pattern is Pattern.SYNC_2


def described_end(run: Run, input_text: str, *, parsed: bool) -> dict[str, Any]:
    """What DescribeExecution says of an execution that has ended."""
    facts = run.facts
    shown: dict[str, Any] = {}
    if run.cause is not None:
        shown["Cause"] = run.cause
    if run.error is not None:
        shown["Error"] = run.error
    shown["ExecutionArn"] = facts.arn
    shown["Input"] = read_payload(input_text) if parsed else input_text
    shown["InputDetails"] = _INCLUDED
    shown["Name"] = facts.name
    if run.output_text is not None:
        shown["Output"] = read_payload(run.output_text) if parsed else run.output_text
        shown["OutputDetails"] = _INCLUDED
    shown["StartDate"] = facts.started_at
    shown["StateMachineArn"] = facts.machine_arn
    shown["Status"] = run.status
    shown["StopDate"] = run.ended_at
    return shown
