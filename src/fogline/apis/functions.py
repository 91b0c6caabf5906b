"""Functions that APIs run: as integrations, and as authorizers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import orjson

from fogline.aws.arn import find_arn
from fogline.aws.call import Call
from fogline.ports.api import Api

_LATE = "Execution failed due to a timeout error"


@dataclass(frozen=True, slots=True)
class Invoked:
    """What came of an invocation."""

    payload: bytes
    has_failed: bool
    version: str


class FunctionBroke(Exception):
    """The function failed while it streamed its answer; `str()` is its error (JSON)."""


class FunctionTimedOut(Exception):
    """The function did not answer in the time that its API gives it."""


async def stream(
    api: Api,
    cause: Call,
    function: str,
    payload: bytes,
    *,
    timeout_seconds: float,
    has_credentials: bool = False,
) -> AsyncGenerator[bytes, None]:
    """Run a function; what it answers comes in pieces, as it writes them. Raises FunctionTimedOut, AwsError.

    The pieces raise FunctionTimedOut and FunctionBroke, too.
    """
    cause = _in_place_of(function, cause, has_credentials=has_credentials)
    deadline = asyncio.get_running_loop().time() + timeout_seconds
    request = {"FunctionName": function, "Payload": payload}
    try:
        async with asyncio.timeout_at(deadline):
            result = await api.call_waiting("lambda", "InvokeWithResponseStream", request, cause)
    except TimeoutError:
        raise FunctionTimedOut(_LATE) from None
    return _pieces(result["EventStream"], deadline)


async def _pieces(
    events: AsyncGenerator[Mapping[str, Any], None], deadline: float
) -> AsyncGenerator[bytes, None]:
    async with aclosing(events):
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    event = await anext(events, None)
            except TimeoutError:
                raise FunctionTimedOut(_LATE) from None
            if event is None:
                return
            if "PayloadChunk" in event:
                yield event["PayloadChunk"]["Payload"]
            elif event.get("InvokeComplete", {}).get("ErrorCode"):
                raise FunctionBroke(event["InvokeComplete"].get("ErrorDetails") or "")


def _in_place_of(function: str, cause: Call, *, has_credentials: bool) -> Call:
    """The call in the account and region that the function's ARN names; with credentials, in its own account."""
    arn = find_arn(function)
    if arn is None:
        return cause
    account = arn.account if arn.account.isdigit() and not has_credentials else cause.account
    return cause._replace(account=account, region=arn.region or cause.region)


async def invoke(
    api: Api,
    cause: Call,
    function: str,
    payload: bytes,
    *,
    timeout_seconds: float,
    has_credentials: bool = False,
    is_event: bool = False,
) -> Invoked:
    """Run a function by its ARN or name, or only promise it. Raises FunctionTimedOut, AwsError.

    It runs in the account and region that its ARN names; with credentials, in the account of `cause`.
    """
    cause = _in_place_of(function, cause, has_credentials=has_credentials)
    request: Mapping[str, object] = {
        "FunctionName": function,
        "InvocationType": "Event" if is_event else "RequestResponse",
        "Payload": payload,
    }
    try:
        async with asyncio.timeout(timeout_seconds):
            result = await api.call_waiting("lambda", "Invoke", request, cause)
    except TimeoutError:
        raise FunctionTimedOut(_LATE) from None
    return Invoked(
        result.get("Payload") or b"",
        bool(result.get("FunctionError")),
        result.get("ExecutedVersion") or "$LATEST",
    )


def error_message(payload: bytes) -> str:
    """What a function that failed says."""
    try:
        error: Any = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return "Unknown"
    message = error.get("errorMessage") if isinstance(error, dict) else None
    return message if isinstance(message, str) and message else "Unknown"
