"""Asynchronous invocations: promised in the cause's transaction, run later, tried again, and ended somewhere.

A delivery is one attempt. What follows an attempt (another one, a destination, the dead letters)
is written in the transaction that ends it, together with the function's log.
Rules: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from fogline.aws.call import Trace
from fogline.aws.dates import iso_milliseconds
from fogline.aws.errors import AwsError
from fogline.background.outbox import Delivery, DeliveryFailed
from fogline.ports.functions import Invocation, Outcome
from fogline.ports.metrics import Measure, Source
from fogline.ports.targets import Sending, TargetUnavailable
from fogline.services.lambda_ import invoking, metrics
from fogline.services.lambda_.errors import (
    ResourceNotFoundException,
    TooManyRequestsException,
)
from fogline.services.lambda_.lookup import Runnable, find_runnable
from fogline.services.lambda_.names import LATEST, Reference, qualified
from fogline.services.lambda_.service import Lambda
from fogline.services.lambda_.tables import qualified_key
from fogline.store.store import Tx

log = logging.getLogger("fogline.lambda")

KIND = "lambda.invocation"

_ERROR_CHARACTERS_MAX = 1_024


def promise(
    lambda_: Lambda,
    tx: Tx,
    reference: Reference,
    payload: bytes,
    trace: Trace,
    now: int,
    *,
    request_id: str = "",
    client_context: str = "",
    tenant_id: str = "",
) -> None:
    """Promise an invocation: it happens once `tx` has committed, at least once."""
    request_id = request_id or lambda_.ids.uuid()
    lambda_.outbox.promise(
        tx,
        kind=KIND,
        target=reference.arn,
        account=reference.account,
        region=reference.region,
        payload=payload,
        trace=trace,
        now=now,
        id=request_id,
        facts={
            "name": reference.name,
            "qualifier": reference.qualifier,
            "context": client_context,
            "tenant": tenant_id,
            "accepted_at": now,
            "errors": 0,
        },
    )
    lambda_.metrics.add(metrics.sources_of(reference).everything, metrics.EVENT_RECEIVED, now)


@dataclass(frozen=True, slots=True)
class Attempt:
    """How an attempt ended: an outcome, a throttle (neither), or no function any more."""

    runnable: Runnable | None = None
    invocation: Invocation | None = None
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """The function's event invoke configuration, complete."""

    retries: int
    age_seconds_max: int
    on_success: str = ""
    on_failure: str = ""


