"""Asking others on behalf of an exchange: as whom, and what becomes of it when they fail."""

from __future__ import annotations

from fogline.apis.causes import cause_of
from fogline.apis.functions import FunctionTimedOut, Invoked, invoke
from fogline.apis.integration_addresses import function_of
from fogline.aws.arn import find_arn
from fogline.aws.errors import AwsError
from fogline.services.apigatewayv2.http.exchange import Exchange
from fogline.services.apigatewayv2.http.refusals import (
    INTERNAL,
    TOO_LARGE,
    UNAVAILABLE,
    Kind,
    Refused,
)
from fogline.services.apigatewayv2.runtime import Runtime

SERVICE = "apigatewayv2"
"""In whose name others are asked."""
_KINDS = {413: TOO_LARGE, 429: UNAVAILABLE}
"""By the status of what Lambda refuses: the event is too large, or too much runs already."""


def function_named(uri: str) -> str | None:
    """The function that an integration or an authorizer names, by its ARN; None for anything else."""
    arn = find_arn(uri)
    return uri if arn is not None and arn.service == "lambda" else function_of(uri)


async def run_function(
    runtime: Runtime,
    exchange: Exchange,
    function: str,
    payload: bytes,
    *,
    timeout_seconds: float,
    credentials: str,
) -> Invoked:
    """What the function gave, be it an error of its own. Raises Refused."""
    cause = cause_of(SERVICE, runtime, exchange, credentials)
    try:
        return await invoke(
            runtime.api,
            cause,
            function,
            payload,
            timeout_seconds=timeout_seconds,
            has_credentials=bool(credentials),
        )
    except FunctionTimedOut:
        raise failed(
            exchange, UNAVAILABLE, f"{function} did not answer within {timeout_seconds:g} s"
        ) from None
    except AwsError as refused:
        kind = _KINDS.get(refused.status, INTERNAL)
        reason = f"Lambda does not invoke {function}: {refused.code}: {refused.text}"
        raise failed(exchange, kind, reason) from None


def failed(exchange: Exchange, kind: Kind, reason: str, told: str = "") -> Refused:
    """What an integration that fails leads to; access logs tell of it, too, in the words of `told` if there are any."""
    exchange.facts["integrationErrorMessage"] = told or reason
    return Refused(kind, reason)
