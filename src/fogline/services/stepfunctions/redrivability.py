"""Whether an execution can be redriven, and if not, why. Texts as AWS documents them."""

from __future__ import annotations

from fogline.services.stepfunctions.arns import find_machine_arn
from fogline.services.stepfunctions.engine.execution import Status
from fogline.services.stepfunctions.executions import ExecutionRow
from fogline.services.stepfunctions.service import StepFunctions
from fogline.store.store import Tx
from fogline.world.clock import SECOND

REDRIVABLE = frozenset((Status.FAILED, Status.TIMED_OUT, Status.ABORTED))


def obstacle(service: StepFunctions, tx: Tx, row: ExecutionRow, now: int) -> str:
    """Why the execution cannot be redriven; "" when it can."""
    limits = service.limits
    if row.status not in REDRIVABLE or row.stopped_at is None:
        return f"Execution is {row.status} and cannot be redriven"
    if row.stopped_at < now - limits.redrivable_ms:
        return "Execution redrivable period exceeded"
    if row.started_at < now - limits.standard_seconds_max * SECOND:
        return "Execution has exceeded the max execution time"
    if service.executions.histories.last_event_id(tx, row.id) >= limits.history_events_max - 1:
        return "Execution history event limit exceeded"
    machine = find_machine_arn(row.facts["machine"])
    if machine is not None and service.machines.find(tx, machine) is None:
        return "State machine is in DELETING status"
    return ""
