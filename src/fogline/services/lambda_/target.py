"""How other services send to a function: a promised invocation, in their own transaction."""

from __future__ import annotations

from fogline.aws.arn import Arn
from fogline.aws.errors import AwsError
from fogline.ports.targets import Sending, TargetUnavailable
from fogline.services.lambda_.asynchronous import promise
from fogline.services.lambda_.lookup import find_runnable
from fogline.services.lambda_.names import Reference, read_reference
from fogline.services.lambda_.service import Lambda
from fogline.store.store import Tx


class FunctionTarget:
    """Answers `ports/targets.py` for functions, versions and aliases."""

    def __init__(self, lambda_: Lambda) -> None:
        self._lambda = lambda_

    def send(self, tx: Tx, arn: Arn, sending: Sending) -> None:
        reference = self._find(tx, arn)
        if reference is None:
            raise TargetUnavailable(f"The function {arn} does not exist")
        payload = sending.payload.encode()
        if len(payload) > self._lambda.limits.async_payload_bytes_max:
            raise TargetUnavailable(f"The event is too large for the function {arn}")
        promise(self._lambda, tx, reference, payload, sending.trace, sending.now)

    def exists(self, tx: Tx, arn: Arn) -> bool:
        return self._find(tx, arn) is not None

    def _find(self, tx: Tx, arn: Arn) -> Reference | None:
        try:
            reference = read_reference(arn.account, arn.region, str(arn))
            find_runnable(self._lambda, tx, reference)
        except AwsError:
            return None
        return reference
