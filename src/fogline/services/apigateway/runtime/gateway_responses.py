"""Gateway responses: what the caller gets when a request does not come to its integration's answer.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

from fogline.ports.http import HttpResponse
from fogline.services.apigateway.gateway_response_defaults import effective_response
from fogline.services.apigateway.runtime.exchange import Exchange
from fogline.services.apigateway.runtime.faults import DENIED_BY_POLICY, Fault
from fogline.services.apigateway.runtime.integration import JSON
from fogline.services.apigateway.runtime.mappings import source
from fogline.services.apigateway.runtime.reply_headers import is_safe, own_headers, sent_back
from fogline.services.apigateway.runtime.statuses import read_status

_SERVER_ERROR = '{"message": $context.error.messageString}'
"""AWS's own faults are written with a space, where nobody has put another text (recorded)."""
_DENIED_BY_POLICY = '{"Message":$context.error.messageString}'
_NAME = (
    r"context\.[A-Za-z0-9_.-]*[A-Za-z0-9_-]|stageVariables\.[A-Za-z0-9_]+"
    r"|method\.request\.(?:header|querystring|path)\.[A-Za-z0-9_.-]*[A-Za-z0-9_-]"
)
_VARIABLE = re.compile(rf"\$\{{({_NAME})\}}|\$({_NAME})")


def gateway_response(exchange: Exchange, fault: Fault) -> HttpResponse:
    """The answer that tells a caller of a fault, as the API has it."""
    kind = fault.kind
    exchange.error = {
        "message": fault.message,
        "messageString": orjson.dumps(fault.message).decode(),
        "responseType": kind.name,
        # Templates put it between quotes, though it quotes names itself.
        "validationErrorString": orjson.dumps(fault.detail)[1:-1].decode(),
    }
    response = _response(exchange, kind.name)
    status = read_status(response.get("statusCode"), kind.status)
    if response["defaultResponse"] and kind.status != status:
        status = kind.status
    content_type, template = _template(exchange, response["responseTemplates"])
    headers = [("Content-Type", content_type), ("x-amzn-ErrorType", kind.error)]
    for name, expression in (response.get("responseParameters") or {}).items():
        values = source(expression)(exchange, None)
        if values and name.startswith("gatewayresponse.header."):
            headers = [each for each in headers if each[0].lower() != name[23:].lower()]
            headers += [(_header(name[23:]), value) for value in values]
    headers = [pair for pair in headers if is_safe(pair[0] + pair[1])]
    if response["defaultResponse"] and kind.status >= 500 and kind.message is not None:
        template = _SERVER_ERROR
    if response["defaultResponse"] and kind is DENIED_BY_POLICY:
        template = _DENIED_BY_POLICY
    body = _VARIABLE.sub(lambda found: _value(exchange, found[1] or found[2]), template)
    return HttpResponse(status, [*own_headers(exchange), *headers], body.encode("utf-8", "replace"))


def _response(exchange: Exchange, name: str) -> Mapping[str, Any]:
    api = exchange.site.api
    known = api.gateway_responses.get(name)
    if known is None:
        known = api.gateway_responses[name] = effective_response(api.document, name)
    return known


def _template(exchange: Exchange, templates: Mapping[str, str | None]) -> tuple[str, str]:
    accept = exchange.headers.find("accept") or ""
    for kind in accept.split(",") if len(templates) > 1 else ():
        name = kind.partition(";")[0].strip()
        if name in templates:
            return name, templates[name] or ""
    if not templates:
        # Who only sets headers, or a status, keeps the body.
        return JSON, '{"message":$context.error.messageString}'
    if JSON in templates:
        return JSON, templates[JSON] or ""
    name = next(iter(templates))
    return name, templates[name] or ""


def _header(name: str) -> str:
    """Browsers ask for a password when they are told to; integrations may not tell them, gateway responses may."""
    return name if name.lower() == "www-authenticate" else sent_back(name)


def _value(exchange: Exchange, expression: str) -> str:
    values = source(expression)(exchange, None)
    return values[-1] if values else ""
