"""Tuned integrations that call a service's operation: what each adds to its request and its answer.

https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fogline.aws.call import Call
from fogline.aws.errors import AwsError
from fogline.aws.states.texts import json_text
from fogline.ports.contracts import Contract
from fogline.services.stepfunctions.tasks import metadata
from fogline.services.stepfunctions.tasks.asking import Asking
from fogline.services.stepfunctions.tasks.causes import Names, of_tuned
from fogline.services.stepfunctions.tasks.service_calls import Prepare, ServiceCall
from fogline.services.stepfunctions.tasks.task import Task, TaskFailed

_DYNAMODB = Names("DynamoDB", "AmazonDynamoDBv2", "DynamoDB.AmazonDynamoDBException")
_EVENTS = Names("EventBridge", "AmazonEventBridge", "EventBridge.AmazonEventBridgeException")
_SNS = Names("SNS", "AmazonSNS", "SNS.AmazonSNSException")
_SQS = Names("SQS", "AmazonSQS", "SQS.AmazonSQSException")
_STATES = Names("StepFunctions", "AWSStepFunctions", "StepFunctions.AWSStepFunctionsException")

Describe = Callable[[Mapping[str, Any], str, int], dict[str, Any]]
"""The headers of a service's answer."""


@dataclass(frozen=True, slots=True)
class TunedCall:
    """One of them: the operation it calls, and how."""

    service: str
    operation: str
    names: Names
    describe: Describe | None = None
    check: Callable[[dict[str, Any]], None] | None = None
    prepare: Prepare | None = None


def _check_entries(shown: dict[str, Any]) -> None:
    """One event refused fails the task; the others are sent all the same (recorded: test_put_events_no_source)."""
    if shown.get("FailedEntryCount"):
        raise TaskFailed("EventBridge.FailedEntry", json_text(shown))


def _add_resources(request: dict[str, Any], task: Task) -> None:
    """Every event names the execution that sends it, and its machine, among its resources.

    https://docs.aws.amazon.com/step-functions/latest/dg/connect-eventbridge.html
    """
    # Recorded: test_put_events_no_source.
    own = [machine_arn_of(task.execution_arn), task.execution_arn]
    for entry in request.get("Entries") or ():
        entry["Resources"] = [*(entry.get("Resources") or ()), *own]


def machine_arn_of(execution_arn: str) -> str:
    """The machine of an execution; `express` executions have a further part in their ARNs."""
    parts = execution_arn.split(":")
    return ":".join([*parts[:5], "stateMachine", *parts[6:7]])


TUNED: Mapping[tuple[str, str], TunedCall] = {
    ("dynamodb", "deleteItem"): TunedCall("dynamodb", "DeleteItem", _DYNAMODB, metadata.of_item),
    ("dynamodb", "getItem"): TunedCall("dynamodb", "GetItem", _DYNAMODB, metadata.of_item),
    ("dynamodb", "putItem"): TunedCall("dynamodb", "PutItem", _DYNAMODB, metadata.of_item),
    ("dynamodb", "updateItem"): TunedCall("dynamodb", "UpdateItem", _DYNAMODB, metadata.of_item),
    ("events", "putEvents"): TunedCall(
        "events", "PutEvents", _EVENTS, check=_check_entries, prepare=_add_resources
    ),
    ("sns", "publish"): TunedCall("sns", "Publish", _SNS, metadata.of_publish),
    ("sqs", "sendMessage"): TunedCall("sqs", "SendMessage", _SQS, metadata.of_json),
    ("states", "startExecution"): TunedCall(
        "stepfunctions", "StartExecution", _STATES, metadata.of_json
    ),
}


def tuned_call(asking: Asking, tuned: TunedCall) -> ServiceCall:
    """The integration, ready to be performed."""
    describe, check = tuned.describe, tuned.check

    def finish(shown: dict[str, Any], cause: Call) -> dict[str, Any]:
        if check is not None:
            check(shown)
        if describe is not None:
            return {**shown, **describe(shown, cause.request_id, asking.clock.now())}
        return shown

    def fail(contract: Contract, refused: AwsError, cause: Call) -> TaskFailed:
        return of_tuned(tuned.names, contract, refused, cause.request_id)

    contract = asking.api.contract(tuned.service, tuned.operation)
    return ServiceCall(asking, contract, fail, is_tuned=True, prepare=tuned.prepare, finish=finish)
