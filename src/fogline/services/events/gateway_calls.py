"""Events on their way to APIs of API Gateway: promised with their cause, called later, tried by their rule's policy.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-gateway-target.html
"""

from __future__ import annotations

from fogline.apis.invoking import find_method
from fogline.aws.arn import Arn, find_arn
from fogline.aws.call import root_principal
from fogline.aws.role_sessions import id_of_role, session_of
from fogline.background.outbox import Delivery, DeliveryFailed
from fogline.ports.apis import ApiCall, InvokedApis
from fogline.ports.http import InnerCaller
from fogline.ports.targets import Sending, TargetUnavailable
from fogline.services.events.retrying import Retrying, facts_of, failing
from fogline.services.events.service import Events
from fogline.store.store import Tx

KIND = "events.api_gateway"

_TIMEOUT_SECONDS = 5.0
_TOO_MANY = 429
_SERVICE = "events.amazonaws.com"
_SESSION_NAME_CHARACTERS_MAX = 64
_UNABLE = "Unable to invoke API Gateway endpoint"


class ApiTarget:
    """Answers `ports/targets.py` for the methods of APIs."""

    def __init__(self, events: Events) -> None:
        self._events = events

    def send(self, tx: Tx, arn: Arn, sending: Sending) -> None:
        if find_method(arn) is None:
            raise TargetUnavailable(f"{arn} is not the ARN of a method of an API")
        self._events.outbox.promise(
            tx,
            kind=KIND,
            target=sending.arn,
            account=arn.account,
            region=arn.region,
            payload=sending.payload.encode(),
            trace=sending.trace,
            now=sending.now,
            facts={**facts_of(sending), "role": sending.facts.get("RoleArn", "")},
        )

    def exists(self, tx: Tx, arn: Arn) -> bool:
        """True for what has the form: whether there is such an API is seen when it is called, as on AWS."""
        return find_method(arn) is not None


class ApiCaller(Retrying):
    """Performs the calls (answers `background/outbox.py`)."""

    def __init__(self, events: Events, apis: InvokedApis) -> None:
        super().__init__(events)
        self._apis = apis

    async def perform(self, delivery: Delivery) -> None:
        facts = delivery.facts
        call = ApiCall(
            delivery.target,
            delivery.payload,
            facts["http"],
            _caller(delivery),
            facts["rule"],
            delivery.trace,
            _TIMEOUT_SECONDS,
        )
        with failing(_UNABLE):
            answer = await self._apis.call(call)
        if not 200 <= answer.status < 300:
            raise DeliveryFailed(
                f"{_UNABLE}: The request failed with status code {answer.status}",
                code="SDK_CLIENT_ERROR" if answer.status < 500 else "ERROR_FROM_TARGET",
                is_lasting=answer.status < 500 and answer.status != _TOO_MANY,
            )

    def succeed(self, tx: Tx, delivery: Delivery, result: None, now: int) -> None:
        """Nothing follows."""


def _caller(delivery: Delivery) -> InnerCaller:
    """The target's role, or EventBridge itself for the rule."""
    role_arn, rule = delivery.facts["role"], delivery.facts["rule"]
    role = find_arn(role_arn)
    if role is not None and role.service == "iam" and role.account:
        session = rule.rpartition("/")[2][:_SESSION_NAME_CHARACTERS_MAX]
        return InnerCaller(session_of(role_arn, id_of_role(role_arn), session))
    account = (find_arn(rule) or Arn("", "", "", delivery.account, "")).account
    return InnerCaller(root_principal(account), _SERVICE, rule)
