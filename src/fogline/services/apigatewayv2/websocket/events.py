"""Events: what functions are told of a connecting, a message or a disconnecting, and what they answer.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-develop-integrations.html
"""

from __future__ import annotations

import base64
import binascii
from typing import Any, NamedTuple

import orjson

from fogline.apis.fields import Headers, last_values
from fogline.services.apigatewayv2.websocket.exchange import CONNECT, DISCONNECT, Exchange
from fogline.services.apigatewayv2.websocket.faults import INTEGRATION_FAILURE, Fault

_MEMBERS = frozenset(("statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"))
_OF_UPGRADES = {"Connection": "upgrade", "content-length": "0", "Upgrade": "websocket"}


class Reply(NamedTuple):
    """What an integration answered."""

    status: int
    headers: Headers
    body: bytes
    error: str = ""
    """What a function's error says, by which responses are selected."""


def proxy_event(exchange: Exchange) -> dict[str, Any]:
    """The event of a Lambda proxy integration."""
    event: dict[str, Any] = {}
    if exchange.event == CONNECT:
        event |= _request_fields(exchange)
    elif exchange.event == DISCONNECT:
        headers = {
            "Host": exchange.peer.host,
            "x-api-key": "",
            "X-Forwarded-For": "",
            "x-restapi": "",
        }
        event["headers"] = headers
        event["multiValueHeaders"] = {name: [value] for name, value in headers.items()}
    if exchange.site.variables:
        event["stageVariables"] = dict(exchange.site.variables)
    event["requestContext"] = exchange.context()
    if exchange.event not in (CONNECT, DISCONNECT):
        event["body"] = exchange.body
    event["isBase64Encoded"] = False
    return event


def authorizer_event(exchange: Exchange, route_arn: str) -> dict[str, Any]:
    """The event of a REQUEST authorizer."""
    event = {"type": "REQUEST", "methodArn": route_arn, **_request_fields(exchange)}
    # Unlike `$connect`, as the documentation's example has it.
    single, multi = event["headers"], event["multiValueHeaders"]
    event["headers"] = {**_OF_UPGRADES, **single}
    event["multiValueHeaders"] = {**{name: [_OF_UPGRADES[name]] for name in _OF_UPGRADES}, **multi}
    event.setdefault("queryStringParameters", {})
    event.setdefault("multiValueQueryStringParameters", {})
    event["stageVariables"] = dict(exchange.site.variables)
    event["requestContext"] = exchange.context()
    return event


def _request_fields(exchange: Exchange) -> dict[str, Any]:
    """Headers and query, as every function is told them that asks about a connecting client."""
    host = exchange.peer.host
    added = {
        "X-Amzn-Trace-Id": exchange.trace_header,
        "X-Forwarded-For": exchange.peer.source_ip,
        "X-Forwarded-Port": host.rpartition(":")[2] if ":" in host else "443",
        "X-Forwarded-Proto": exchange.scheme,
    }
    headers, single, multi = exchange.headers, exchange.headers.single(), exchange.headers.multi()
    for name, value in added.items():
        if name not in headers:
            single[name] = value
            multi[name] = [value]
    fields: dict[str, Any] = {"headers": single, "multiValueHeaders": multi}
    if exchange.query:
        fields["queryStringParameters"] = last_values(exchange.query)
        fields["multiValueQueryStringParameters"] = exchange.query
    return fields


def proxy_reply(payload: bytes) -> Reply:
    """The answer that a function's result spells. Raises Fault."""
    try:
        result = orjson.loads(payload or b"null")
    except orjson.JSONDecodeError:
        raise _malformed("it is no JSON") from None
    if not isinstance(result, dict):
        raise _malformed("it is no object")
    unknown = next((name for name in result if name not in _MEMBERS), None)
    if unknown is not None:
        raise _malformed(f"it has a member {unknown[:100]}")
    return Reply(_status(result.get("statusCode")), _headers(result), _body(result))


def _malformed(reason: str) -> Fault:
    return Fault(INTEGRATION_FAILURE, f"Malformed Lambda proxy response: {reason}")


def _status(given: Any) -> int:
    if given is None:
        return 200
    try:
        status = int(given)
    except (TypeError, ValueError):
        status = 0
    if not 200 <= status <= 599:
        raise _malformed("invalid statusCode")
    return status


def _headers(result: dict[str, Any]) -> Headers:
    headers = Headers()
    single, multi = result.get("headers") or {}, result.get("multiValueHeaders") or {}
    if not isinstance(single, dict) or not isinstance(multi, dict):
        raise _malformed("invalid headers")
    for name, value in single.items():
        headers.add(name, _text(value))
    for name, values in multi.items():
        if not isinstance(values, list):
            raise _malformed("invalid multiValueHeaders")
        headers.put(name, [_text(value) for value in values] or [""])
    return headers


def _body(result: dict[str, Any]) -> bytes:
    content = result.get("body")
    if content is None:
        return b""
    text = _text(content)
    if result.get("isBase64Encoded") is not True:
        return text.encode("utf-8", "replace")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _malformed("the body is no base64") from None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
