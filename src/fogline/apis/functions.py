"""Functions that APIs run: as integrations, and as authorizers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from fogline.aws.arn import find_arn
from fogline.aws.call import Call, Principal
from fogline.ports.api import Api

_SESSION = "BackplaneAssumeRoleSession"


@dataclass(frozen=True, slots=True)
class Invoked:
    """What came of an invocation."""

    payload: bytes
    has_failed: bool
    version: str


class FunctionTimedOut(Exception):
    """The function did not answer in the time that its API gives it."""


def principal_of(account: str, credentials: str = "") -> Principal:
    """Who asks for an API of that account: the role that its integration names, or the account itself."""
    role = find_arn(credentials) if credentials.startswith("arn:") else None
    if role is None or not role.account.isdigit():
        return Principal(account, f"arn:aws:iam::{account}:root", account)
    name = role.resource.rpartition("/")[2]
    return Principal(
        role.account,
        f"arn:aws:sts::{role.account}:assumed-role/{name}/{_SESSION}",
        f"AROA{name}:{_SESSION}",
    )


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
    arn = find_arn(function)
    if arn is not None:
        account = arn.account if arn.account.isdigit() and not has_credentials else cause.account
        cause = cause._replace(account=account, region=arn.region or cause.region)
    request: Mapping[str, object] = {
        "FunctionName": function,
        "InvocationType": "Event" if is_event else "RequestResponse",
        "Payload": payload,
    }
    try:
        async with asyncio.timeout(timeout_seconds):
            result = await api.call_waiting("lambda", "Invoke", request, cause)
    except TimeoutError:
        raise FunctionTimedOut("Execution failed due to a timeout error") from None
    return Invoked(
        result.get("Payload") or b"",
        bool(result.get("FunctionError")),
        result.get("ExecutedVersion") or "$LATEST",
    )
