"""Function URLs at work: an HTTP request becomes an event, and what the function returns an answer.

Form of both: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import aclosing

import orjson

from fogline.apis.cors import Cors, is_preflight
from fogline.apis.preludes import take_prelude
from fogline.apis.requests import body_of, trace_header
from fogline.apis.signatures import Place, find_signer
from fogline.aws.call import Trace
from fogline.aws.errors import AwsError
from fogline.aws.http_events import InvalidAnswer, read_answer, read_streamed
from fogline.aws.signature_v4.refusals import SignatureRefused
from fogline.ports.functions import Invocation, Outcome
from fogline.ports.http import CutShort, HttpRequest, HttpResponse
from fogline.ports.principals import Principals
from fogline.services.lambda_ import invoking, metrics, streaming
from fogline.services.lambda_.errors import ResourceNotFoundException
from fogline.services.lambda_.lookup import find_runnable
from fogline.services.lambda_.names import Reference
from fogline.services.lambda_.service import Lambda
from fogline.services.lambda_.streaming import Streamed
from fogline.services.lambda_.tables import qualified_key
from fogline.services.lambda_.url_events import event_of
from fogline.store.documents import Document
from fogline.store.store import Tx

log = logging.getLogger("fogline.lambda")

_LABEL = ".lambda-url."
_OWN_HEADERS = frozenset(("x-amzn-requestid", "x-amzn-trace-id"))
"""What Lambda says of itself, whatever functions say."""
_WITH_PRELUDE = "application/vnd.awslambda.http-integration-response"


class FunctionUrls:
    """Answers the hosts of function URLs (`ports/http.BrowserEndpoint`)."""

    def __init__(self, lambda_: Lambda, principals: Principals) -> None:
        self._lambda = lambda_
        self._principals = principals

    def matches(self, host: str, path: str) -> bool:
        return _LABEL in host

    def knows_host(self, host: str) -> bool:
        return False

    async def answer(self, request: HttpRequest, trace: Trace) -> HttpResponse:
        lambda_ = self._lambda
        identifier = request.headers.get("host", "").partition(_LABEL)[0]
        found = await invoking.look(lambda_, lambda tx: self._find(tx, identifier))
        if found is None:
            return _refusal(403, None, "AccessDeniedException")
        reference, config = found
        began = lambda_.clock.now()
        response = await self._respond(request, trace, identifier, reference, config)
        now = lambda_.clock.now()
        sources = metrics.sources_of(reference).function
        lambda_.metrics.add(sources, metrics.url_request(response.status, now - began), now)
        if request.headers.get("connection", "keep-alive").lower() == "keep-alive":
            response.headers.append(("Connection", "keep-alive"))
        return response

    async def _respond(
        self,
        request: HttpRequest,
        trace: Trace,
        identifier: str,
        reference: Reference,
        config: Document,
    ) -> HttpResponse:
        """The answer, with what the URL's CORS and Lambda itself say in headers."""
        lambda_ = self._lambda
        cors = Cors(config["Cors"]) if config.get("Cors") else None
        origin = request.headers.get("origin", "")
        request_id = lambda_.ids.uuid()
        ids = [
            ("x-amzn-RequestId", request_id),
            ("X-Amzn-Trace-Id", trace_header(request, trace)),
        ]
        if cors is not None and is_preflight(request.method, request.headers):
            return HttpResponse(200, [*cors.preflight(origin), ("Vary", "Origin"), *ids])
        response = await self._answer(request, request_id, trace, identifier, reference, config)
        if cors is not None:
            response.headers = cors.put(response.headers, origin)
        response.headers = [
            *(pair for pair in response.headers if pair[0].lower() not in _OWN_HEADERS),
            *ids,
        ]
        return response

    def _find(self, tx: Tx, identifier: str) -> tuple[Reference, Document] | None:
        tables = self._lambda.tables
        found = tables.url_hosts.find(tx, "", "", identifier)
        if found is None:
            return None
        reference = Reference(found["account"], found["region"], found["name"], found["qualifier"])
        config = tables.urls.find(tx, reference.account, reference.region, qualified_key(reference))
        return (reference, config) if config is not None else None

    async def _answer(
        self,
        request: HttpRequest,
        request_id: str,
        trace: Trace,
        identifier: str,
        reference: Reference,
        config: Document,
    ) -> HttpResponse:
        lambda_ = self._lambda
        bytes_max = lambda_.limits.sync_payload_bytes_max
        body = body_of(request, bytes_max)
        if len(body) > bytes_max:
            return _refusal(413, "Request Entity Too Large")
        signer = None
        if config["AuthType"] == "AWS_IAM":
            place = Place(reference.account, reference.region, "lambda")
            try:
                signer = find_signer(request, body, place, self._principals, lambda_.clock)
            except SignatureRefused as refused:
                return _unsigned(refused)
            if signer is None:
                return _refusal(403, "Forbidden", "AccessDeniedException")
        now = lambda_.clock.now()
        event = event_of(request, body, identifier, request_id, now, trace, signer)
        invocation = Invocation(
            request_id=request_id,
            payload=orjson.dumps(event),
            trace=invoking.child_of(lambda_, trace),
            invoked_arn=reference.arn,
        )
        try:
            run = await self._run(reference, config, invocation)
        except ResourceNotFoundException:
            return _refusal(403, "Forbidden", "AccessDeniedException")
        except AwsError as refused:
            return _refusal(refused.status, refused.text)
        if isinstance(run, Streamed):
            return await _streamed(run)
        return _broken() if run.function_error else _response(run.payload, run.content_type)

    async def _run(
        self, reference: Reference, config: Document, invocation: Invocation
    ) -> Streamed | Outcome:
        lambda_ = self._lambda
        chance = lambda_.ids.fraction()
        runnable = await invoking.look(
            lambda_, lambda tx: find_runnable(lambda_, tx, reference, chance)
        )
        if config.get("InvokeMode") == "RESPONSE_STREAM":
            return await streaming.run(lambda_, runnable, invocation)
        outcome = await invoking.run(lambda_, runnable, invocation)
        await lambda_.store.transact(lambda tx: invoking.keep(lambda_, tx, runnable, outcome))
        invoking.record(lambda_, runnable, invocation, outcome)
        return outcome


