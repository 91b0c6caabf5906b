"""Calls that an exchange causes: of functions, and of other services."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from fogline.apis.causes import cause_of
from fogline.apis.functions import FunctionTimedOut, Invoked
from fogline.apis.functions import invoke as invoke_function
from fogline.apis.functions import stream as stream_function
from fogline.aws.errors import AwsError
from fogline.services.apigateway.runtime.exchange import Exchange
from fogline.services.apigateway.runtime.faults import (
    INTEGRATION_TIMEOUT,
    INTERNAL,
    Fault,
    misconfigured,
)
from fogline.services.apigateway.runtime.standing import Runtime

SERVICE = "apigateway"
"""In whose name others are asked."""


async def invoke(
    runtime: Runtime,
    exchange: Exchange,
    function: str,
    payload: bytes,
    *,
    timeout_seconds: float,
    credentials: str = "",
    is_event: bool = False,
) -> Invoked:
    """Run a function, or only promise it. Raises Fault."""
    try:
        return await invoke_function(
            runtime.api,
            cause_of(SERVICE, runtime, exchange, credentials),
            function,
            payload,
            timeout_seconds=timeout_seconds,
            has_credentials=bool(credentials),
            is_event=is_event,
        )
    except (FunctionTimedOut, AwsError) as failed:
        raise _fault_of(failed) from None


async def stream(
    runtime: Runtime,
    exchange: Exchange,
    function: str,
    payload: bytes,
    *,
    timeout_seconds: float,
    credentials: str = "",
) -> AsyncGenerator[bytes, None]:
    """Run a function whose answer comes in pieces; these raise as those of `apis.functions`. Raises Fault."""
    try:
        return await stream_function(
            runtime.api,
            cause_of(SERVICE, runtime, exchange, credentials),
            function,
            payload,
            timeout_seconds=timeout_seconds,
            has_credentials=bool(credentials),
        )
    except (FunctionTimedOut, AwsError) as failed:
        raise _fault_of(failed) from None


def _fault_of(failed: FunctionTimedOut | AwsError) -> Fault:
    if isinstance(failed, FunctionTimedOut):
        return Fault(INTEGRATION_TIMEOUT, str(failed))
    if failed.status == 429:
        return Fault(INTERNAL, f"Lambda invocation failed with status: 429. {failed.text}")
    return misconfigured(f"Lambda invocation failed: {failed.code}: {failed.text}")
