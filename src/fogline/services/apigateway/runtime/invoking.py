"""Invoking functions for integrations and authorizers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from fogline.aws.arn import find_arn
from fogline.aws.call import Call, Principal
from fogline.aws.errors import AwsError
from fogline.services.apigateway.runtime.exchange import Exchange
from fogline.services.apigateway.runtime.faults import (
    INTEGRATION_TIMEOUT,
    INTERNAL,
    Fault,
    misconfigured,
)
from fogline.services.apigateway.runtime.standing import Runtime


@dataclass(frozen=True, slots=True)
class Invoked:
    payload: bytes
    has_failed: bool
    version: str


def cause_of(runtime: Runtime, exchange: Exchange, credentials: str = "", region: str = "") -> Call:
    """The call as which an exchange asks others: as its credentials' role, or as its account."""
    account = exchange.site.account
    principal = Principal(account, f"arn:aws:iam::{account}:root", account)
    if credentials.startswith("arn:"):
        role = find_arn(credentials)
        if role is not None and role.account.isdigit():
            account = role.account
            name = role.resource.rpartition("/")[2]
            session = "BackplaneAssumeRoleSession"
            principal = Principal(
                account,
                f"arn:aws:sts::{account}:assumed-role/{name}/{session}",
                f"AROA{name}:{session}",
            )
    return Call(
        "apigateway",
        "",
        account,
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
    arn = find_arn(function)
    region = arn.region if arn is not None else ""
    account = arn.account if arn is not None and arn.account.isdigit() else ""
    cause = cause_of(runtime, exchange, credentials, region)
    if account and not credentials:
        cause = cause._replace(account=account)
    request: Mapping[str, object] = {
        "FunctionName": function,
        "InvocationType": "Event" if is_event else "RequestResponse",
        "Payload": payload,
    }
    try:
        async with asyncio.timeout(timeout_seconds):
            result = await runtime.api.call_waiting("lambda", "Invoke", request, cause)
    except TimeoutError:
        raise Fault(
            INTEGRATION_TIMEOUT,
            "Execution failed due to a timeout error",
        ) from None
    except AwsError as refused:
        if refused.status == 429:
            raise Fault(
                INTERNAL, f"Lambda invocation failed with status: 429. {refused.text}"
            ) from None
        raise misconfigured(f"Lambda invocation failed: {refused.code}: {refused.text}") from None
    return Invoked(
        result.get("Payload") or b"",
        bool(result.get("FunctionError")),
        result.get("ExecutedVersion") or "$LATEST",
    )
