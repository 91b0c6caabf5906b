"""Redriving: an execution that did not succeed goes on from the states in which it stood.

What succeeded is not done again, and states that are tried anew have all their retries again.
https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
"""

from __future__ import annotations

from fogline.services.stepfunctions.engine.execution import ROOT, Branch, Phase, Run


def resume(run: Run, now: int) -> None:
    """Let every branch go on that had not ended."""
    event = run.journal.add(
        now,
        "ExecutionRedriven",
        run.journal.next_id - 1,
        "executionRedrivenEventDetails",
        {"redriveCount": run.facts.redrive_count},
    )
    _resume(run, run.require_branch(ROOT), event, now)


def _resume(run: Run, branch: Branch, event: int, now: int) -> None:
    run.touched.add(branch.id)
    branch.last_id = event
    branch.retries = {}
    inside = run.children_of(branch.id) if branch.phase is Phase.JOINING else []
    unfinished = [child for child in inside if child.phase is not Phase.ENDED]
    if unfinished:
        for child in unfinished:
            _resume(run, child, event, now)
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
