"""AWS integrations: a function, or any operation of a service, with the request and its answer mapped."""

from __future__ import annotations

import asyncio

from fogline.apis.causes import cause_of
from fogline.apis.fields import Headers, parse_query
from fogline.apis.functions import error_message
from fogline.apis.integration_addresses import function_of, read_address
from fogline.ports.aws_requests import AwsRequest, NoSuchService
from fogline.ports.http import HttpResponse
from fogline.services.apigateway.runtime.exchange import Exchange
from fogline.services.apigateway.runtime.faults import INTEGRATION_TIMEOUT, Fault, misconfigured
from fogline.services.apigateway.runtime.integration import Integration
from fogline.services.apigateway.runtime.invoking import SERVICE, invoke
from fogline.services.apigateway.runtime.mapped_replies import mapped_reply
from fogline.services.apigateway.runtime.mappings import Reply
from fogline.services.apigateway.runtime.outgoing_request import OutgoingRequest, mapped_request
from fogline.services.apigateway.runtime.standing import Runtime

_ANSWER_BYTES_MAX = 10 * 1024 * 1024


async def answer_aws(
    runtime: Runtime, exchange: Exchange, integration: Integration
) -> HttpResponse:
    """Raises Fault."""
    request = mapped_request(exchange, integration)
    function = function_of(request.uri)
    if exchange.log is not None:
        exchange.log.sending(exchange, request)
    began = runtime.clock.now()
    if function is not None:
        reply, selector = await _invoke(runtime, exchange, integration, request, function)
    else:
        reply = await _send(runtime, exchange, integration, request)
        selector = str(reply.status)
    latency = runtime.clock.now() - began
    exchange.facts |= {"integrationLatency": latency, "integrationStatus": reply.status}
    if exchange.log is not None:
        exchange.log.received(reply, latency)
    return mapped_reply(exchange, integration, reply, selector)


async def _invoke(
    runtime: Runtime,
    exchange: Exchange,
    integration: Integration,
    request: OutgoingRequest,
    function: str,
) -> tuple[Reply, str]:
    """What a function answered, and its error's message, by which responses are selected."""
    is_event = (request.headers.find("x-amz-invocation-type") or "").lower() == "event"
    invoked = await invoke(
        runtime,
        exchange,
        function,
        request.body,
        timeout_seconds=integration.timeout_seconds,
        credentials=integration.credentials,
        is_event=is_event,
    )
    headers = Headers(
        (("Content-Type", "application/json"), ("X-Amz-Executed-Version", invoked.version))
    )
    reply = Reply(202 if is_event else 200, headers, invoked.payload)
    return reply, error_message(invoked.payload) if invoked.has_failed else ""


async def _send(
    runtime: Runtime, exchange: Exchange, integration: Integration, request: OutgoingRequest
) -> Reply:
    address = read_address(request.uri)
    if address is None:
        raise misconfigured("Invalid endpoint address")
    path, _, query = address.path.partition("?")
    pairs = [
        (name, value)
        for fields in (parse_query(query), request.query)
        for name, values in fields.items()
        for value in values
    ]
    sent = AwsRequest(
        service=address.service,
        action=address.action,
        method=request.verb,
        path=path,
        query=pairs,
        headers=tuple(request.headers.pairs()),
        body=request.body if request.verb not in ("GET", "HEAD") else b"",
        subdomain=address.subdomain,
    )
    cause = cause_of(SERVICE, runtime, exchange, integration.credentials, address.region)
    try:
        async with asyncio.timeout(integration.timeout_seconds):
            answer = await runtime.aws.send(sent, cause, _ANSWER_BYTES_MAX)
    except TimeoutError:
        raise Fault(INTEGRATION_TIMEOUT, "Execution failed due to a timeout error") from None
    except NoSuchService as unknown:
        raise misconfigured(str(unknown)) from None
    return Reply(answer.status, Headers(answer.headers), answer.body)
