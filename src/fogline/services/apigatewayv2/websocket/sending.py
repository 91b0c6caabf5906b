"""Asking integrations: functions, operations of services and servers of users'. All of it raises Fault."""

from __future__ import annotations

import asyncio
from urllib.parse import quote, urlencode

import orjson

from fogline.apis.fields import Headers, parse_query
from fogline.apis.functions import FunctionTimedOut, Invoked, error_message, invoke
from fogline.apis.integration_addresses import function_of, read_address
from fogline.apis.stage_variables import with_stage_variables
from fogline.aws.errors import AwsError
from fogline.background.outgoing import OutgoingFailed
from fogline.ports.aws_requests import AwsRequest, NoSuchService
from fogline.services.apigatewayv2.websocket.compiled import Integration
from fogline.services.apigatewayv2.websocket.events import Reply, proxy_event, proxy_reply
from fogline.services.apigatewayv2.websocket.exchange import Exchange
from fogline.services.apigatewayv2.websocket.faults import (
    INTEGRATION_FAILURE,
    TIMEOUT,
    Fault,
    misconfigured,
)
from fogline.services.apigatewayv2.websocket.parameters import Mapped
from fogline.services.apigatewayv2.websocket.standing import Standing

_JSON = "application/json"
_TIMED_OUT = "Execution failed due to a timeout error"
_NOT_PASSED_ON = frozenset(
    ("connection", "content-length", "host", "te", "transfer-encoding", "upgrade")
)
_OF_HANDSHAKES = ("sec-websocket-key", "sec-websocket-version", "sec-websocket-extensions")


async def run_function(
    standing: Standing,
    exchange: Exchange,
    uri: str,
    payload: bytes,
    *,
    timeout_seconds: float,
    credentials: str = "",
    is_event: bool = False,
) -> Invoked:
    """What came of a function that an address names."""
    function = function_of(uri) or (uri if uri.startswith("arn:aws:lambda:") else None)
    if function is None:
        raise misconfigured(f"Invalid function address: {uri[:300]}")
    try:
        return await invoke(
            standing.runtime.api,
            standing.cause(exchange, credentials),
            function,
            payload,
            timeout_seconds=timeout_seconds,
            has_credentials=bool(credentials),
            is_event=is_event,
        )
    except FunctionTimedOut:
        raise Fault(TIMEOUT, _TIMED_OUT) from None
    except AwsError as refused:
        raise misconfigured(f"Lambda invocation failed: {refused.code}: {refused.text}") from None


async def ask_function_as_proxy(
    standing: Standing, exchange: Exchange, integration: Integration
) -> Reply:
    """What a function answers to the event of a message."""
    invoked = await run_function(
        standing,
        exchange,
        with_stage_variables(integration.uri, exchange.site.variables),
        orjson.dumps(proxy_event(exchange)),
        timeout_seconds=integration.timeout_seconds,
        credentials=integration.credentials,
    )
    exchange.facts["integrationStatus"] = 200
    if invoked.has_failed:
        raise Fault(INTEGRATION_FAILURE, f"The function failed: {error_message(invoked.payload)}")
    return proxy_reply(invoked.payload)


async def ask_function(
    standing: Standing,
    exchange: Exchange,
    integration: Integration,
    uri: str,
    headers: Headers,
    body: bytes,
) -> Reply:
    """What a function answers to a body that was made for it."""
    is_event = (headers.find("x-amz-invocation-type") or "").lower() == "event"
    invoked = await run_function(
        standing,
        exchange,
        uri,
        body,
        timeout_seconds=integration.timeout_seconds,
        credentials=integration.credentials,
        is_event=is_event,
    )
    error = error_message(invoked.payload) if invoked.has_failed else ""
    answered = Headers((("Content-Type", _JSON), ("X-Amz-Executed-Version", invoked.version)))
    return Reply(202 if is_event else 200, answered, invoked.payload, error)


