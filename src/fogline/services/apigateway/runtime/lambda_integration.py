"""Lambda proxy integrations at work: the function is run with the event of a request, or promised it."""

from __future__ import annotations

import orjson

from fogline.apis.integration_addresses import function_of, is_streaming
from fogline.ports.http import HttpResponse
from fogline.services.apigateway.runtime.exchange import Exchange
from fogline.services.apigateway.runtime.faults import MALFORMED_PROXY_ANSWER, Fault, misconfigured
from fogline.services.apigateway.runtime.integration import Integration
from fogline.services.apigateway.runtime.invoking import invoke
from fogline.services.apigateway.runtime.lambda_proxy import (
    proxy_answer,
    proxy_event,
    streamed_answer,
)
from fogline.services.apigateway.runtime.mappings import with_stage_variables
from fogline.services.apigateway.runtime.standing import Runtime


async def answer_lambda(
    runtime: Runtime, exchange: Exchange, integration: Integration
) -> HttpResponse:
    """Raises Fault."""
    uri = with_stage_variables(integration.uri, exchange.site.variables)
    function = function_of(uri)
    if function is None:
        raise misconfigured(f"Invalid Lambda function: {uri[:300]}")
    is_event = False
    if integration.parameters:
        headers = integration.mapped(exchange)["header"]
        kinds = [
            values for name, values in headers.items() if name.lower() == "x-amz-invocation-type"
        ]
        is_event = bool(kinds) and kinds[0][-1].lower() == "event"
    payload = orjson.dumps(proxy_event(exchange))
    if exchange.log is not None:
        exchange.log.add(f"Sending request to {uri}")
    began = runtime.clock.now()
    invoked = await invoke(
        runtime,
        exchange,
        function,
        payload,
        timeout_seconds=integration.timeout_seconds,
        credentials=integration.credentials,
        is_event=is_event,
    )
    latency = runtime.clock.now() - began
    exchange.facts |= {"integrationLatency": latency, "integrationStatus": 200}
    if exchange.log is not None:
        exchange.log.add(f"Received response. Status: 200, Integration latency: {latency} ms")
    if invoked.has_failed:
        raise Fault(
            MALFORMED_PROXY_ANSWER,
            "Lambda execution failed with status 200 due to customer function error: "
            f"{invoked.payload[:1_000].decode('utf-8', 'replace')}",
        )
    answer = streamed_answer if is_streaming(uri) else proxy_answer
    response = answer(exchange, invoked.payload)
    if exchange.log is not None:
        body = response.body if isinstance(response.body, bytes) else b""
        exchange.log.response(body, response.headers)
    return response
