"""Lambda proxy integrations at work: the function is run with the event of a request, or promised it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

import orjson

from fogline.apis.functions import FunctionBroke, FunctionTimedOut
from fogline.apis.integration_addresses import function_of, is_streaming
from fogline.apis.preludes import take_prelude
from fogline.apis.stage_variables import with_stage_variables
from fogline.ports.http import CutShort, HttpResponse
from fogline.services.apigateway.runtime.exchange import Exchange
from fogline.services.apigateway.runtime.faults import (
    INTEGRATION_TIMEOUT,
    MALFORMED_PROXY_ANSWER,
    Fault,
    misconfigured,
)
from fogline.services.apigateway.runtime.integration import Integration
from fogline.services.apigateway.runtime.invoking import invoke, stream
from fogline.services.apigateway.runtime.lambda_proxy import (
    proxy_answer,
    proxy_event,
    streamed_answer,
)
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
    if is_streaming(uri):
        return await _stream(runtime, exchange, integration, function, payload)
    invoked = await invoke(
        runtime,
        exchange,
        function,
        payload,
        timeout_seconds=integration.timeout_seconds,
        credentials=integration.credentials,
        is_event=is_event,
    )
    _measure(runtime, exchange, began)
    if invoked.has_failed:
        raise _failed(invoked.payload.decode("utf-8", "replace"))
    response = proxy_answer(exchange, invoked.payload)
    if exchange.log is not None:
        body = response.body if isinstance(response.body, bytes) else b""
        exchange.log.response(body, response.headers)
    return response


async def _stream(
    runtime: Runtime, exchange: Exchange, integration: Integration, function: str, payload: bytes
) -> HttpResponse:
    """The answer of a function that streams, as soon as its status and headers are known. Raises Fault."""
    began = runtime.clock.now()
    pieces = await stream(
        runtime,
        exchange,
        function,
        payload,
        timeout_seconds=integration.timeout_seconds,
        credentials=integration.credentials,
    )
    try:
        prelude, first = await take_prelude(pieces)
        response = streamed_answer(exchange, prelude)
    except FunctionBroke as broke:
        raise _failed(str(broke)) from None
    except FunctionTimedOut as late:
        raise Fault(INTEGRATION_TIMEOUT, str(late)) from None
    except Fault:
        await pieces.aclose()
        raise
    _measure(runtime, exchange, began)
    response.body = _body(first, pieces)
    if exchange.is_test:
        response.body = b"".join([piece async for piece in response.body])
    return response


async def _body(first: bytes, pieces: AsyncGenerator[bytes, None]) -> AsyncIterator[bytes]:
    async with aclosing(pieces):
        if first:
            yield first
        try:
            async for piece in pieces:
                yield piece
        except (FunctionBroke, FunctionTimedOut) as failed:
            raise CutShort(str(failed)[:1_000]) from None


def _measure(runtime: Runtime, exchange: Exchange, began: int) -> None:
    latency = runtime.clock.now() - began
    exchange.facts |= {"integrationLatency": latency, "integrationStatus": 200}
    if exchange.log is not None:
        exchange.log.add(f"Received response. Status: 200, Integration latency: {latency} ms")


def _failed(error: str) -> Fault:
    return Fault(
        MALFORMED_PROXY_ANSWER,
        f"Lambda execution failed with status 200 due to customer function error: {error[:1_000]}",
    )
