"""How other services send to a function: a promised invocation, in their own transaction."""

from __future__ import annotations

from fogline.aws.arn import Arn
from fogline.aws.errors import AwsError
from fogline.ports.targets import Sending, TargetUnavailable
from fogline.services.lambda_.asynchronous import promise
from fogline.services.lambda_.lookup import Runnable, find_runnable
from fogline.services.lambda_.names import read_reference
from fogline.services.lambda_.service import Lambda
from fogline.services.lambda_.tenancy import is_isolated
from fogline.store.store import Tx


class FunctionTarget:
    """Answers `ports/targets.py` for functions, versions and aliases."""

    def __init__(self, lambda_: Lambda) -> None:
        self._lambda = lambda_

    def send(self, tx: Tx, arn: Arn, sending: Sending) -> None:
        runnable = self._find(tx, arn)
        if runnable is None:
            raise TargetUnavailable(f"The function {arn} does not exist")
        if is_isolated(runnable.config):
            raise TargetUnavailable(f"The function {arn} needs a tenant ID with every event")
        payload = sending.payload.encode()
        if len(payload) > self._lambda.limits.async_payload_bytes_max:
            raise TargetUnavailable(f"The event is too large for the function {arn}")
        promise(self._lambda, tx, runnable.reference, payload, sending.trace, sending.now)

    def exists(self, tx: Tx, arn: Arn) -> bool:
        return self._find(tx, arn) is not None

    def _find(self, tx: Tx, arn: Arn) -> Runnable | None:
        try:
            reference = read_reference(arn.account, arn.region, str(arn))
            return find_runnable(self._lambda, tx, reference)
        except AwsError:
            return None
