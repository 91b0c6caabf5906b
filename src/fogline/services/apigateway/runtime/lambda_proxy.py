"""Lambda proxy integrations: a request becomes an event, what the function returns the answer.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

from __future__ import annotations

import base64
import binascii
from typing import Any
from urllib.parse import unquote

import orjson

from fogline.apis.fields import last_values
from fogline.ports.http import HttpResponse
from fogline.services.apigateway.runtime.exchange import Exchange
from fogline.services.apigateway.runtime.faults import MALFORMED_PROXY_ANSWER, Fault
from fogline.services.apigateway.runtime.reply_headers import (
    DROPPED_OF_REPLIES,
    is_safe,
    own_headers,
    sent_back,
)

_PRELUDE_END = b"\0" * 8
_MEMBERS = frozenset(("statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"))


def proxy_event(exchange: Exchange) -> dict[str, Any]:
    """The event of payload format 1.0."""
    target = exchange.target
    assert target is not None
    headers = exchange.headers
    is_binary = bool(exchange.body) and exchange.site.api.binary.has(headers.find("content-type"))
    body: str | None = None
    if is_binary:
        body = base64.b64encode(exchange.body).decode()
    elif exchange.body:
        body = exchange.text()
    port = exchange.host.rpartition(":")[2] if ":" in exchange.host else "443"
    added = {
        "X-Amzn-Trace-Id": exchange.trace_header,
        "X-Forwarded-For": exchange.source_ip,
        "X-Forwarded-Port": port,
        "X-Forwarded-Proto": exchange.scheme,
    }
    single, multi = headers.single(), headers.multi()
    if not exchange.is_test:
        for name, value in added.items():
            if name not in headers:
                single[name] = value
                multi[name] = [value]
    return {
        "resource": target.resource_path,
        # Functions behind a base path see it: frameworks have an option that takes it away.
        "path": unquote(exchange.sent_path) if exchange.base_path else exchange.path,
        "httpMethod": exchange.method,
        "headers": single or None,
        "multiValueHeaders": multi or None,
        "queryStringParameters": last_values(exchange.query) or None,
        "multiValueQueryStringParameters": exchange.query or None,
        "pathParameters": dict(exchange.path_parameters) or None,
        "stageVariables": dict(exchange.site.variables) or None,
        "requestContext": exchange.context(),
        "body": body,
        "isBase64Encoded": is_binary,
    }


def proxy_answer(exchange: Exchange, payload: bytes) -> HttpResponse:
    """The answer that a function's result spells. Raises Fault."""
    try:
        result = orjson.loads(payload or b"{}")
    except orjson.JSONDecodeError:
        raise _malformed("Malformed Lambda proxy response") from None
    if result is None:
        result = {}
    if not isinstance(result, dict) or not _MEMBERS.issuperset(result):
        raise _malformed("Malformed Lambda proxy response")
    status = _status(result.get("statusCode"))
    pairs = _pairs(result)
    body = _body(exchange, result)
    names = {name.lower() for name, _ in pairs}
    sent = own_headers(exchange)
    if "content-type" not in names:
        sent.append(("Content-Type", "application/json"))
    # A function may tell its own trace; then there is no other.
    if "x-amzn-trace-id" not in names:
        sent.append(("X-Amzn-Trace-Id", exchange.trace_header))
    sent += [
        (sent_back(name), value) for name, value in pairs if name.lower() not in DROPPED_OF_REPLIES
    ]
    return HttpResponse(status, sent, body)


def streamed_answer(exchange: Exchange, payload: bytes) -> HttpResponse:
    """The answer of a function that streams: JSON that tells status and headers, eight zero bytes, the body.

    Raises Fault.
    """
    prelude, found, body = payload.partition(_PRELUDE_END)
    try:
        result = orjson.loads(prelude or b"{}") if found else None
    except orjson.JSONDecodeError:
        result = None
    if not isinstance(result, dict):
        raise _malformed("The streamed response does not begin with its metadata")
    cookies = result.pop("cookies", None) or []
    response = proxy_answer(exchange, orjson.dumps({**result, "body": None}))
    if not isinstance(cookies, list) or not all(is_safe(_scalar(each)) for each in cookies):
        raise _malformed("The streamed response has invalid cookies")
    response.headers += [("Set-Cookie", _scalar(each)) for each in cookies]
    response.body = body
    return response


def _malformed(reason: str) -> Fault:
    return Fault(MALFORMED_PROXY_ANSWER, f"Execution failed due to configuration error: {reason}")


def _status(given: Any) -> int:
    if given is None:
        return 200
    try:
        status = int(given)
    except (TypeError, ValueError):
        status = 0
    if not 200 <= status <= 599:
        raise _malformed("Malformed Lambda proxy response: invalid statusCode")
    return status


def _pairs(result: dict[str, Any]) -> list[tuple[str, str]]:
    """The headers; what stands in both members is taken from `multiValueHeaders`, or from both if they differ."""
    single, multi = result.get("headers"), result.get("multiValueHeaders")
    if not all(each is None or isinstance(each, dict) for each in (single, multi)):
        raise _malformed("Malformed Lambda proxy response: invalid headers")
    pairs: list[tuple[str, str]] = []
    for name, values in (multi or {}).items():
        if not isinstance(values, list):
            raise _malformed("Malformed Lambda proxy response: invalid multiValueHeaders")
        pairs += [(name, _scalar(value)) for value in values]
    for name, value in (single or {}).items():
        text = _scalar(value)
        if not any(each.lower() == name.lower() and known == text for each, known in pairs):
            pairs.append((name, text))
    if not all(is_safe(name + value) and name for name, value in pairs):
        raise _malformed("Malformed Lambda proxy response: invalid header")
    return pairs


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (dict, list)):
        raise _malformed("Malformed Lambda proxy response: a header is no text")
    return "" if value is None else orjson.dumps(value).decode()


def _body(exchange: Exchange, result: dict[str, Any]) -> bytes:
    content = result.get("body")
    if content is None:
        return b""
    if isinstance(content, (dict, list)):
        raise _malformed("Malformed Lambda proxy response: the body is no text")
    text = content if isinstance(content, str) else orjson.dumps(content).decode()
    if result.get("isBase64Encoded") is True and exchange.site.api.binary.has(
        exchange.headers.find("accept") or "*/*"
    ):
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise _malformed("Unable to base64 decode the body.") from None
    return text.encode("utf-8", "replace")
