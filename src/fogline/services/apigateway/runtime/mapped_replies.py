"""Mapped replies: what a caller gets of an integration's answer by an integration response."""

from __future__ import annotations

from fogline.ports.http import HttpResponse
from fogline.services.apigateway.runtime.bodies import response_body
from fogline.services.apigateway.runtime.exchange import Exchange
from fogline.services.apigateway.runtime.integration import Integration
from fogline.services.apigateway.runtime.mappings import Reply
from fogline.services.apigateway.runtime.reply_headers import (
    DROPPED_OF_REPLIES,
    is_safe,
    own_headers,
    sent_back,
)
from fogline.services.apigateway.runtime.statuses import read_status


def mapped_reply(
    exchange: Exchange,
    integration: Integration,
    reply: Reply,
    selector: str,
    *,
    traced: bool = True,
) -> HttpResponse:
    """The answer; `selector` is what patterns are held against. Raises Fault."""
    response = integration.response_for(selector)
    body, content_type = response_body(exchange, response, reply)
    status = response.status
    headers: dict[str, tuple[str, list[str]]] = {"content-type": ("Content-Type", [content_type])}
    for name, read in response.parameters:
        values = read(exchange, reply)
        if values:
            headers[name.lower()] = (name, values)
    if not exchange.has_no_variables:
        overrides = exchange.variables().response_overrides
        status = read_status(overrides.status, status)
        for name, values in overrides.headers.items():
            headers[name.lower()] = (name, values)
    sent = own_headers(exchange)
    if traced:
        sent.append(("X-Amzn-Trace-Id", exchange.trace_header))
    for key, (name, values) in headers.items():
        if key not in DROPPED_OF_REPLIES:
            sent += [(sent_back(name), value) for value in values if is_safe(name + value)]
    if exchange.log is not None:
        exchange.log.response(body, sent)
    return HttpResponse(status, sent, body)
