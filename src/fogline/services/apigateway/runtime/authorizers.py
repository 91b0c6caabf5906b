"""Authorizers: who may call a method, by a function, a user pool's token, or a signature.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from fogline.apis.access_policies import Decision, InvalidPolicy, decide
from fogline.apis.authorizer_answers import read_answer
from fogline.apis.fields import last_values
from fogline.apis.integration_addresses import function_of
from fogline.apis.regexes import fits
from fogline.apis.stage_variables import with_stage_variables
from fogline.services.apigateway.runtime.exchange import Exchange
from fogline.services.apigateway.runtime.faults import (
    ACCESS_DENIED,
    AUTHORIZER_CONFIGURATION_ERROR,
    AUTHORIZER_FAILURE,
    UNAUTHORIZED,
    Fault,
)
from fogline.services.apigateway.runtime.invoking import invoke
from fogline.services.apigateway.runtime.lambda_proxy import proxy_event
from fogline.services.apigateway.runtime.mappings import source
from fogline.services.apigateway.runtime.resource_policies import condition_keys, method_arn
from fogline.services.apigateway.runtime.standing import Runtime

_TIMEOUT_SECONDS = 30.0
_TTL_SECONDS = 300

Document = Mapping[str, Any]


async def authorize(
    runtime: Runtime, exchange: Exchange, authorizer: Document, *, is_allowed: bool = False
) -> None:
    """Ask a function whether the caller may go on. Raises Fault.

    `is_allowed` says that the API's resource policy allows it already: then a policy that says nothing will do.
    """
    identity = identity_of(exchange, authorizer)
    ttl = authorizer.get("authorizerResultTtlInSeconds")
    seconds = _TTL_SECONDS if ttl is None else ttl
    site = exchange.site
    key = (site.account, site.api.id, site.api.deployment_id, site.stage_name, authorizer["id"])
    is_kept = seconds > 0 and bool(identity)
    answer = None
    if is_kept:
        flushed_at = site.stage.get("authorizersFlushedAt", 0)
        answer = runtime.authorizers.find((key, identity), exchange.now, flushed_at)
    if answer is None:
        answer = await ask(runtime, exchange, authorizer, identity)
        if is_kept:
            until = exchange.now + seconds * 1000
            runtime.authorizers.keep((key, identity), answer, exchange.now, until)
    admit(exchange, answer, is_allowed=is_allowed)


def identity_of(exchange: Exchange, authorizer: Document) -> tuple[str, ...]:
    """The values of the identity sources. Raises Fault where one is missing."""
    values = []
    for expression in (authorizer.get("identitySource") or "").split(","):
        expression = expression.strip()
        if not expression:
            continue
        found = source(expression)(exchange, None)
        if not found or not found[-1]:
            raise Fault(UNAUTHORIZED, f"Unauthorized: {expression} is missing")
        values.append(found[-1])
    if authorizer["type"] == "TOKEN":
        if not values:
            raise Fault(UNAUTHORIZED, "Unauthorized: there is no token")
        wanted = authorizer.get("identityValidationExpression")
        if wanted and not fits(wanted, values[0]):
            raise Fault(UNAUTHORIZED, "Unauthorized: the token is not as it should be")
    return tuple(values)


async def ask(
    runtime: Runtime, exchange: Exchange, authorizer: Document, identity: tuple[str, ...]
) -> Document:
    """What the authorizer's function says: principal, policy and context. Raises Fault."""
    uri = with_stage_variables(authorizer.get("authorizerUri") or "", exchange.site.variables)
    function = function_of(uri)
    if function is None:
        raise Fault(AUTHORIZER_CONFIGURATION_ERROR, f"Invalid authorizer URI: {uri[:300]}")
    if authorizer["type"] == "TOKEN":
        event: dict[str, Any] = {
            "type": "TOKEN",
            "methodArn": method_arn(exchange),
            "authorizationToken": identity[0],
        }
    else:
        event = _request_event(exchange)
    try:
        invoked = await invoke(
            runtime,
            exchange,
            function,
            orjson.dumps(event),
            timeout_seconds=_TIMEOUT_SECONDS,
            credentials=authorizer.get("authorizerCredentials") or "",
        )
    except Fault as fault:
        raise Fault(AUTHORIZER_FAILURE, f"Authorizer failed: {fault.reason}") from None
    try:
        answer = orjson.loads(invoked.payload)
    except orjson.JSONDecodeError:
        answer = None
    if invoked.has_failed:
        if isinstance(answer, dict) and answer.get("errorMessage") == "Unauthorized":
            raise Fault(UNAUTHORIZED, "Unauthorized")
        raise Fault(AUTHORIZER_FAILURE, "Execution failed: the authorizer's function failed")
    return checked_answer(answer)


def _request_event(exchange: Exchange) -> dict[str, Any]:
    whole = proxy_event(exchange)
    event = {"type": "REQUEST", "methodArn": method_arn(exchange)}
    for name in (
        "resource", "path", "httpMethod", "headers", "multiValueHeaders", "queryStringParameters",
        "multiValueQueryStringParameters", "pathParameters", "stageVariables", "requestContext",
    ):  # fmt: skip
        value = whole[name]
        event[name] = {} if value is None else value
    event["queryStringParameters"] = last_values(exchange.query)  # type: ignore[assignment]
    return event


def checked_answer(answer: Any) -> Document:
    """The answer, if it is one. Raises Fault."""
    read = read_answer(answer)
    if read is None:
        raise Fault(
            AUTHORIZER_CONFIGURATION_ERROR,
            "Execution failed due to configuration error: Invalid JSON in response from authorizer",
        )
    return read


def admit(exchange: Exchange, answer: Document, *, is_allowed: bool) -> None:
    """Let the caller go on if the policy does; what the authorizer told is known from then on. Raises Fault."""
    try:
        decision = decide(answer["policyDocument"], method_arn(exchange), condition_keys(exchange))
    except InvalidPolicy as invalid:
        raise Fault(AUTHORIZER_CONFIGURATION_ERROR, f"Invalid policy: {invalid}") from None
    exchange.authorizer = {**answer["context"], "principalId": answer["principalId"]}
    exchange.usage_key = answer["usageIdentifierKey"]
    if decision is Decision.DENIED:
        raise Fault(
            ACCESS_DENIED,
            "The client is not authorized to perform this operation.",
            message="User is not authorized to access this resource with an explicit deny",
        )
    if decision is Decision.NOT_ALLOWED and not is_allowed:
        raise Fault(ACCESS_DENIED, "The client is not authorized to perform this operation.")
