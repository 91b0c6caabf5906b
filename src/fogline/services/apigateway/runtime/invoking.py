"""Calls that an exchange causes: of functions, and of other services."""

from __future__ import annotations

from fogline.apis.functions import FunctionTimedOut, Invoked, principal_of
from fogline.apis.functions import invoke as invoke_function
from fogline.aws.call import Call
from fogline.aws.errors import AwsError
from fogline.services.apigateway.runtime.exchange import Exchange
from fogline.services.apigateway.runtime.faults import (
    INTEGRATION_TIMEOUT,
    INTERNAL,
    Fault,
    misconfigured,
)
from fogline.services.apigateway.runtime.standing import Runtime


def cause_of(runtime: Runtime, exchange: Exchange, credentials: str = "", region: str = "") -> Call:
    """The call as which an exchange asks others: as its credentials' role, or as its account."""
    principal = principal_of(exchange.site.account, credentials)
    return Call(
        "apigateway",
        "",
        principal.account,
        region or exchange.site.region,
        principal,
        exchange.request_id,
        exchange.now,
        exchange.trace,
        runtime.endpoint(),
        asked_at=exchange.now,
    )


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
            cause_of(runtime, exchange, credentials),
            function,
            payload,
            timeout_seconds=timeout_seconds,
            has_credentials=bool(credentials),
            is_event=is_event,
        )
    except FunctionTimedOut as late:
        raise Fault(INTEGRATION_TIMEOUT, str(late)) from None
    except AwsError as refused:
        if refused.status == 429:
            raise Fault(
                INTERNAL, f"Lambda invocation failed with status: 429. {refused.text}"
            ) from None
        raise misconfigured(f"Lambda invocation failed: {refused.code}: {refused.text}") from None
