"""The road of a request through an API: its method, who calls, how often, what is sent; then the integration."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from fogline.apis.causes import cause_of
from fogline.aws.call import Call
from fogline.ports.http import HttpResponse
from fogline.services.apigateway.runtime.authorizers import authorize
from fogline.services.apigateway.runtime.aws_integration import answer_aws
from fogline.services.apigateway.runtime.compiled import CompiledMethod
from fogline.services.apigateway.runtime.encodings import packed, unpack
from fogline.services.apigateway.runtime.exchange import Exchange
from fogline.services.apigateway.runtime.faults import (
    AUTHORIZER_CONFIGURATION_ERROR,
    INTEGRATION_FAILURE,
    INTEGRATION_TIMEOUT,
    MALFORMED_PROXY_ANSWER,
    REQUEST_TOO_LARGE,
    Fault,
    misconfigured,
)
from fogline.services.apigateway.runtime.gateway_responses import gateway_response
from fogline.services.apigateway.runtime.http_integration import answer_http
from fogline.services.apigateway.runtime.integration import Integration
from fogline.services.apigateway.runtime.invoking import SERVICE
from fogline.services.apigateway.runtime.lambda_integration import answer_lambda
from fogline.services.apigateway.runtime.method_settings import settings_of
from fogline.services.apigateway.runtime.mock_integration import answer_mock
from fogline.services.apigateway.runtime.resource_policies import (
    check_anonymous,
    check_denial,
    check_signer,
)
from fogline.services.apigateway.runtime.response_cache import cached
from fogline.services.apigateway.runtime.signatures import check_signature, no_such_method
from fogline.services.apigateway.runtime.standing import Runtime
from fogline.services.apigateway.runtime.throttling import throttle_method
from fogline.services.apigateway.runtime.usage import meter
from fogline.services.apigateway.runtime.user_pools import check_token

log = logging.getLogger("fogline.apigateway")

BODY_BYTES_MAX = 10 * 1024 * 1024


async def run(runtime: Runtime, exchange: Exchange, path: str) -> HttpResponse:
    """The answer to a request for a percent-encoded path within a stage."""
    try:
        if len(exchange.body) > BODY_BYTES_MAX:
            raise Fault(REQUEST_TOO_LARGE, "The request is too large")
        unpack(exchange, BODY_BYTES_MAX)
        found = exchange.site.api.find(path, exchange.method)
        if found is None:
            raise no_such_method(exchange)
        exchange.target, exchange.path_parameters = found
        settings = exchange.settings = settings_of(
            exchange.site.stage, exchange.target.resource_path, exchange.method
        )
        begin_log(runtime, exchange, settings)
        throttle_method(runtime.buckets, runtime.limits, exchange, settings)
        await admit(runtime, exchange, exchange.target)
        validation = exchange.target.validation
        if validation is not None:
            validation.check(exchange)
        target = exchange.target
        response = await cached(
            runtime.responses, exchange, settings, lambda: integrate(runtime, exchange, target)
        )
        response = await packed(exchange, response)
    except Fault as fault:
        return refused(exchange, fault)
    if exchange.log is not None:
        exchange.log.succeeded()
        exchange.log.completed(response.status)
    return response


def refused(exchange: Exchange, fault: Fault) -> HttpResponse:
    """The answer to a request that a fault ended."""
    response = gateway_response(exchange, fault)
    if fault.kind.status >= 500:
        site = exchange.site
        log.warning(
            "API %s/%s: %s %s: %s",
            site.api.id,
            site.stage_name,
            exchange.method,
            exchange.path[:200],
            fault.reason[:1_000],
        )
    if exchange.log is not None:
        exchange.log.failed(fault.reason)
        exchange.log.completed(response.status)
    return response


def begin_log(runtime: Runtime, exchange: Exchange, settings: Mapping[str, Any]) -> None:
    """Begin an execution log where the stage wants one."""
    level = settings.get("loggingLevel", "OFF")
    if level in ("INFO", "ERROR"):
        exchange.log = runtime.new_log(
            has_data=bool(settings.get("dataTraceEnabled")), only_errors=level == "ERROR"
        )
        assert exchange.target is not None
        exchange.log.request(exchange, exchange.target.resource_path)


async def admit(runtime: Runtime, exchange: Exchange, target: CompiledMethod) -> None:
    """Find out who calls, and whether they may. Raises Fault."""
    kind = target.authorization
    if kind == "AWS_IAM":
        check_signature(runtime, exchange)
        check_signer(exchange)
    elif kind in ("CUSTOM", "COGNITO_USER_POOLS"):
        authorizer = target.authorizer
        if authorizer is None:
            raise Fault(AUTHORIZER_CONFIGURATION_ERROR, "The method's authorizer is gone")
        if authorizer["type"] == "COGNITO_USER_POOLS":
            await check_token(runtime.token_keys, exchange, authorizer, target.scopes)
            check_anonymous(exchange)
        else:
            is_allowed = check_denial(exchange)
            await authorize(runtime, exchange, authorizer, is_allowed=is_allowed)
    elif exchange.site.api.settings.get("policy"):
        check_anonymous(exchange)
    if target.requires_key:
        await meter(runtime, exchange, _cause(runtime, exchange))


def _cause(runtime: Runtime, exchange: Exchange) -> Call:
    return cause_of(SERVICE, runtime, exchange)


async def integrate(runtime: Runtime, exchange: Exchange, target: CompiledMethod) -> HttpResponse:
    """What the integration answers. Raises Fault."""
    integration = target.integration
    if integration is None:
        raise misconfigured("No integration defined for method")
    if integration.kind == "MOCK":
        return answer_mock(exchange, integration)
    began = runtime.clock.now()
    try:
        return await _answer(runtime, exchange, integration)
    except Fault as fault:
        if fault.kind in (INTEGRATION_FAILURE, INTEGRATION_TIMEOUT):
            exchange.facts["integrationLatency"] = runtime.clock.now() - began
        raise


async def _answer(runtime: Runtime, exchange: Exchange, integration: Integration) -> HttpResponse:
    kind = integration.kind
    if kind == "AWS_PROXY":
        return await answer_lambda(runtime, exchange, integration)
    if kind == "AWS":
        return await answer_aws(runtime, exchange, integration)
    if kind in ("HTTP", "HTTP_PROXY"):
        return await answer_http(runtime, exchange, integration)
    raise Fault(MALFORMED_PROXY_ANSWER, f"Unknown integration type {kind[:50]}")
