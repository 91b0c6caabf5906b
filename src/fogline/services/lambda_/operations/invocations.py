"""Invoking functions: at once, later, or not at all."""

from __future__ import annotations

import base64
import binascii
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.ports.functions import Invocation, Outcome
from fogline.services.lambda_ import invoking, streaming
from fogline.services.lambda_.asynchronous import promise
from fogline.services.lambda_.errors import (
    InvalidRequestContentException,
    NotBuilt,
    RequestTooLargeException,
)
from fogline.services.lambda_.lookup import Runnable, find_runnable, reference_of
from fogline.services.lambda_.service import Lambda
from fogline.services.lambda_.tenancy import check_tenant

if TYPE_CHECKING:
    from types_boto3_lambda import type_defs as types

Result = Mapping[str, Any]


async def invoke(lambda_: Lambda, call: Call, request: types.InvocationRequestTypeDef) -> Result:
    """Run a function and answer what it answered (`RequestResponse`), or only promise it (`Event`)."""
    given: Mapping[str, Any] = request
    if given.get("DurableExecutionName"):
        raise NotBuilt(what="Invoke with DurableExecutionName")
    kind = given.get("InvocationType") or "RequestResponse"
    payload = _payload(lambda_, given.get("Payload") or b"", kind == "Event")
    runnable = await _find(lambda_, call, given)
    if kind == "DryRun":
        return {"StatusCode": 204}
    context = _client_context(given.get("ClientContext"))
    if kind == "Event":
        await invoking.transact(
            lambda_,
            lambda tx: promise(
                lambda_,
                tx,
                runnable.reference,
                payload,
                call.trace,
                call.now,
                request_id=call.request_id,
                client_context=context,
                tenant_id=given.get("TenantId") or "",
            ),
        )
        return {"StatusCode": 202, "Payload": b""}
    outcome = await _run(lambda_, call, given, runnable, payload, context)
    result: dict[str, Any] = {
        "StatusCode": 200,
        "ExecutedVersion": runnable.version,
        "Payload": outcome.payload,
    }
    if outcome.function_error:
        result["FunctionError"] = outcome.function_error
    if given.get("LogType") == "Tail":
        result["LogResult"] = invoking.log_tail(outcome, lambda_.limits.log_tail_bytes_max)
    return result


async def _find(lambda_: Lambda, call: Call, request: Mapping[str, Any]) -> Runnable:
    reference = reference_of(call, request)
    chance = lambda_.ids.fraction() if reference.qualifier else None
    runnable = await invoking.look(
        lambda_, lambda tx: find_runnable(lambda_, tx, reference, chance)
    )
    check_tenant(runnable.config, request.get("TenantId") or "")
    return runnable


async def _run(
    lambda_: Lambda,
    call: Call,
    request: Mapping[str, Any],
    runnable: Runnable,
    payload: bytes,
    context: str,
) -> Outcome:
    invocation = _invocation(lambda_, call, request, runnable, payload, context)
    outcome = await invoking.run(lambda_, runnable, invocation)
    await invoking.transact(lambda_, lambda tx: invoking.keep(lambda_, tx, runnable, outcome))
    invoking.record(lambda_, runnable, invocation, outcome)
    return outcome


def _invocation(
    lambda_: Lambda,
    call: Call,
    request: Mapping[str, Any],
    runnable: Runnable,
    payload: bytes,
    context: str,
) -> Invocation:
    return Invocation(
        request_id=call.request_id,
        payload=payload,
        trace=invoking.child_of(lambda_, call.trace),
        invoked_arn=runnable.invoked_arn,
        client_context=context,
        tenant_id=request.get("TenantId") or "",
    )


def _payload(lambda_: Lambda, payload: bytes, is_event: bool) -> bytes:
    limits = lambda_.limits
    limit = limits.async_payload_bytes_max if is_event else limits.sync_payload_bytes_max
    if len(payload) > limit:
        if is_event:
            raise RequestTooLargeException(
                f"{len(payload)} byte payload is too large for the Event invocation type "
                f"(limit {limit} bytes)"
            )
        raise RequestTooLargeException(max=limit, operation="InvokeFunction")
    return invoking.check_payload(payload)


def _client_context(encoded: str | None) -> str:
    if not encoded:
        return ""
    try:
        text = base64.b64decode(encoded, validate=True).decode()
        invoking.check_payload(text.encode())
    except (binascii.Error, UnicodeDecodeError, InvalidRequestContentException):
        raise InvalidRequestContentException(
            "Client context must be a valid Base64-encoded JSON object."
        ) from None
    return text


async def invoke_async(
    lambda_: Lambda, call: Call, request: types.InvokeAsyncRequestTypeDef
) -> Result:
    """The older way to invoke without waiting."""
    given: Mapping[str, Any] = request
    arguments = given.get("InvokeArgs") or b""
    if not isinstance(arguments, bytes):
        arguments = arguments.read()
    payload = _payload(lambda_, arguments, is_event=True)
    runnable = await _find(lambda_, call, given)
    await invoking.transact(
        lambda_,
        lambda tx: promise(
            lambda_,
            tx,
            runnable.reference,
            payload,
            call.trace,
            call.now,
            request_id=call.request_id,
        ),
    )
    return {"Status": 202}


async def invoke_with_response_stream(
    lambda_: Lambda, call: Call, request: types.InvokeWithResponseStreamRequestTypeDef
) -> Result:
    """Run a function and answer as an event stream: each piece as it comes, and the end."""
    given: Mapping[str, Any] = request
    if (given.get("InvocationType") or "RequestResponse") == "DryRun":
        await _find(lambda_, call, given)
        return {"StatusCode": 204}
    payload = _payload(lambda_, given.get("Payload") or b"", is_event=False)
    runnable = await _find(lambda_, call, given)
    context = _client_context(given.get("ClientContext"))
    invocation = _invocation(lambda_, call, given, runnable, payload, context)
    run = await streaming.run(lambda_, runnable, invocation)
    has_log = given.get("LogType") == "Tail"
    content_type = run.content_type or "application/octet-stream"

    async def events() -> AsyncIterator[Mapping[str, Any]]:
        if isinstance(run, Outcome):
            outcome = run
            if not outcome.function_error:
                yield {"PayloadChunk": {"Payload": outcome.payload}}
        else:
            async with aclosing(run.pieces) as pieces:
                async for piece in pieces:
                    yield {"PayloadChunk": {"Payload": piece}}
            outcome = await run.outcome
        complete: dict[str, Any] = {}
        if outcome.function_error:
            complete["ErrorCode"] = outcome.function_error
            complete["ErrorDetails"] = outcome.payload.decode(errors="replace")
        if has_log:
            complete["LogResult"] = invoking.log_tail(outcome, lambda_.limits.log_tail_bytes_max)
        yield {"InvokeComplete": complete}

    return {
        "StatusCode": 200,
        "ExecutedVersion": runnable.version,
        "ResponseStreamContentType": content_type,
        "EventStream": events(),
    }
