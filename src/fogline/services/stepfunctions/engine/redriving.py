"""Redriving: an execution that did not succeed goes on from the states in which it stood.

What succeeded is not done again, and states that are tried anew have all their retries again.
https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
"""

from __future__ import annotations

from collections.abc import Mapping

from fogline.services.stepfunctions.engine.execution import (
    ROOT,
    Branch,
    Phase,
    Run,
    TaskInHand,
)
from fogline.services.stepfunctions.engine.map_states import RedrivenMapRun


def resume(run: Run, now: int, map_runs: Mapping[int, RedrivenMapRun]) -> None:
    """Let every branch go on that had not ended. `map_runs` go on, too, for the branches that wait for them."""
    event = run.journal.add(
        now,
        "ExecutionRedriven",
        run.journal.next_id - 1,
        "executionRedrivenEventDetails",
        {"redriveCount": run.facts.redrive_count},
    )
    _resume(run, run.require_branch(ROOT), event, now, map_runs)


def _resume(
    run: Run, branch: Branch, event: int, now: int, map_runs: Mapping[int, RedrivenMapRun]
) -> None:
    run.touched.add(branch.id)
    branch.last_id = event
    branch.retries = {}
    inside = run.children_of(branch.id) if branch.phase is Phase.JOINING else []
    unfinished = [child for child in inside if child.phase is not Phase.ENDED]
    if unfinished:
        for child in unfinished:
            _resume(run, child, event, now, map_runs)
        return
    if branch.phase is Phase.WORKING and branch.id in map_runs:
        _resume_map_run(run, branch, now, map_runs[branch.id])
        return
    # Nothing inside could go on: what failed was the joining, or the beginning of what comes next.
    for child in inside:
        run.remove(child)
    branch.fan_out = None
    if branch.phase is not Phase.ENTERING:
        branch.phase = Phase.ATTEMPTING
    branch.due_at = now
    branch.is_body_changed = True
    run.queue.append(branch.id)


def _resume_map_run(run: Run, branch: Branch, now: int, map_run: RedrivenMapRun) -> None:
    branch.last_id = run.journal.add(
        now,
        "MapRunRedriven",
        branch.last_id,
        "mapRunRedrivenEventDetails",
        {"mapRunArn": map_run.arn, "redriveCount": map_run.redrives},
    )
    branch.task = TaskInHand(map_run.attempt, None, None, None, awaits=map_run.arn)
    branch.due_at = None
    branch.is_body_changed = True
