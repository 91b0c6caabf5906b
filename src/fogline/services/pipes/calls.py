"""Calls that wait for somebody's code: functions, workflows and HTTP endpoints, for enrichments and targets alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from fogline.aws.arn import find_arn
from fogline.aws.call import Call, Trace, call_of_account, root_trace
from fogline.aws.errors import AwsError
from fogline.aws.role_sessions import id_of_role, session_of
from fogline.background.outgoing import OutgoingFailed
from fogline.ports.api_destinations import CallRefused
from fogline.ports.apis import ApiCall
from fogline.ports.http import InnerCaller
from fogline.services.pipes.pipe import Pipe
from fogline.services.pipes.service import Pipes
from fogline.services.pipes.stage import StageFailed

_THROTTLES = ("TooManyRequestsException", "ThrottlingException")
_BODY_CHARACTERS_MAX = 1_000
_API_TIMEOUT_SECONDS = 29.0
"""What an API takes at most, unless its account has more."""
_SERVICES = {
    "events": "EventBridge",
    "events/api-destination": "ApiDestination",
    "execute-api": "ApiGateway",
    "firehose": "Firehose",
    "kinesis": "Kinesis",
    "lambda": "Lambda",
    "logs": "Logs",
    "sns": "Sns",
    "sqs": "Sqs",
    "states": "States",
}


def failure_text(stage: str, kind: str, reason: str) -> str:
    """In AWS's words: https://github.com/terraform-aws-modules/terraform-aws-eventbridge/pull/134"""
    return f"{stage} invocation failed with error from {_SERVICES.get(kind, kind)}. {reason}"


def trace_of(pipes: Pipes, cause: Trace | None, now: int) -> Trace:
    """The execution's place in the chain that its batch belongs to."""
    if cause is None:
        return root_trace(pipes.ids.hex(24), pipes.ids.hex(16), now)
    return Trace(cause.trace_id, pipes.ids.hex(16), cause.id)


def cause_of(pipes: Pipes, pipe: Pipe, arn_text: str, trace: Trace) -> Call:
    """The call on whose behalf a resource is asked: the pipe's account, where the resource is."""
    arn = find_arn(arn_text)
    region = arn.region if arn is not None and arn.region else pipe.region
    now, endpoint = pipes.clock.now(), pipes.endpoint()
    return call_of_account(pipe.account, region, pipes.ids.uuid(), now, trace, endpoint)


async def invoke_function(
    pipes: Pipes, pipe: Pipe, arn: str, payload: str, trace: Trace, stage: str
) -> bytes:
    """What the function answers. Raises StageFailed."""
    request = {"FunctionName": arn, "Payload": payload.encode()}
    answer = await _ask(pipes, pipe, ("lambda", "Invoke"), request, arn, trace, stage)
    result: bytes = answer["Payload"]
    if answer.get("FunctionError"):
        raise StageFailed(failure_text(stage, "lambda", result.decode(errors="replace")))
    return result


async def run_workflow(
    pipes: Pipes, pipe: Pipe, arn: str, payload: str, trace: Trace, stage: str
) -> bytes:
    """The output of an Express workflow that is waited for. Raises StageFailed."""
    if not pipes.api.has("stepfunctions", "StartSyncExecution"):
        raise StageFailed("Fogline does not implement stepfunctions StartSyncExecution yet.")
    request = {"stateMachineArn": arn, "input": payload}
    operation = ("stepfunctions", "StartSyncExecution")
    answer = await _ask(pipes, pipe, operation, request, arn, trace, stage)
    if answer["status"] != "SUCCEEDED":
        reason = f"{answer['status']}: {answer.get('error', '')} {answer.get('cause', '')}"
        raise StageFailed(failure_text(stage, "states", reason))
    return str(answer.get("output") or "").encode()


async def _ask(
    pipes: Pipes,
    pipe: Pipe,
    operation: tuple[str, str],
    request: Mapping[str, Any],
    arn: str,
    trace: Trace,
    stage: str,
) -> Mapping[str, Any]:
    try:
        cause = cause_of(pipes, pipe, arn, trace)
        return await pipes.api.call_waiting(*operation, request, cause)
    except AwsError as refused:
        kind = "lambda" if operation[0] == "lambda" else "states"
        raise StageFailed(
            failure_text(stage, kind, refused.text), is_throttled=refused.code in _THROTTLES
        ) from refused


async def call_endpoint(
    pipes: Pipes,
    pipe: Pipe,
    arn: str,
    payload: str,
    http_parameters: Mapping[str, Any],
    trace: Trace,
    stage: str,
) -> bytes:
    """What an API destination or an API answers. Raises StageFailed, also for answers that say so."""
    kind = "execute-api" if ":execute-api:" in arn else "events/api-destination"
    body = payload.encode()
    try:
        if kind == "execute-api":
            answer = await pipes.apis.call(_api_call(pipe, arn, body, http_parameters, trace))
        else:
            destinations = pipes.api_destinations()
            if destinations is None:
                raise StageFailed("Fogline does not implement API destinations yet.")
            answer = await destinations.call(arn, body, http_parameters, trace)
    except CallRefused as refused:
        raise StageFailed(
            failure_text(stage, kind, str(refused)), is_throttled=refused.retry_at is not None
        ) from refused
    except OutgoingFailed as failed:
        raise StageFailed(failure_text(stage, kind, str(failed))) from failed
    if not 200 <= answer.status < 300:
        said = answer.body.decode(errors="replace")[:_BODY_CHARACTERS_MAX]
        raise StageFailed(
            failure_text(stage, kind, f"HTTP status {answer.status}: {said}"),
            is_throttled=answer.status == 429,
        )
    return answer.body


def _api_call(
    pipe: Pipe, arn: str, body: bytes, http_parameters: Mapping[str, Any], trace: Trace
) -> ApiCall:
    """A call of an API by the pipe's role."""
    session = session_of(pipe.role, id_of_role(pipe.role), pipe.name)
    caller = InnerCaller(session)
    return ApiCall(arn, body, http_parameters, caller, pipe.arn, trace, _API_TIMEOUT_SECONDS)


def read_answer(answer: bytes) -> Any:
    """An answer as JSON where it is JSON, else its text; None for an empty one."""
    if not answer.strip():
        return None
    try:
        return orjson.loads(answer)
    except orjson.JSONDecodeError:
        return answer.decode(errors="replace")
