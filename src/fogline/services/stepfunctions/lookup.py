"""What an ARN of a request names, or the refusal that AWS answers when it names nothing."""

from __future__ import annotations

from fogline.aws.call import Call
from fogline.aws.errors import ValidationException
from fogline.services.stepfunctions.arns import MachineArn, read_machine_arn
from fogline.services.stepfunctions.errors import StateMachineDoesNotExist
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
