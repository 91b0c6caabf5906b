"""How other services start executions: in their own transaction, without a request."""

from __future__ import annotations

from fogline.aws.arn import Arn
from fogline.aws.errors import AwsError
from fogline.ports.targets import Sending, TargetUnavailable
from fogline.services.stepfunctions.launching import launch
from fogline.services.stepfunctions.machines import RunnableMachine
from fogline.services.stepfunctions.service import StepFunctions
from fogline.services.stepfunctions.start_requests import StartRequest, check_input
from fogline.store.store import Tx


class StateMachineTarget:
    """Answers `ports/targets.py` for state machines, their versions and aliases: what is sent is the input."""

    def __init__(self, service: StepFunctions) -> None:
        self._service = service

    def send(self, tx: Tx, arn: Arn, sending: Sending) -> None:
        service = self._service
        runnable = self._find(tx, arn)
        if runnable is None:
            raise TargetUnavailable(f"The state machine {arn} does not exist")
        try:
            text = check_input(sending.payload, service.limits)
        except AwsError as refused:
            raise TargetUnavailable(
                f"The state machine {arn} refused: {refused.text}", code="INVALID_PARAMETER"
            ) from refused
        # Two ids, as in the names that EventBridge gives.
        name = f"{service.ids.uuid()}_{service.ids.uuid()}"
        asked = StartRequest(str(arn), "", name, text)
        launch(service, tx, runnable, asked, sending.trace, sending.now, is_named=False)

    def exists(self, tx: Tx, arn: Arn) -> bool:
        return self._find(tx, arn) is not None

    def _find(self, tx: Tx, arn: Arn) -> RunnableMachine | None:
        chance = self._service.ids.fraction()
        return self._service.machines.find_runnable(tx, str(arn), chance)
