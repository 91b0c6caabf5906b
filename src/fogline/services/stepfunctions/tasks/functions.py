"""Functions: asked by their own ARN, or through `lambda:invoke`, which tells more of the answer.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

import orjson

from fogline.aws.call import Call
from fogline.aws.errors import AwsError
from fogline.aws.states.texts import json_text
from fogline.services.stepfunctions.tasks import causes, metadata
from fogline.services.stepfunctions.tasks.asking import Asking
from fogline.services.stepfunctions.tasks.parameters import Parameters
from fogline.services.stepfunctions.tasks.task import Task, TaskFailed

_UNKNOWN = "Lambda.Unknown"
_NO_ERROR_TYPE = (
    "The cause could not be determined because Lambda did not return an error type. "
    "Returned payload: {payload}"
)
_NAMES = causes.Names("Lambda", "Lambda", "Lambda.AWSLambdaException")


class Function:
    """A function by its ARN: its event is the task's input, and its answer the result."""

    is_immediate = False

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    def problems(self, given: Any) -> list[str]:
        return []

    def perform(self, task: Task) -> NoReturn:
        raise AssertionError("a function is somebody's code: it is waited for")

    async def perform_waiting(self, task: Task) -> Any:
        asking, arn = self._asking, task.resource.arn
        request = {"FunctionName": arn, "Payload": payload_of(task.input)}
        answer = await invoke(asking, task, request, asking.cause(task))
        payload: bytes = answer["Payload"]
        if answer.get("FunctionError"):
            # AWS hands the payload on as the runtime wrote it (recorded: test_raise_exception_catch).
            raise failure_of(payload, payload.decode(errors="replace"))
        if len(payload) > asking.result_bytes_max:
            raise asking.too_large(arn)
        return result_of(payload)


class Invoke:
    """`lambda:invoke`."""

    is_immediate = False

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        contract = asking.api.contract("lambda", "Invoke")
        self._parameters = Parameters(contract, apart=frozenset({"Payload"}))

    def problems(self, given: Any) -> list[str]:
        return self._parameters.problems(given)

    def perform(self, task: Task) -> NoReturn:
        raise AssertionError("a function is somebody's code: it is waited for")

    async def perform_waiting(self, task: Task) -> Any:
        asking = self._asking
        request = self._parameters.read(task.input)
        payload = task.input.get("Payload")
        if payload is not None:
            request["Payload"] = payload_of_parameter(payload)
        cause = asking.cause(task)
        answer = await invoke(asking, task, request, cause)
        result: bytes = answer.get("Payload") or b""
        if answer.get("FunctionError"):
            raise failure_of(result, _compact(result))
        if len(result) > asking.result_bytes_max:
            raise asking.too_large("lambda")
        shown = {
            name: answer[name] for name in ("ExecutedVersion", "LogResult") if answer.get(name)
        }
        shown["Payload"] = result_of(result)
        shown |= metadata.of_function(
            task, cause.request_id, answer, len(result), asking.clock.now()
        )
        shown["StatusCode"] = answer["StatusCode"]
        return shown


async def invoke(
    asking: Asking, task: Task, request: Mapping[str, Any], cause: Call
) -> Mapping[str, Any]:
    """What Lambda answers. Raises TaskFailed where it refuses."""
    try:
        return await asking.api.call_waiting("lambda", "Invoke", request, cause)
    except AwsError as refused:
        contract = asking.api.contract("lambda", "Invoke")
        raise causes.of_sdk(_NAMES, contract, refused, cause.request_id) from refused


def payload_of(value: Any) -> bytes:
    """A value as the event of a function."""
    try:
        return orjson.dumps(value)
    except TypeError:  # deeper than it writes, or a larger number
        return json_text(value).encode()


def payload_of_parameter(value: Any) -> bytes:
    """The event that a `Payload` names: text that is JSON already goes as it is.

    Recorded: test_cross_account_service_lambda_invoke.
    """
    if isinstance(value, str):
        encoded = value.encode("utf-8", "surrogatepass")
        try:
            orjson.loads(encoded)
        except orjson.JSONDecodeError:
            return payload_of(value)
        return encoded
    return payload_of(value)


def result_of(payload: bytes) -> Any:
    """What a function answered: JSON where it is JSON, else its text."""
    if not payload:
        return ""
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        return payload.decode(errors="replace")


def failure_of(payload: bytes, cause: str) -> TaskFailed:
    """A function's own error."""
    error = result_of(payload)
    kind = error.get("errorType") if isinstance(error, dict) else None
    if not isinstance(kind, str) or not kind:
        return TaskFailed(_UNKNOWN, _NO_ERROR_TYPE.format(payload=payload.decode(errors="replace")))
    return TaskFailed(kind, cause)


def _compact(payload: bytes) -> str:
    """The payload as this integration writes it: JSON without spaces (recorded: test_raise_custom_exception)."""
    value = result_of(payload)
    return value if isinstance(value, str) else json_text(value)
