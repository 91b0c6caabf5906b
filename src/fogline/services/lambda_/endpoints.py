"""Function URLs at work: an HTTP request becomes an event, and what the function returns an answer.

Form of both: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

import orjson

from fogline.aws.call import Trace
from fogline.aws.errors import AwsError
from fogline.ports.functions import Invocation
from fogline.ports.http import HttpRequest, HttpResponse
from fogline.services.lambda_ import invoking
from fogline.services.lambda_.errors import ResourceNotFoundException
from fogline.services.lambda_.lookup import find_runnable
from fogline.services.lambda_.names import Reference
from fogline.services.lambda_.service import Lambda
from fogline.services.lambda_.tables import qualified_key
from fogline.store.documents import Document
from fogline.store.store import Tx

_LABEL = ".lambda-url."
_TEXT_TYPES = ("text/", "application/json", "application/javascript", "application/xml")
_WITH_PRELUDE = "application/vnd.awslambda.http-integration-response"
_PRELUDE_END = b"\0" * 8
_NOT_TOLD = frozenset(("connection", "keep-alive", "te", "trailer", "transfer-encoding"))
_NOT_SENT_BACK = frozenset(("content-length", "transfer-encoding", "connection"))


class FunctionUrls:
    """Answers the hosts of function URLs (`ports/http.py`)."""

    def __init__(self, lambda_: Lambda) -> None:
        self._lambda = lambda_

    def matches(self, host: str, path: str) -> bool:
        return _LABEL in host

    async def answer(self, request: HttpRequest, trace: Trace) -> HttpResponse:
        lambda_ = self._lambda
        host = request.headers.get("host", "")
        identifier = host.partition(_LABEL)[0]

        def look(tx: Tx) -> tuple[Reference, Document] | None:
            found = lambda_.tables.url_hosts.find(tx, "", "", identifier)
            if found is None:
                return None
            reference = Reference(
                found["account"], found["region"], found["name"], found["qualifier"]
            )
            config = lambda_.tables.urls.find(
                tx, reference.account, reference.region, qualified_key(reference)
            )
            return (reference, config) if config is not None else None

        found = await invoking.look(lambda_, look)
        if found is None:
            return _refusal(403, None, "AccessDeniedException")
        reference, config = found
        if config["AuthType"] == "AWS_IAM" and "authorization" not in request.headers:
            return _refusal(403, "Forbidden", "AccessDeniedException")
        body = _body(request, lambda_.limits.sync_payload_bytes_max)
        if body is None:
            return _refusal(413, "Request Entity Too Large")
        event = _event(
            request, body, identifier, host, lambda_.ids.uuid(), lambda_.clock.now(), trace
        )
        invocation = Invocation(
            request_id=event["requestContext"]["requestId"],
            payload=orjson.dumps(event),
            trace=invoking.child_of(lambda_, trace),
            invoked_arn=reference.arn,
        )
        chance = lambda_.ids.fraction()
        try:
            runnable = await invoking.look(
                lambda_, lambda tx: find_runnable(lambda_, tx, reference, chance)
            )
            outcome = await invoking.run(lambda_, runnable, invocation)
        except ResourceNotFoundException:
            return _refusal(403, "Forbidden", "AccessDeniedException")
        except AwsError as refused:
            return _refusal(refused.status, refused.text)
        await lambda_.store.transact(lambda tx: invoking.keep(lambda_, tx, runnable, outcome))
        invoking.record(lambda_, runnable, invocation, outcome)
        if outcome.function_error:
            return _broken()
        response = _response(outcome.payload, outcome.content_type)
        if request.headers.get("connection", "keep-alive").lower() == "keep-alive":
            response.headers.append(("Connection", "keep-alive"))
        return response


def _refusal(status: int, message: str | None, error: str = "") -> HttpResponse:
    headers = [("content-type", "application/json")]
    if error:
        headers.append(("x-amzn-ErrorType", error))
    return HttpResponse(status, headers, orjson.dumps({"Message": message}))


def _body(request: HttpRequest, bytes_max: int) -> bytes | None:
    if request.spooled is None:
        return request.body if len(request.body) <= bytes_max else None
    data = request.spooled.read(bytes_max + 1)
    request.spooled.close()
    return data if len(data) <= bytes_max else None


def _told_beside(host: str, trace: Trace) -> dict[str, str]:
    """What AWS tells functions of the way on which a request came; to AWS that is always TLS."""
    return {
        "x-amzn-tls-cipher-suite": "TLS_AES_128_GCM_SHA256",
        "x-amzn-tls-version": "TLSv1.3",
        "x-amzn-trace-id": f"Root={trace.trace_id}",
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-port": host.partition(":")[2] or "443",
        "x-forwarded-proto": "https" if ":" not in host else "http",
    }


def _event(
    request: HttpRequest,
    body: bytes,
    identifier: str,
    host: str,
    request_id: str,
    now: int,
    trace: Trace,
) -> dict[str, Any]:
    """The event of payload format 2.0."""
    path = unquote(request.path)
    headers = {name: value for name, value in request.headers.items() if name not in _NOT_TOLD}
    cookies = headers.pop("cookie", "")
    for name, value in _told_beside(host, trace).items():
        headers.setdefault(name, value)
    at = datetime.fromtimestamp(now / 1000, UTC)
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": request.query,
        "headers": headers,
        "requestContext": {
            "accountId": "anonymous",
            "apiId": identifier,
            # With its port: functions make addresses of it that have to lead back here.
            "domainName": host,
            "domainPrefix": identifier,
            "http": {
                "method": request.method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": request_id,
            "routeKey": "$default",
            "stage": "$default",
            "time": at.strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "timeEpoch": now,
        },
        "isBase64Encoded": False,
    }
    if cookies:
        event["cookies"] = [cookie.strip() for cookie in cookies.split(";")]
    values: dict[str, str] = {}
    for name, value in parse_qsl(request.query, keep_blank_values=True):
        values[name] = f"{values[name]},{value}" if name in values else value
    if values:
        event["queryStringParameters"] = values
    if body:
        text = None
        if headers.get("content-type", "").startswith(_TEXT_TYPES):
            try:
                text = body.decode()
            except UnicodeDecodeError:
                text = None
        event["isBase64Encoded"] = text is None
        event["body"] = base64.b64encode(body).decode() if text is None else text
    return event


def _response(payload: bytes, content_type: str) -> HttpResponse:
    if content_type == _WITH_PRELUDE:
        return _after_prelude(payload)
    if content_type not in ("", "application/json"):
        return HttpResponse(200, [("content-type", content_type)], payload)
    answer = orjson.loads(payload or b"null")
    if not isinstance(answer, Mapping) or "statusCode" not in answer:
        # Anything else is the body itself.
        body = answer.encode() if isinstance(answer, str) else payload
        return HttpResponse(200, [("content-type", "application/json")], body)
    headers = _headers(answer, "application/json")
    content = answer.get("body")
    text = "" if content is None else content if isinstance(content, str) else _text(content)
    try:
        status = int(answer["statusCode"])
        body = base64.b64decode(text) if answer.get("isBase64Encoded") else text.encode()
    except (TypeError, ValueError, binascii.Error):
        return _broken()
    return HttpResponse(status, headers, body) if 100 <= status <= 599 else _broken()


def _after_prelude(payload: bytes) -> HttpResponse:
    """What a function streamed that began with status and headers: JSON, eight zero bytes, the body."""
    prelude, _, body = payload.partition(_PRELUDE_END)
    try:
        answer = orjson.loads(prelude)
        status = int(answer.get("statusCode", 200))
        headers = _headers(answer, "application/octet-stream")
    except (TypeError, ValueError, AttributeError):
        return _broken()
    return HttpResponse(status, headers, body) if 100 <= status <= 599 else _broken()


def _headers(answer: Mapping[str, Any], content_type: str) -> list[tuple[str, str]]:
    headers: list[tuple[str, str]] = []
    for name, value in (answer.get("headers") or {}).items():
        if name.lower() not in _NOT_SENT_BACK and _is_safe(name) and _is_safe(str(value)):
            headers.append((name, _text(value)))
    headers += [("set-cookie", str(cookie)) for cookie in answer.get("cookies") or ()]
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("content-type", content_type))
    return headers


def _broken() -> HttpResponse:
    return HttpResponse(502, [("content-type", "application/json")], b"Internal Server Error")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _is_safe(text: str) -> bool:
    return "\r" not in text and "\n" not in text
