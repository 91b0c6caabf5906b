"""HTTP integrations: a request to somebody's own server, mapped or passed on as it is."""

from __future__ import annotations

from urllib.parse import urlencode

from fogline.apis.fields import Headers
from fogline.background.outgoing import Answer, OutgoingFailed, Pieces
from fogline.ports.http import CutShort, HttpResponse
from fogline.services.apigateway.runtime.exchange import Exchange
from fogline.services.apigateway.runtime.faults import (
    INTEGRATION_FAILURE,
    INTEGRATION_TIMEOUT,
    Fault,
    misconfigured,
)
from fogline.services.apigateway.runtime.integration import Integration
from fogline.services.apigateway.runtime.mapped_replies import mapped_reply
from fogline.services.apigateway.runtime.mappings import Reply
from fogline.services.apigateway.runtime.outgoing_request import (
    OutgoingRequest,
    mapped_request,
    passed_request,
)
from fogline.services.apigateway.runtime.reply_headers import (
    DROPPED_OF_REPLIES,
    is_safe,
    own_headers,
    sent_back,
)
from fogline.services.apigateway.runtime.standing import Runtime

_ANSWER_BYTES_MAX = 10 * 1024 * 1024
_DECODED = frozenset(("content-encoding",))
"""Bodies come decompressed from the HTTP client."""


async def answer_http(
    runtime: Runtime, exchange: Exchange, integration: Integration
) -> HttpResponse:
    """Raises Fault."""
    if integration.is_private:
        raise misconfigured(
            "Fogline has no VPC links: an HTTP integration has to have the connection type INTERNET."
        )
    is_proxy = integration.kind == "HTTP_PROXY"
    make = passed_request if is_proxy else mapped_request
    request = make(exchange, integration)
    if is_proxy and integration.streams and not exchange.is_test:
        return await _stream(runtime, exchange, integration, request)
    reply = await _exchange(runtime, exchange, integration, request)
    if not is_proxy:
        return mapped_reply(exchange, integration, reply, str(reply.status))
    return HttpResponse(reply.status, _sent(exchange, reply.headers), reply.body)


def _sent(exchange: Exchange, headers: Headers) -> list[tuple[str, str]]:
    """The headers of an answer that a proxy passes on."""
    sent = own_headers(exchange)
    sent.append(("X-Amzn-Trace-Id", exchange.trace_header))
    for name, value in headers.pairs():
        if name.lower() not in DROPPED_OF_REPLIES and is_safe(value):
            sent.append((sent_back(name), value))
    return sent


class _Body:
    """A body that is passed on as it comes."""

    def __init__(self, pieces: Pieces) -> None:
        self._pieces = pieces

    def __aiter__(self) -> _Body:
        return self

    async def __anext__(self) -> bytes:
        try:
            return await anext(self._pieces)
        except OutgoingFailed as failed:
            raise CutShort(str(failed)) from None

    async def aclose(self) -> None:
        await self._pieces.aclose()


async def _stream(
    runtime: Runtime, exchange: Exchange, integration: Integration, request: OutgoingRequest
) -> HttpResponse:
    """The answer as soon as its status and headers are known. Raises Fault."""
    url = _url(exchange, request)
    began = runtime.clock.now()
    try:
        answer = await runtime.outgoing.stream(
            request.verb,
            url,
            headers=[pair for pair in request.headers.pairs() if is_safe(pair[1])],
            body=request.body,
            timeout_seconds=integration.timeout_seconds,
        )
    except OutgoingFailed as failed:
        raise _fault_of(failed, url) from None
    latency = runtime.clock.now() - began
    exchange.facts |= {"integrationLatency": latency, "integrationStatus": answer.status}
    headers = Headers(pair for pair in answer.fields if pair[0] not in _DECODED)
    return HttpResponse(answer.status, _sent(exchange, headers), _Body(answer.pieces))


def _url(exchange: Exchange, request: OutgoingRequest) -> str:
    """Where a request goes; it is complete and told then. Raises Fault."""
    if not request.uri.startswith(("http://", "https://")) or request.uri.rstrip("/").endswith(":"):
        raise misconfigured("Invalid endpoint address")
    url = request.uri
    if request.query:
        url += ("&" if "?" in url else "?") + urlencode(request.query, doseq=True)
    request.headers.put("X-Amzn-Trace-Id", [exchange.trace_header])
    if exchange.log is not None:
        exchange.log.sending(exchange, request)
    return url


async def _exchange(
    runtime: Runtime, exchange: Exchange, integration: Integration, request: OutgoingRequest
) -> Reply:
    url = _url(exchange, request)
    began = runtime.clock.now()
    try:
        answer = await runtime.outgoing.send(
            request.verb,
            url,
            headers=[pair for pair in request.headers.pairs() if is_safe(pair[1])],
            body=request.body,
            timeout_seconds=integration.timeout_seconds,
            answer_bytes_max=_ANSWER_BYTES_MAX,
        )
    except OutgoingFailed as failed:
        raise _fault_of(failed, url) from None
    latency = runtime.clock.now() - began
    exchange.facts |= {"integrationLatency": latency, "integrationStatus": answer.status}
    reply = Reply(answer.status, _headers(answer), answer.body)
    if exchange.log is not None:
        exchange.log.received(reply, latency)
    return reply


def _fault_of(failed: OutgoingFailed, url: str) -> Fault:
    if failed.is_timeout:
        return Fault(INTEGRATION_TIMEOUT, "Execution failed due to a timeout error")
    if not _has_host(url):
        return misconfigured("Invalid endpoint address")
    return Fault(INTEGRATION_FAILURE, f"Execution failed due to a network error: {failed}")


def _headers(answer: Answer) -> Headers:
    return Headers(pair for pair in answer.fields if pair[0] not in _DECODED)


def _has_host(url: str) -> bool:
    return bool(url.partition("://")[2].partition("/")[0].partition("?")[0])
