"""Requests that our own services make of others in their protocols, without HTTP (answers `ports/aws_requests.py`)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from fogline.aws.call import Call, Trace
from fogline.aws.errors import AwsError, InternalFailure
from fogline.gateway import service_index
from fogline.gateway.dispatch import Dispatch
from fogline.gateway.models import ServiceModel, load_service
from fogline.gateway.protocols import Codec, write_error
from fogline.gateway.protocols.query_json import error_document, result_document
from fogline.gateway.route import Misrouted, Route, Router
from fogline.ports.aws_requests import AwsAnswer, AwsRequest, NoSuchService
from fogline.ports.http import HttpRequest, HttpResponse
from fogline.world.clock import Clock
from fogline.world.ids import Ids

log = logging.getLogger("fogline.gateway")

_QUERY = ("query", "ec2")
_FORM = "application/x-www-form-urlencoded"


class InnerRequests:
    """Routes, reads, performs and answers as the gateway does for clients."""

    def __init__(self, dispatch: Dispatch, clock: Clock, ids: Ids) -> None:
        self._dispatch = dispatch
        self._clock = clock
        self._ids = ids
        self._router = Router(dispatch.is_built)

    async def send(self, request: AwsRequest, cause: Call, body_bytes_max: int) -> AwsAnswer:
        model = self._model(request.service)
        headers: dict[str, str] = {}
        for name, value in request.headers:
            key = name.lower()
            headers[key] = f"{headers[key]},{value}" if key in headers else value
        spelled = _spelled(request, model, headers)
        try:
            route = self._router.route(spelled, model.signing_name)
        except Misrouted as misrouted:
            return await self._refused(misrouted, model, headers)
        answer = await self._perform(route, spelled, cause)
        return await _whole(answer, body_bytes_max)

    def _model(self, service: str) -> ServiceModel:
        names = service_index.by_signing_name().get(service, ())
        if not names:
            names = tuple(
                each.name for each in service_index.entries() if each.endpoint_prefix == service
            )
        if not names:
            raise NoSuchService(f"There is no service {service[:100]}.")
        built = next((name for name in names if self._dispatch.is_built(name)), names[0])
        return load_service(built)

    async def _refused(
        self, misrouted: Misrouted, model: ServiceModel, headers: Mapping[str, str]
    ) -> AwsAnswer:
        request_id = self._ids.uuid()
        if misrouted.protocol in _QUERY and _wants_json(headers):
            return _answer(error_document(misrouted.error, request_id), misrouted.error.status)
        answer = write_error(model, misrouted.protocol, misrouted.error, request_id)
        return await _whole(answer, len(answer.body) if isinstance(answer.body, bytes) else 0)

    async def _perform(self, route: Route, request: HttpRequest, cause: Call) -> HttpResponse:
        request_id = self._ids.uuid()
        codec = route.codec
        try:
            operation = self._dispatch.find(route.service, route.operation)
            parameters = codec.read(request, route.path_params)
        except AwsError as refused:
            return _render(codec, refused, request_id, request.headers)
        now = self._clock.now()
        call = cause._replace(
            service=route.service,
            operation=route.operation,
            protocol=codec.protocol,
            request_id=request_id,
            now=now,
            asked_at=now,
            trace=Trace(cause.trace.trace_id, self._ids.hex(16), cause.trace.id),
        )
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def done(result: Mapping[str, Any] | AwsError) -> None:
            if not answer.done():
                answer.set_result(result)

        cancel = self._dispatch.perform(operation, call, parameters, done)
        try:
            result = await answer
        except asyncio.CancelledError:
            if cancel is not None:
                cancel()
            raise
        return _render(codec, result, request_id, request.headers)


def _spelled(request: AwsRequest, model: ServiceModel, headers: dict[str, str]) -> HttpRequest:
    """The request as its service's protocol has it. Raises NoSuchService."""
    query = list(request.query)
    path = quote(
        request.path if request.path.startswith("/") else f"/{request.path}", safe="/%:@+,;=~"
    )
    body = request.body
    is_json = "x-amz-target" in headers
    if request.action:
        if request.action not in model.operations:
            raise NoSuchService(f"{model.name} has no action {request.action[:100]}.")
        path = "/"
        speaks_json = "json" in model.protocols
        has_document = body.lstrip()[:1] == b"{" and not query
        if speaks_json and ("query" not in model.protocols or has_document):
            headers.setdefault("x-amz-target", f"{model.target_prefix}.{request.action}")
            is_json = True
    if not is_json and "query" in model.protocols and (request.action or query):
        body, query = _form(request, model, headers.get("content-type", ""), body), []
    if request.subdomain and model.name == "s3":
        path = f"/{request.subdomain}{path}"
    target = f"{path}?{urlencode(query)}" if query else path
    return HttpRequest(request.method, target, headers, body)


def _form(request: AwsRequest, model: ServiceModel, content_type: str, body: bytes) -> bytes:
    """The form of a request of the query protocol: what stands in its address, and in a form that is sent."""
    fields = list(request.query)
    if request.action:
        fields = [pair for pair in fields if pair[0] not in ("Action", "Version")]
        fields += [("Action", request.action), ("Version", model.api_version)]
    form = urlencode(fields).encode()
    is_form = content_type.startswith(_FORM) or b"=" in body[:200].partition(b"&")[0]
    return form + b"&" + body if body and is_form and body.lstrip()[:1] != b"{" else form


def _wants_json(headers: Mapping[str, str]) -> bool:
    return headers.get("accept", "").startswith("application/json")


def _render(
    codec: Codec,
    result: Mapping[str, Any] | AwsError,
    request_id: str,
    headers: Mapping[str, str],
) -> HttpResponse:
    try:
        if codec.protocol in _QUERY and _wants_json(headers):
            # Services of the query protocol answer JSON to whoever wants it, as API Gateway does.
            if isinstance(result, AwsError):
                refused = codec.write_error(result, request_id)
                document = error_document(result, request_id)
                return _response(document, refused.status, request_id)
            return _response(result_document(codec.operation, result, request_id), 200, request_id)
        if isinstance(result, AwsError):
            return codec.write_error(result, request_id)
        return codec.write(result, request_id)
    except Exception:
        log.exception("Writing the answer %s failed", request_id)
        return codec.write_error(InternalFailure(), request_id)


def _response(document: Mapping[str, Any], status: int, request_id: str) -> HttpResponse:
    headers = [("Content-Type", "application/json"), ("x-amzn-RequestId", request_id)]
    return HttpResponse(status, headers, orjson.dumps(document))


def _answer(document: Mapping[str, Any], status: int) -> AwsAnswer:
    return AwsAnswer(status, (("Content-Type", "application/json"),), orjson.dumps(document))


async def _whole(response: HttpResponse, body_bytes_max: int) -> AwsAnswer:
    if isinstance(response.body, bytes):
        body = response.body[:body_bytes_max]
    else:
        parts: list[bytes] = []
        size = 0
        async for part in response.body:
            parts.append(part)
            size += len(part)
            if size >= body_bytes_max:
                break
        body = b"".join(parts)[:body_bytes_max]
    return AwsAnswer(response.status, response.headers, body)