async def ask_service(
    standing: Standing,
    exchange: Exchange,
    integration: Integration,
    uri: str,
    mapped: Mapped,
    body: bytes,
) -> Reply:
    """What an operation of a service answers."""
    address = read_address(uri)
    if address is None:
        raise misconfigured("Invalid endpoint address")
    path, _, query = address.path.partition("?")
    request = AwsRequest(
        service=address.service,
        action=address.action,
        method="POST" if integration.verb == "ANY" else integration.verb,
        path=path,
        query=_pairs(parse_query(query)) + _pairs(mapped.querystring),
        headers=tuple(_headers_for(exchange, mapped).pairs()),
        body=body if integration.verb not in ("GET", "HEAD") else b"",
        subdomain=address.subdomain,
    )
    cause = standing.cause(exchange, integration.credentials, address.region)
    try:
        async with asyncio.timeout(integration.timeout_seconds):
            answer = await standing.runtime.aws.send(
                request, cause, standing.limits.answer_bytes_max
            )
    except TimeoutError:
        raise Fault(TIMEOUT, _TIMED_OUT) from None
    except NoSuchService as unknown:
        raise misconfigured(str(unknown)) from None
    return Reply(answer.status, Headers(answer.headers), answer.body)


async def ask_server(
    standing: Standing,
    exchange: Exchange,
    integration: Integration,
    uri: str,
    mapped: Mapped,
    body: bytes,
) -> Reply:
    """What a server of the user's answers."""
    if integration.is_private:
        raise misconfigured(
            "Fogline has no VPC links: an HTTP integration has to have the connection type INTERNET."
        )
    if not uri.startswith(("http://", "https://")) or not uri.partition("://")[2].strip("/"):
        raise misconfigured("Invalid endpoint address")
    query = dict(mapped.querystring)
    if integration.is_proxy:
        query = {**exchange.query, **query}
    if query:
        uri += ("&" if "?" in uri else "?") + urlencode(query, doseq=True)
    headers = _headers_for(exchange, mapped, passes_on=integration.is_proxy)
    headers.put("X-Amzn-Trace-Id", [exchange.trace.header()])
    try:
        answer = await standing.runtime.outgoing.send(
            "POST" if integration.verb == "ANY" else integration.verb,
            uri,
            headers=[pair for pair in headers.pairs() if _is_safe(pair[1])],
            body=body,
            timeout_seconds=integration.timeout_seconds,
            answer_bytes_max=standing.limits.answer_bytes_max,
        )
    except OutgoingFailed as failed:
        if failed.is_timeout:
            raise Fault(TIMEOUT, _TIMED_OUT) from None
        raise Fault(
            INTEGRATION_FAILURE, f"Execution failed due to a network error: {failed}"
        ) from None
    return Reply(answer.status, Headers(answer.fields), answer.body)


def filled(uri: str, exchange: Exchange, mapped: Mapped) -> str:
    """The address with stage variables and path parameters in it."""
    uri = with_stage_variables(uri, exchange.site.variables)
    for name, values in mapped.path.items():
        uri = uri.replace(f"{{{name}}}", quote(values[-1], safe="/:@+,;=~!$'()*"))
    return uri


def _headers_for(exchange: Exchange, mapped: Mapped, *, passes_on: bool = False) -> Headers:
    """Headers of a request to an integration: a proxy gets those of the connecting client, too."""
    headers = Headers(
        (
            ("Content-Type", _JSON),
            ("User-Agent", f"AmazonAPIGateway_{exchange.peer.api}"),
            ("x-amzn-apigateway-api-id", exchange.peer.api),
        )
    )
    if passes_on:
        for name, values in exchange.headers.multi().items():
            if name.lower() not in _NOT_PASSED_ON and name.lower() not in _OF_HANDSHAKES:
                headers.put(name, values)
    else:
        headers.add("Accept", _JSON)
    for name, values in mapped.header.items():
        headers.put(name, values)
    if not exchange.has_no_variables:
        for name, values in exchange.variables().request_overrides.headers.items():
            headers.put(name, values)
    return headers


def _pairs(query: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, values in query.items() for value in values]


def _is_safe(value: str) -> bool:
    return not any(letter in value for letter in "\r\n\0")
