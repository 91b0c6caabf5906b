"""What an ARN of a request names, or the refusal that AWS answers when it names nothing."""

from __future__ import annotations

from fogline.aws.call import Call
from fogline.aws.errors import ValidationException
from fogline.services.stepfunctions.arns import MachineArn, read_execution_arn, read_machine_arn
from fogline.services.stepfunctions.errors import (
    ExecutionDoesNotExist,
    StateMachineDoesNotExist,
)
from fogline.services.stepfunctions.executions import ExecutionRow
from fogline.services.stepfunctions.limits import Limits
from fogline.services.stepfunctions.service import StepFunctions
from fogline.store.documents import Document
from fogline.store.store import Tx


def is_within_reach(call: Call, arn: MachineArn) -> bool:
    """Nobody sees the machines of another account, nor through an endpoint those of another region."""
    return (arn.account, arn.region) == (call.account, call.region)


def read_unqualified_arn(text: str) -> MachineArn:
    """The ARN of a machine itself. Raises InvalidArn, ValidationException."""
    arn = read_machine_arn(text)
    if arn.qualifier:
        raise ValidationException(
            f"The ARN of a state machine without a version or an alias is required. Received: {text}"
        )
    return arn


def require_machine(service: StepFunctions, tx: Tx, call: Call, arn: MachineArn) -> Document:
    """The machine of that ARN, whatever qualifies it. Raises StateMachineDoesNotExist."""
    machine = service.machines.find(tx, arn) if is_within_reach(call, arn) else None
    if machine is None:
        raise StateMachineDoesNotExist(arn=arn)
    return machine


def require_execution(service: StepFunctions, tx: Tx, call: Call, text: str) -> ExecutionRow:
    """The Standard execution of that ARN, until it is forgotten. Raises InvalidArn, ExecutionDoesNotExist."""
    arn = read_execution_arn(text)
    row = None
    if (arn.account, arn.region) == (call.account, call.region):
        row = service.executions.find(tx, arn.account, arn.region, arn.machine, arn.name)
    if row is None or is_forgotten(row, call.now, service.limits):
        raise ExecutionDoesNotExist(arn=text)
    return row


def execution_lock(arn: object) -> str:
    """Held by whoever begins an execution under a name, or begins it anew."""
    return f"stepfunctions-execution:{arn}"


def is_forgotten(row: ExecutionRow, now: int, limits: Limits) -> bool:
    """True when it ended so long ago that nobody may see it any more."""
    return row.stopped_at is not None and row.stopped_at < now - limits.retained_ms
