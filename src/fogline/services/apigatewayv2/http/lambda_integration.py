"""Lambda proxy integrations: a function is run with the event of a request, and its result is the answer."""

from __future__ import annotations

import orjson

from fogline.apis.integration_addresses import is_streaming
from fogline.aws.http_events import InvalidAnswer, Reply, read_answer, read_streamed
from fogline.services.apigatewayv2.http.answers import TEXT, read_answer_1
from fogline.services.apigatewayv2.http.asking import failed, function_named, run_function
from fogline.services.apigatewayv2.http.compiled import Integration
from fogline.services.apigatewayv2.http.events import event_1, event_2
from fogline.services.apigatewayv2.http.exchange import Exchange
from fogline.services.apigatewayv2.http.expressions import with_stage_variables
from fogline.services.apigatewayv2.http.parameter_mapping import sent_request
from fogline.services.apigatewayv2.http.refusals import INTERNAL
from fogline.services.apigatewayv2.runtime import Runtime

_SHOWN_BYTES = 1_000


async def answer_lambda(runtime: Runtime, exchange: Exchange, integration: Integration) -> Reply:
    """Raises Refused."""
    uri = with_stage_variables(integration.uri, exchange)
    function = function_named(uri)
    if function is None:
        raise failed(
            exchange, INTERNAL, f"its IntegrationUri names no Lambda function: {uri[:300]}"
        )
    sent = sent_request(exchange, integration.changes)
    make = event_2 if integration.format == "2.0" else event_1
    began = runtime.clock.now()
    invoked = await run_function(
        runtime,
        exchange,
        function,
        orjson.dumps(make(exchange, sent)),
        timeout_seconds=integration.timeout_seconds,
        credentials=with_stage_variables(integration.credentials, exchange),
    )
    latency = runtime.clock.now() - began
    exchange.facts |= {"integrationLatency": latency, "integrationStatus": 200}
    if invoked.has_failed:
        error = invoked.payload[:_SHOWN_BYTES].decode("utf-8", "replace")
        raise failed(exchange, INTERNAL, f"{function} failed: {error}", _told(invoked.payload))
    try:
        reply = _read(integration, uri, invoked.payload)
    except InvalidAnswer as invalid:
        reason = (
            "The response from the Lambda function doesn't match the format that API Gateway expects: "
            f"{invalid} ({function}, payload format {integration.format})"
        )
        raise failed(exchange, INTERNAL, reason) from None
    exchange.facts["integration"] = {"status": reply.status}
    return reply


def _told(payload: bytes) -> str:
    """What access logs say of a function's own error."""
    try:
        error = orjson.loads(payload)
    except orjson.JSONDecodeError:
        error = None
    message = error.get("errorMessage") if isinstance(error, dict) else None
    return (
        f"The Lambda function returned the following error: {message or 'Unknown'}. "
        "Check your Lambda function code and try again."
    )


def _read(integration: Integration, uri: str, payload: bytes) -> Reply:
    """Raises InvalidAnswer."""
    if is_streaming(uri):
        return read_streamed(payload)
    if integration.format == "2.0":
        return read_answer(payload, TEXT)
    return read_answer_1(payload)
