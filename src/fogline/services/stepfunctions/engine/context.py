"""The context object: what an execution may know about itself.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
"""

from __future__ import annotations

from typing import Any

from fogline.aws.dates import iso_milliseconds
from fogline.services.stepfunctions.engine.compiled import CompiledState
from fogline.services.stepfunctions.engine.execution import Branch, Run
from fogline.services.stepfunctions.engine.view import View
from fogline.world.ids import Ids

_RETRIED = frozenset({"Task", "Parallel", "Map"})


def context_of(run: Run, branch: Branch, state: CompiledState, token: str = "") -> dict[str, Any]:
    """The context object in a state. `token` is there in tasks that wait for one."""
    facts = run.facts
    if facts.whole_context is not None:
        return dict(facts.whole_context)
    execution: dict[str, Any] = {
        "Id": facts.arn,
        "Input": run.input,
        "StartTime": iso_milliseconds(facts.started_at),
        "Name": facts.name,
        "RoleArn": facts.role_arn,
    }
    if not facts.is_express:  # recorded: test_query_runtime_memory
        execution["RedriveCount"] = facts.redrive_count
    if facts.redriven_at is not None:
        execution["RedriveTime"] = iso_milliseconds(facts.redriven_at)
    own: dict[str, Any] = {"Name": state.name, "EnteredTime": iso_milliseconds(branch.entered_at)}
    if state.type in _RETRIED:
        own["RetryCount"] = branch.retry_count
    context: dict[str, Any] = {
        "Execution": execution,
        "StateMachine": {"Id": facts.machine_arn, "Name": facts.machine_name},
        "State": own,
    }
    if token:
        context["Task"] = {"Token": token}
    return {**context, **facts.context}


def view_of(
    run: Run, branch: Branch, state: CompiledState, ids: Ids, now: int, token: str = ""
) -> View:
    """What the expressions of the state can see."""
    context = context_of(run, branch, state, token) if state.uses_context else {}
    return View(branch.input, context, variables_of(run, branch), ids, now)


def variables_of(run: Run, branch: Branch) -> dict[str, Any]:
    """The variables that a branch sees: those of the branches around it, and its own."""
    if branch.parent is None:
        return branch.variables
    around = variables_of(run, run.require_branch(branch.parent))
    return {**around, **branch.variables} if around else branch.variables