def _refusal(status: int, message: str | None, error: str = "") -> HttpResponse:
    headers = [("content-type", "application/json")]
    if error:
        headers.append(("x-amzn-ErrorType", error))
    return HttpResponse(status, headers, orjson.dumps({"Message": message}))


def _unsigned(refused: SignatureRefused) -> HttpResponse:
    """What those get whose signature is not right: unlike Lambda's own refusals it says `message` (seen on AWS)."""
    headers = [("content-type", "application/json"), ("x-amzn-ErrorType", refused.error)]
    return HttpResponse(403, headers, orjson.dumps({"message": refused.message}))


async def _streamed(run: Streamed) -> HttpResponse:
    """The answer of a function that streams, as soon as its status and headers are known."""
    if run.content_type != _WITH_PRELUDE:
        return HttpResponse(200, [("content-type", run.content_type)], _body(run, b""))
    prelude, first = await take_prelude(run.pieces)
    try:
        status, headers, _ = read_streamed(prelude)
    except InvalidAnswer as invalid:
        await run.pieces.aclose()
        return _invalid(invalid)
    return HttpResponse(status, headers, _body(run, first))


async def _body(run: Streamed, first: bytes) -> AsyncIterator[bytes]:
    if first:
        yield first
    async with aclosing(run.pieces) as pieces:
        async for piece in pieces:
            yield piece
    outcome = await run.outcome
    if outcome.function_error:
        raise CutShort("the function failed while it streamed")


def _response(payload: bytes, content_type: str) -> HttpResponse:
    try:
        if content_type == _WITH_PRELUDE:
            return HttpResponse(*read_streamed(payload))
        if content_type not in ("", "application/json"):
            return HttpResponse(200, [("content-type", content_type)], payload)
        return HttpResponse(*read_answer(payload, "application/json", takes_documents=True))
    except InvalidAnswer as invalid:
        return _invalid(invalid)


def _invalid(invalid: InvalidAnswer) -> HttpResponse:
    log.warning("A function URL answers 502: the function's answer is not valid: %s", invalid)
    return _broken()


def _broken() -> HttpResponse:
    return HttpResponse(502, [("content-type", "application/json")], b"Internal Server Error")
