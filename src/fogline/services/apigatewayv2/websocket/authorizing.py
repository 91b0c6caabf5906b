"""Authorizing: who may connect, by a function, by a signature, and by an API key.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from fogline.apis.access_policies import Decision, InvalidPolicy, decide
from fogline.apis.authorizer_answers import read_answer
from fogline.apis.functions import error_message
from fogline.apis.signatures import Place, find_signer
from fogline.apis.stage_variables import with_stage_variables
from fogline.aws.signature_v4 import refusals
from fogline.ports.usage_plans import Called, KeyRefused
from fogline.services.apigatewayv2.websocket.compiled import Route
from fogline.services.apigatewayv2.websocket.events import authorizer_event
from fogline.services.apigatewayv2.websocket.exchange import Exchange
from fogline.services.apigatewayv2.websocket.faults import (
    ACCESS_DENIED,
    AUTHORIZER_FAILURE,
    EXPIRED_TOKEN,
    INVALID_API_KEY,
    INVALID_SIGNATURE,
    MISSING_TOKEN,
    UNAUTHORIZED,
    Fault,
    Kind,
    misconfigured,
)
from fogline.services.apigatewayv2.websocket.parameters import values_of
from fogline.services.apigatewayv2.websocket.reading import parsed
from fogline.services.apigatewayv2.websocket.sending import run_function
from fogline.services.apigatewayv2.websocket.standing import Standing

_TIMEOUT_SECONDS = 30.0
_KEYS_REFUSED = {403: "INVALID_API_KEY", 429: "THROTTLED"}
_SIGNATURES_REFUSED = {
    refusals.EXPIRED: EXPIRED_TOKEN,
    refusals.INCOMPLETE: INVALID_SIGNATURE,
    refusals.INVALID: INVALID_SIGNATURE,
    refusals.UNRECOGNIZED: ACCESS_DENIED,
}
_KEY_IN_HEADER = "$request.header.x-api-key"

Document = Mapping[str, Any]


def route_arn(exchange: Exchange) -> str:
    """The ARN under which policies name a route."""
    site = exchange.site
    return (
        f"arn:aws:execute-api:{site.region}:{site.account}:{site.api_id}/{site.stage_name}/"
        f"{exchange.route_key}"
    )


async def admit(standing: Standing, exchange: Exchange, route: Route) -> None:
    """Find out who connects, and whether they may. Raises Fault."""
    clock = standing.runtime.clock
    if route.authorization in ("AWS_IAM", "CUSTOM"):
        began, status, error = clock.now(), 200, None
        try:
            await _know(standing, exchange, route)
        except Fault as fault:
            status, error = fault.kind.status, fault.message
            raise
        finally:
            # Logs tell of it, by these names: who signs is authenticated, who has a token is authorized.
            told = {"status": status, "latency": clock.now() - began, "error": error}
            if route.authorization == "AWS_IAM":
                exchange.facts["authenticate"] = told
            else:
                exchange.facts["authorize"] = told
    if route.requires_key:
        await meter(standing, exchange)


async def _know(standing: Standing, exchange: Exchange, route: Route) -> None:
    """Find out who connects. Raises Fault."""
    if route.authorization == "AWS_IAM":
        check_signature(standing, exchange)
        return
    if route.authorizer is None:
        raise Fault(AUTHORIZER_FAILURE, "The route's authorizer is gone")
    await authorize(standing, exchange, route.authorizer)


async def meter(standing: Standing, exchange: Exchange) -> None:
    """Let a client on that has an API key in a usage plan for the stage. Raises Fault."""
    site = exchange.site
    assert site.deployed is not None
    expression = site.deployed.document["api"].get("ApiKeySelectionExpression") or _KEY_IN_HEADER
    if expression.startswith("$context"):
        key = exchange.facts.get("usageIdentifierKey")
    else:
        key = exchange.headers.find("x-api-key")
    if not key:
        raise Fault(INVALID_API_KEY, "API Key is missing")
    called = Called(
        site.account, site.region, site.api_id, site.stage_name, exchange.route_key, exchange.now
    )
    try:
        key_id = await standing.usage_plans.admit(key, called)
    except KeyRefused as refused:
        kind = Kind(
            refused.status, refused.message, _KEYS_REFUSED.get(refused.status, "DEFAULT_4XX")
        )
        raise Fault(kind, str(refused)) from None
    known = {"apiKey": key, "apiKeyId": key_id}
    exchange.identity = {**(exchange.identity or {}), **known}


def check_signature(standing: Standing, exchange: Exchange) -> None:
    """Know the client by the key that signed. Raises Fault."""
    runtime, site = standing.runtime, exchange.site
    assert exchange.request is not None, "who connects comes by HTTP"
    place = Place(site.account, site.region)
    try:
        signer = find_signer(exchange.request, b"", place, runtime.principals, runtime.clock)
    except refusals.SignatureRefused as refused:
        kind = _SIGNATURES_REFUSED[refused.error]
        raise Fault(kind, refused.message, message=refused.whole_message) from None
    if signer is None:
        raise Fault(MISSING_TOKEN, "The request is not signed")
    principal = signer.principal
    if principal.account != place.account:
        # No policy can be given to a WebSocket API, and without one it is open to its own account alone.
        raise Fault(ACCESS_DENIED, f"{principal.arn} is of another account")
    exchange.identity = {
        "accessKey": signer.access_key,
        "accountId": principal.account,
        "caller": principal.user_id,
        "user": principal.user_id,
        "userArn": principal.arn,
    }


async def authorize(standing: Standing, exchange: Exchange, authorizer: Document) -> None:
    """Ask a function whether the client may connect. Its answers are kept for nobody else. Raises Fault."""
    for source in authorizer.get("IdentitySource") or ():
        if not any(values_of(source, exchange)):
            raise Fault(UNAUTHORIZED, f"Unauthorized: {source[:200]} is missing")
    uri = with_stage_variables(authorizer.get("AuthorizerUri") or "", exchange.site.variables)
    arn = route_arn(exchange)
    began = standing.runtime.clock.now()
    try:
        invoked = await run_function(
            standing,
            exchange,
            uri,
            orjson.dumps(authorizer_event(exchange, arn)),
            timeout_seconds=_TIMEOUT_SECONDS,
            credentials=authorizer.get("AuthorizerCredentialsArn") or "",
        )
    except Fault as fault:
        _tell_answer(standing, exchange, began, fault.kind.status, fault.reason)
        raise Fault(AUTHORIZER_FAILURE, f"Authorizer failed: {fault.reason}") from None
    error = error_message(invoked.payload) if invoked.has_failed else None
    _tell_answer(standing, exchange, began, 200, error)
    if invoked.has_failed:
        if error == "Unauthorized":
            raise Fault(UNAUTHORIZED)
        raise Fault(AUTHORIZER_FAILURE, "Execution failed: the authorizer's function failed")
    if len(invoked.payload) > standing.limits.authorizer_answer_bytes_max:
        raise misconfigured("The response from the authorizer is larger than 8 KB")
    answer = read_answer(parsed(invoked.payload))
    if answer is None:
        raise misconfigured("Invalid JSON in response from authorizer")
    try:
        decision = decide(answer["policyDocument"], arn, condition_keys(exchange))
    except InvalidPolicy as invalid:
        raise Fault(AUTHORIZER_FAILURE, f"Invalid policy: {invalid}") from None
    exchange.authorizer = {
        **answer["context"],
        "principalId": answer["principalId"],
        "integrationLatency": exchange.facts["authorizer"]["integrationLatency"],
    }
    exchange.facts["usageIdentifierKey"] = answer["usageIdentifierKey"]
    if decision is Decision.DENIED:
        text = f"{ACCESS_DENIED.message} with an explicit deny"
        raise Fault(ACCESS_DENIED, "The policy denies it", message=text)
    if decision is Decision.NOT_ALLOWED:
        raise Fault(ACCESS_DENIED, "The policy does not allow it")


def _tell_answer(
    standing: Standing, exchange: Exchange, began: int, status: int, error: str | None
) -> None:
    """Keep for logs how the function that authorizes did."""
    latency = standing.runtime.clock.now() - began
    exchange.facts["authorizer"] = {
        "status": status,
        "integrationStatus": status,
        "latency": latency,
        "integrationLatency": latency,
        "error": error,
    }


def condition_keys(exchange: Exchange) -> dict[str, str]:
    """The circumstances in which a client connects, as conditions of policies name them."""
    keys = {
        "aws:sourceip": exchange.peer.source_ip,
        "aws:currenttime": str(exchange.now / 1000),
        "aws:epochtime": str(exchange.now // 1000),
        "aws:securetransport": str(exchange.scheme == "https").lower(),
        "aws:requestedregion": exchange.site.region,
    }
    for key, name in (("aws:useragent", "user-agent"), ("aws:referer", "referer")):
        found = exchange.headers.find(name)
        if found is not None:
            keys[key] = found
    return keys
