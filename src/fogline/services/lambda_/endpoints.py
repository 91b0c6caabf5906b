"""Function URLs at work: an HTTP request becomes an event, and what the function returns an answer.

Form of both: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import unquote

import orjson

from fogline.apis.fields import parse_query
from fogline.aws.call import Trace
from fogline.aws.errors import AwsError
from fogline.aws.http_events import (
    InvalidAnswer,
    proxy_event,
    read_answer,
    read_streamed,
    request_context,
)
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

log = logging.getLogger("fogline.lambda")

_LABEL = ".lambda-url."
_WITH_PRELUDE = "application/vnd.awslambda.http-integration-response"
_NOT_TOLD = frozenset(("connection", "keep-alive", "te", "trailer", "transfer-encoding"))


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
    for name, value in _told_beside(host, trace).items():
        headers.setdefault(name, value)
    context = request_context(
        account="anonymous",
        api=identifier,
        host=host,
        prefix=identifier,
        method=request.method,
        path=path,
        source_ip="127.0.0.1",
        user_agent=headers.get("user-agent", ""),
        request_id=request_id,
        route_key="$default",
        stage="$default",
        now=now,
    )
    return proxy_event(
        context=context,
        raw_query=request.query,
        headers=headers,
        query=parse_query(request.query),
        body=body,
    )


def _response(payload: bytes, content_type: str) -> HttpResponse:
    try:
        if content_type == _WITH_PRELUDE:
            return HttpResponse(*read_streamed(payload))
        if content_type not in ("", "application/json"):
            return HttpResponse(200, [("content-type", content_type)], payload)
        return HttpResponse(*read_answer(payload, "application/json", takes_documents=True))
    except InvalidAnswer as invalid:
        log.warning("A function URL answers 502: the function's answer is not valid: %s", invalid)
        return _broken()


def _broken() -> HttpResponse:
    return HttpResponse(502, [("content-type", "application/json")], b"Internal Server Error")
