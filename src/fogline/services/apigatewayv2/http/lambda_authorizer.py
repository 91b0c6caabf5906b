"""Lambda authorizers: a function says whether a caller may go on, by a word or by a policy.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from fogline.apis.access_policies import Decision, InvalidPolicy, decide
from fogline.services.apigatewayv2.http.asking import function_named, run_function
from fogline.services.apigatewayv2.http.events import event_1, event_2
from fogline.services.apigatewayv2.http.exchange import Authorized, Exchange
from fogline.services.apigatewayv2.http.expressions import (
    expression,
    text_of,
    with_stage_variables,
)
from fogline.services.apigatewayv2.http.parameter_mapping import Sent
from fogline.services.apigatewayv2.http.refusals import (
    FORBIDDEN,
    INTERNAL,
    UNAUTHORIZED,
    Refused,
)
from fogline.services.apigatewayv2.runtime import Runtime

_TIMEOUT_SECONDS = 10.0
_TTL_SECONDS = 300

Document = Mapping[str, Any]


class Said(NamedTuple):
    """What a function answered, checked."""

    is_allowed: bool
    policy: Document | None
    """Where there is one, it decides for each route anew."""
    principal_id: str
    context: Document | None


async def ask_function(runtime: Runtime, exchange: Exchange, authorizer: Document) -> None:
    """Ask whether the caller may go on, or remember what was said. Raises Refused."""
    identity = identity_of(exchange, authorizer)
    ttl = authorizer.get("AuthorizerResultTtlInSeconds")
    seconds = _TTL_SECONDS if ttl is None else int(ttl)
    site = exchange.site
    key = (site.account, site.region, site.api_id, site.stage_name, authorizer.get("AuthorizerId"))
    deployment = site.deployed.id if site.deployed is not None else ""
    kept_as = ((*key, deployment), identity)
    is_kept = seconds > 0 and bool(identity)
    said: Said | None = None
    if is_kept:
        flushed_at = site.stage.get("authorizersFlushedAt") or 0
        said = runtime.authorizers.find(kept_as, exchange.now, flushed_at)
    if said is None:
        said = await _ask(runtime, exchange, authorizer, identity)
        if is_kept:
            runtime.authorizers.keep(kept_as, said, exchange.now, exchange.now + seconds * 1000)
    _admit(exchange, said)


def identity_of(exchange: Exchange, authorizer: Document) -> tuple[str, ...]:
    """The values of the identity sources. Raises Refused where one is missing."""
    values: list[str] = []
    for source in authorizer.get("IdentitySource") or ():
        value = text_of(expression(str(source))(exchange, None))
        if not value:
            raise Refused(UNAUTHORIZED, f"the authorizer's identity source {source} is missing")
        values.append(value)
    return tuple(values)


async def _ask(
    runtime: Runtime, exchange: Exchange, authorizer: Document, identity: tuple[str, ...]
) -> Said:
    """Raises Refused."""
    uri = with_stage_variables(authorizer.get("AuthorizerUri") or "", exchange)
    function = function_named(uri)
    if function is None:
        raise _broken(exchange, f"its AuthorizerUri names no Lambda function: {uri[:300]}")
    is_2 = authorizer.get("AuthorizerPayloadFormatVersion") == "2.0"
    event = asked_2(exchange, identity) if is_2 else asked_1(exchange, identity)
    try:
        invoked = await run_function(
            runtime,
            exchange,
            function,
            orjson.dumps(event),
            timeout_seconds=_TIMEOUT_SECONDS,
            credentials=with_stage_variables(
                authorizer.get("AuthorizerCredentialsArn") or "", exchange
            ),
        )
    except Refused as refused:
        exchange.facts.pop("integrationErrorMessage", None)
        raise _broken(exchange, refused.reason) from None
    try:
        answer = orjson.loads(invoked.payload or b"null")
    except orjson.JSONDecodeError:
        answer = None
    if invoked.has_failed:
        if isinstance(answer, dict) and answer.get("errorMessage") == "Unauthorized":
            raise Refused(UNAUTHORIZED, "the authorizer's function said Unauthorized")
        error = invoked.payload[:1_000].decode("utf-8", "replace")
        raise _broken(exchange, f"the authorizer's function failed: {error}")
    said = read_said(answer, is_simple=is_2 and bool(authorizer.get("EnableSimpleResponses")))
    if said is None:
        shown = invoked.payload[:300].decode("utf-8", "replace")
        raise _broken(exchange, f"the authorizer's function answered what is not valid: {shown}")
    return said


def _broken(exchange: Exchange, reason: str) -> Refused:
    exchange.facts["authorizerError"] = reason[:1_000]
    return Refused(INTERNAL, reason)


def asked_2(exchange: Exchange, identity: tuple[str, ...]) -> dict[str, Any]:
    """The event of payload format 2.0."""
    event = event_2(exchange, Sent(exchange.headers, exchange.query))
    for name in ("body", "isBase64Encoded"):
        event.pop(name, None)
    return {
        "version": "2.0",
        "type": "REQUEST",
        "routeArn": exchange.route_arn,
        "identitySource": list(identity) or None,
        **event,
    }


def asked_1(exchange: Exchange, identity: tuple[str, ...]) -> dict[str, Any]:
    """The event of payload format 1.0."""
    whole = event_1(exchange, Sent(exchange.headers, exchange.query))
    token = ",".join(identity)
    event: dict[str, Any] = {
        "version": "1.0",
        "type": "REQUEST",
        "methodArn": exchange.route_arn,
        "identitySource": token,
        "authorizationToken": token,
    }
    for name in (
        "resource", "path", "httpMethod", "headers", "queryStringParameters", "pathParameters",
        "stageVariables",
    ):  # fmt: skip
        event[name] = whole[name] if whole[name] is not None else {}
    context = whole["requestContext"]
    context.pop("authorizer", None)
    event["requestContext"] = context
    return event


def read_said(answer: Any, *, is_simple: bool) -> Said | None:
    """What a function's answer says; None for what says nothing."""
    if not isinstance(answer, dict):
        return None
    context = answer.get("context")
    if context is not None and not isinstance(context, dict):
        return None
    if is_simple:
        allowed = answer.get("isAuthorized")
        return Said(allowed, None, "", context) if isinstance(allowed, bool) else None
    policy, principal = answer.get("policyDocument"), answer.get("principalId")
    if not isinstance(policy, dict) or not isinstance(principal, (str, int)):
        return None
    return Said(True, policy, str(principal), context)


def _admit(exchange: Exchange, said: Said) -> None:
    """Let the caller go on if what was said does. Raises Refused."""
    exchange.authorized = Authorized("lambda", said.context, said.principal_id)
    is_allowed = said.is_allowed
    if said.policy is not None:
        try:
            is_allowed = (
                decide(said.policy, exchange.route_arn, exchange.condition_keys())
                is Decision.ALLOWED
            )
        except InvalidPolicy as invalid:
            raise _broken(exchange, f"the authorizer's policy is not valid: {invalid}") from None
    if not is_allowed:
        raise Refused(FORBIDDEN, f"the authorizer does not allow {exchange.route_arn[:300]}")