class Invoker:
    """Performs deliveries of asynchronous invocations (answers `background/outbox.py`)."""

    def __init__(self, lambda_: Lambda) -> None:
        self._lambda = lambda_

    async def perform(self, delivery: Delivery) -> Attempt:
        lambda_ = self._lambda
        reference = _reference(delivery)
        chance = lambda_.ids.fraction() if reference.qualifier else None
        try:
            runnable, policy = await invoking.look(
                lambda_,
                lambda tx: (
                    find_runnable(lambda_, tx, reference, chance),
                    policy_of(lambda_, tx, reference),
                ),
            )
        except ResourceNotFoundException:
            return Attempt()
        invocation = Invocation(
            request_id=delivery.id,
            payload=delivery.payload,
            trace=invoking.child_of(lambda_, delivery.trace),
            invoked_arn=runnable.invoked_arn,
            client_context=delivery.facts["context"],
            tenant_id=delivery.facts.get("tenant", ""),
        )
        now = lambda_.clock.now()
        age = now - delivery.facts["accepted_at"]
        if age > policy.age_seconds_max * 1000:
            return Attempt(runnable)
        lambda_.metrics.add(_sources(runnable), metrics.event_age(age), now)
        try:
            outcome = await invoking.run(lambda_, runnable, invocation)
        except TooManyRequestsException:
            return Attempt(runnable)
        except AwsError as failure:
            raise DeliveryFailed(failure.text) from failure
        invoking.record(lambda_, runnable, invocation, outcome)
        return Attempt(runnable, invocation, outcome)

    def succeed(self, tx: Tx, delivery: Delivery, result: Attempt, now: int) -> None:
        """What follows an attempt."""
        runnable, outcome = result.runnable, result.outcome
        if runnable is None:
            return
        policy = policy_of(self._lambda, tx, runnable.reference)
        expires_at = delivery.facts["accepted_at"] + policy.age_seconds_max * 1000
        if outcome is None:
            self._after_throttle(tx, delivery, runnable, policy, expires_at, now)
            return
        invoking.keep(self._lambda, tx, runnable, outcome)
        if not outcome.function_error:
            self._send_record(tx, delivery, runnable, policy.on_success, "Success", outcome, now)
            return
        errors = delivery.facts["errors"] + 1
        if errors > policy.retries:
            self._end(tx, delivery, runnable, policy, "RetriesExhausted", outcome, now)
            return
        steps = self._lambda.limits.retry_ms
        due_at = now + steps[min(errors, len(steps)) - 1]
        if due_at > expires_at:
            self._end(tx, delivery, runnable, policy, "EventAgeExceeded", outcome, now)
            return
        self._lambda.outbox.promise_again(tx, delivery, {"errors": errors}, now, due_at)

    def _after_throttle(
        self,
        tx: Tx,
        delivery: Delivery,
        runnable: Runnable,
        policy: Policy,
        expires_at: int,
        now: int,
    ) -> None:
        """Back off longer the older it is: from a second to five minutes."""
        limits = self._lambda.limits
        age = now - delivery.facts["accepted_at"]
        wait = min(max(age, limits.throttle_retry_ms_min), limits.throttle_retry_ms_max)
        if now >= expires_at:
            self._end(tx, delivery, runnable, policy, "EventAgeExceeded", None, now)
        else:
            due_at = min(now + wait, expires_at + 1)
            self._lambda.outbox.promise_again(tx, delivery, {}, now, due_at)

    def retry_at(self, delivery: Delivery, failure: DeliveryFailed, now: int) -> int | None:
        """When the machine could not run it: for as long as AWS keeps an event."""
        if now - delivery.facts["accepted_at"] > self._lambda.limits.event_age_seconds_max * 1000:
            return None
        return now + self._lambda.limits.retry_ms[0]

    def give_up(self, tx: Tx, delivery: Delivery, failure: DeliveryFailed, now: int) -> None:
        reference = _reference(delivery)
        try:
            runnable = find_runnable(self._lambda, tx, reference)
        except ResourceNotFoundException:
            return
        policy = policy_of(self._lambda, tx, reference)
        self._end(tx, delivery, runnable, policy, "EventAgeExceeded", None, now)

    # ---- where an event ends

    def _end(
        self,
        tx: Tx,
        delivery: Delivery,
        runnable: Runnable,
        policy: Policy,
        condition: str,
        outcome: Outcome | None,
        now: int,
    ) -> None:
        self._lambda.metrics.add(_sources(runnable), metrics.EVENT_DROPPED, now)
        self._send_record(tx, delivery, runnable, policy.on_failure, condition, outcome, now)
        dead_letters = runnable.config.get("DeadLetterConfig", {}).get("TargetArn")
        if dead_letters:
            error = _error_message(outcome) if outcome else condition
            self._send(
                tx,
                runnable,
                metrics.DEAD_LETTER_FAILED,
                Sending(
                    arn=dead_letters,
                    payload=delivery.payload.decode(errors="replace"),
                    trace=delivery.trace,
                    now=now,
                    attributes={
                        "RequestID": {"DataType": "String", "StringValue": delivery.id},
                        "ErrorCode": {
                            "DataType": "Number",
                            "StringValue": "200" if outcome else "429",
                        },
                        "ErrorMessage": {"DataType": "String", "StringValue": error},
                    },
                ),
            )

    def _send_record(
        self,
        tx: Tx,
        delivery: Delivery,
        runnable: Runnable,
        destination: str,
        condition: str,
        outcome: Outcome | None,
        now: int,
    ) -> None:
        """Send AWS's record of an invocation to a destination, where one is set."""
        if not destination:
            return
        arn = qualified(runnable.reference.function_arn, runnable.reference.qualifier or LATEST)
        attempts = delivery.facts["errors"] + (1 if outcome else 0)
        body: dict[str, Any] = {
            "version": "1.0",
            "timestamp": iso_milliseconds(now),
            "requestContext": {
                "requestId": delivery.id,
                "functionArn": arn,
                "condition": condition,
                "approximateInvokeCount": attempts,
            },
            "requestPayload": _json(delivery.payload),
        }
        if outcome is not None:
            context: dict[str, Any] = {"statusCode": 200, "executedVersion": runnable.version}
            if outcome.function_error:
                context["functionError"] = outcome.function_error
            body["responseContext"] = context
            body["responsePayload"] = _json(outcome.payload)
        result = "Success" if condition == "Success" else "Failure"
        self._send(
            tx,
            runnable,
            metrics.DESTINATION_FAILED,
            Sending(
                arn=destination,
                payload=orjson.dumps(body).decode(),
                trace=delivery.trace,
                now=now,
                facts={
                    "DetailType": f"Lambda Function Invocation Result - {result}",
                    "Source": "lambda",
                    "Resources": [destination, arn],
                },
            ),
        )

    def _send(
        self, tx: Tx, runnable: Runnable, failure: Sequence[Measure], sending: Sending
    ) -> None:
        try:
            self._lambda.targets.send(tx, sending)
        except TargetUnavailable as gone:
            self._lambda.metrics.add(_sources(runnable), failure, sending.now)
            log.warning("What a function left could not be sent: %s", gone)


def policy_of(lambda_: Lambda, tx: Tx, reference: Reference) -> Policy:
    """How events for that function and qualifier are treated."""
    limits = lambda_.limits
    config: Mapping[str, Any] = (
        lambda_.tables.invoke_configs.find(
            tx, reference.account, reference.region, qualified_key(reference)
        )
        or {}
    )
    destinations = config.get("DestinationConfig", {})
    return Policy(
        config.get("MaximumRetryAttempts", limits.retries_max),
        config.get("MaximumEventAgeInSeconds", limits.event_age_seconds_max),
        destinations.get("OnSuccess", {}).get("Destination", ""),
        destinations.get("OnFailure", {}).get("Destination", ""),
    )


def _reference(delivery: Delivery) -> Reference:
    facts = delivery.facts
    return Reference(delivery.account, delivery.region, facts["name"], facts["qualifier"])


def _sources(runnable: Runnable) -> Sequence[Source]:
    return metrics.sources_of(runnable.reference).everything


def _json(payload: bytes) -> Any:
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        return payload.decode(errors="replace")


def _error_message(outcome: Outcome) -> str:
    error = _json(outcome.payload)
    message = error.get("errorMessage") if isinstance(error, dict) else None
    text = message if isinstance(message, str) else outcome.payload.decode(errors="replace")
    return text[:_ERROR_CHARACTERS_MAX] or "error"
