"""Integrating: what a route's integration answers, and what of it a client is to be sent."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from fogline.apis.fields import Headers
from fogline.apis.integration_addresses import function_of
from fogline.apis.mocks import mock_status
from fogline.services.apigatewayv2.websocket.compiled import Integration, IntegrationResponse
from fogline.services.apigatewayv2.websocket.events import Reply
from fogline.services.apigatewayv2.websocket.exchange import Exchange
from fogline.services.apigatewayv2.websocket.faults import (
    INTEGRATION_FAILURE,
    UNSUPPORTED_TYPE,
    Fault,
    misconfigured,
)
from fogline.services.apigatewayv2.websocket.parameters import mapped
from fogline.services.apigatewayv2.websocket.reading import parsed, value_at
from fogline.services.apigatewayv2.websocket.selection import stringified
from fogline.services.apigatewayv2.websocket.sending import (
    ask_function,
    ask_function_as_proxy,
    ask_server,
    ask_service,
    filled,
)
from fogline.services.apigatewayv2.websocket.standing import Standing
from fogline.services.apigatewayv2.websocket.templates import rendered

_NO_HEADERS = Headers()


async def integrate(standing: Standing, exchange: Exchange, integration: Integration) -> Reply:
    """What the integration answers. Raises Fault."""
    clock = standing.runtime.clock
    began = clock.now()
    try:
        reply = await _ask(standing, exchange, integration)
    except Fault as fault:
        told = {"error": fault.reason, "latency": clock.now() - began}
        _tell(exchange, told, fault.kind.status)
        raise
    _tell(exchange, {"status": reply.status, "latency": clock.now() - began}, reply.status)
    return reply


def _tell(exchange: Exchange, told: dict[str, Any], status: int) -> None:
    """Keep for logs how the integration did."""
    facts = exchange.facts
    # Of a function behind a proxy this is what Lambda answered, whatever the function says.
    status = facts.setdefault("integrationStatus", status)
    facts["integrationLatency"] = told["latency"]
    facts["integration"] = {"integrationStatus": status, **told}
    if "error" in told:
        facts["integrationErrorMessage"] = told["error"]


async def _ask(standing: Standing, exchange: Exchange, integration: Integration) -> Reply:
    kind = integration.kind
    if kind == "AWS_PROXY":
        return await ask_function_as_proxy(standing, exchange, integration)
    if kind == "MOCK":
        return Reply(_mock_status(request_body(exchange, integration)), _NO_HEADERS, b"")
    given = mapped(integration.parameters, exchange)
    uri = filled(integration.uri, exchange, given)
    if kind == "HTTP_PROXY":
        body = exchange.body.encode()
        return await ask_server(standing, exchange, integration, uri, given, body)
    body = request_body(exchange, integration)
    if kind == "HTTP":
        return await ask_server(standing, exchange, integration, uri, given, body)
    if kind != "AWS":
        raise misconfigured(f"Unknown integration type {kind[:50]}")
    if function_of(uri) is not None:
        headers = Headers((name, values[-1]) for name, values in given.header.items())
        return await ask_function(standing, exchange, integration, uri, headers, body)
    return await ask_service(standing, exchange, integration, uri, given, body)


def request_body(exchange: Exchange, integration: Integration) -> bytes:
    """The body as the integration's template makes it, or as it came. Raises Fault."""
    template = integration.templates.select(exchange.value)
    is_binary = integration.content_handling == "CONVERT_TO_BINARY"
    if template is None:
        behaviour = integration.passthrough
        if behaviour == "NEVER" or (behaviour == "WHEN_NO_TEMPLATES" and integration.templates):
            raise Fault(UNSUPPORTED_TYPE, "There is no template for the message")
        return _decoded(exchange.body) if is_binary else exchange.body.encode()
    if is_binary and exchange.body:
        raise misconfigured("Unable to transform request: the body is binary")
    return rendered(template, exchange, exchange.body)


def _decoded(text: str | bytes) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise misconfigured("Unable to base64 decode the body.") from None


def _mock_status(body: bytes) -> int:
    try:
        status = mock_status(body)
    except ValueError:
        raise misconfigured("Unable to parse statusCode. It should be an integer") from None
    if not 200 <= status <= 599:
        raise misconfigured("Unable to parse statusCode. It should be an integer")
    return status


def answer_of(exchange: Exchange, integration: Integration, reply: Reply) -> bytes:
    """What a client is sent of an integration's answer, where its route answers. Raises Fault."""
    if integration.is_proxy:
        return reply.body
    response = _response_for(integration, reply)
    if response is None:
        raise Fault(
            INTEGRATION_FAILURE,
            "No match for output mapping and no default output mapping configured. "
            f"Endpoint Response Status Code: {reply.status}",
        )
    body = reply.body
    if response.content_handling == "CONVERT_TO_TEXT" and not _is_text(body):
        body = base64.b64encode(body)
    elif response.content_handling == "CONVERT_TO_BINARY":
        return _decoded(body)

    def lookup(name: str) -> Any:
        return _value(exchange, reply, name)

    template = response.templates.select(lookup)
    if template is None:
        return body
    if not _is_text(body):
        raise misconfigured("Unable to transform response: the body is binary")
    exchange.variables().set_context({"status": reply.status})
    return rendered(template, exchange, body.decode())


def headers_of(exchange: Exchange, integration: Integration, reply: Reply) -> Headers:
    """What a client that connects is told in headers: all of a proxy's answer, of another's what is mapped."""
    if integration.is_proxy:
        return reply.headers
    response = _response_for(integration, reply)
    headers = Headers()
    for name, source in (response.parameters if response is not None else {}).items():
        literal = len(source) > 1 and source[0] == source[-1] == "'"
        value = source[1:-1] if literal else _value(exchange, reply, source)
        for each in value if isinstance(value, list) else [value]:
            if each is not None:
                headers.add(name.partition(".response.header.")[2], stringified(each))
    return headers


def _response_for(integration: Integration, reply: Reply) -> IntegrationResponse | None:
    """As with REST APIs: of functions it is their error that counts, of all else the status."""
    is_function = integration.kind == "AWS" and function_of(integration.uri) is not None
    return integration.response_for(reply.error if is_function else str(reply.status))


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _value(exchange: Exchange, reply: Reply, name: str) -> Any:
    """What a variable of a response's selection expression stands for; None for nothing."""
    if name in ("integration.response.statuscode", "response.statuscode"):
        return str(reply.status)
    rest = name.removeprefix("integration.response.")
    if rest == name:
        return exchange.value(name)
    where, _, field = rest.partition(".")
    if where == "header":
        return reply.headers.find(field)
    if where == "multivalueheader":
        return reply.headers.all(field) or None
    if where.startswith("body"):
        return value_at(parsed(reply.body), rest.removeprefix("body"))
    return None
