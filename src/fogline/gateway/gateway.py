"""The road of a request: guard, route, identity, protocol, dispatch, and back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from fogline.aws.call import Call, Trace, root_trace
from fogline.aws.errors import AwsError, InternalFailure
from fogline.gateway import aws_chunked
from fogline.gateway.dispatch import Dispatch
from fogline.gateway.guard import Guard, cors_headers
from fogline.gateway.identity import Identities
from fogline.gateway.models import load_service
from fogline.gateway.protocols import Codec, write_error
from fogline.gateway.route import Misrouted, NoOperation, Router
from fogline.ports.http import BrowserEndpoint, Endpoint, HttpRequest, HttpResponse
from fogline.world.clock import Clock
from fogline.world.ids import Ids

log = logging.getLogger("fogline.gateway")

Reply = Callable[[HttpResponse], None]
Cancel = Callable[[], None]

_HOSTS_REMEMBERED_MAX = 256
_DOCUMENT_BYTES_MAX = 128 * 1024 * 1024


class OwnPages(Endpoint, Protocol):
    """The pages that are Fogline's own, under paths that no AWS service has."""

    def knows(self, path: str) -> bool:
        """True for a page that is there; other paths of ours may be a service's."""


class RequestTooLarge(AwsError):
    """A body larger than any document of the API may be."""

    code = "RequestEntityTooLargeException"
    status = 413
    message = "The request body is larger than any operation but an upload accepts."


class Gateway:
    """Answers whole HTTP requests: our own pages, then `endpoints` in order, then the AWS API.

    `endpoints` may grow until `complete` was called.
    """

    def __init__(
        self,
        *,
        guard: Guard,
        identities: Identities,
        dispatch: Dispatch,
        clock: Clock,
        ids: Ids,
        endpoints: Sequence[Endpoint] = (),
        own: OwnPages,
        complete: Callable[[], None] = lambda: None,
        default_host: str = "localhost:4566",
    ) -> None:
        self._guard = guard
        self._identities = identities
        self._dispatch = dispatch
        self._clock = clock
        self._ids = ids
        self._endpoints = endpoints
        self._own = own
        self._complete = complete
        self._default_host = default_host
        self._router = Router(dispatch.is_built)
        self._tasks: set[asyncio.Task[None]] = set()
        # Hosts whose root is no endpoint's: what comes there by name of its operation need not be looked at again.
        self._api_hosts: set[str] = set()

    def answer(self, request: HttpRequest, reply: Reply) -> Cancel | None:
        """Answer one request through `reply`; see `server.Handler`."""
        if request.spooled is not None:
            reply = _closing(request, reply)
        headers = request.headers
        refusal = self._refusal(request)
        if refusal is not None:
            reply(refusal)
            return None
        host = headers.get("host") or self._default_host
        if "origin" in headers and not self._answers_browsers(host, request.target):
            preflight = self._guard.preflight(request)
            if preflight is not None:
                reply(preflight)
                return None
            reply = _with_cors(headers["origin"], reply)
        is_ours = self._own.matches(host, request.target)
        if is_ours and self._own.knows(request.path):
            self._answer_endpoint(self._own, request, reply)
            return None
        if "x-amz-target" not in headers:
            # It may be for an endpoint of a service that is not there yet.
            self._complete()
        elif host in self._api_hosts and request.target == "/":
            return self._answer_api(request, host, reply)
        for endpoint in self._endpoints:
            if endpoint.matches(host, request.target):
                self._answer_endpoint(endpoint, request, reply)
                return None
        if is_ours:
            self._answer_endpoint(self._own, request, reply)
            return None
        if request.target == "/" and len(self._api_hosts) < _HOSTS_REMEMBERED_MAX:
            self._api_hosts.add(host)
        return self._answer_api(request, host, reply)

    def _refusal(self, request: HttpRequest) -> HttpResponse | None:
        """The answer to a request that may not come in, or None. What pages may ask of APIs is theirs to say."""
        guard, host, target = self._guard, request.headers.get("host", ""), request.target
        if not guard.allows_host(host) and not self._knows_host(host):
            return guard.refusal_of_host(request)
        refusal = guard.refusal_of_page(request)
        if refusal is None or self._own.matches(host, target):
            return refusal
        return None if self._answers_browsers(host, target) else refusal

    def serves_host(self, name: str) -> bool:
        """True for a name that a setting allows, or that a user has given to something of theirs."""
        return self._guard.is_configured(name) or self._knows_host(name)

    def _knows_host(self, host: str) -> bool:
        """True for a custom domain name: nobody else could have made it lead to an API."""
        self._complete()
        return any(
            endpoint.knows_host(host)
            for endpoint in self._endpoints
            if isinstance(endpoint, BrowserEndpoint)
        )

    def _answers_browsers(self, host: str, target: str) -> bool:
        """True where users decide themselves what browsers may do."""
        self._complete()
        return any(
            endpoint.matches(host, target)
            for endpoint in self._endpoints
            if isinstance(endpoint, BrowserEndpoint)
        )

    def _answer_api(self, request: HttpRequest, host: str, reply: Reply) -> Cancel | None:
        request_id = self._ids.uuid()
        identity = self._identities.of(request)
        try:
            route = self._router.route(request, identity.signing_name)
        except Misrouted as misrouted:
            reply(_misrouted(misrouted, request_id))
            return None
        codec = route.codec
        headers = request.headers
        try:
            operation = self._dispatch.find(route.service, route.operation)
            if aws_chunked.is_chunked(request):
                aws_chunked.unwrap(request)
            if request.spooled is not None and not codec.streams_input:
                _load(request)
            parameters = codec.read(request, route.path_params)
        except AwsError as refused:
            reply(codec.write_error(refused, request_id))
            return None
        except Exception:
            log.exception("Reading %s %s failed", route.service, route.operation)
            reply(codec.write_error(InternalFailure(), request_id))
            return None
        now = self._clock.now()
        call = Call(
            route.service,
            route.operation,
            identity.account,
            identity.region,
            identity.principal,
            request_id,
            now,
            self.trace(headers, request_id, now),
            f"{request.scheme}://{host}",
            host,
            codec.protocol,
            identity.access_key,
            now,
        )

        def done(result: Mapping[str, Any] | AwsError) -> None:
            reply(_render(codec, result, request_id))

        return self._dispatch.perform(operation, call, parameters, done)

    def trace(self, headers: Mapping[str, str], request_id: str, now: int) -> Trace:
        """The place of this request in its chain: the caller's, when it names one.

        Form and meaning of the header: https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html
        """
        digits = request_id.replace("-", "")
        header = headers.get("x-amzn-trace-id")
        if header is not None and len(header) < 500:
            root = parent = ""
            for part in header.split(";"):
                key, _, value = part.strip().partition("=")
                if key == "Root":
                    root = value
                elif key == "Parent":
                    parent = value
            if root:
                return Trace(root, digits[16:], parent)
        return root_trace(digits[:24], digits[16:], now)

    # ---- HTTP that is not the AWS API

    def _answer_endpoint(self, endpoint: Endpoint, request: HttpRequest, reply: Reply) -> None:
        trace = self.trace(request.headers, self._ids.uuid(), self._clock.now())
        task = asyncio.get_running_loop().create_task(
            _answer_guarded(endpoint, request, trace, reply)
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _answer_guarded(
    endpoint: Endpoint, request: HttpRequest, trace: Trace, reply: Reply
) -> None:
    try:
        response = await endpoint.answer(request, trace)
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        response = HttpResponse(
            500, [("content-type", "application/json")], b'{"message":"Internal Server Error"}'
        )
    reply(response)


def _render(codec: Codec, result: Mapping[str, Any] | AwsError, request_id: str) -> HttpResponse:
    if isinstance(result, AwsError):
        return codec.write_error(result, request_id)
    try:
        return codec.write(result, request_id)
    except Exception:
        log.exception("Writing the answer %s failed", request_id)
        return codec.write_error(InternalFailure(), request_id)


def _misrouted(misrouted: Misrouted, request_id: str) -> HttpResponse:
    if isinstance(misrouted.error, NoOperation):
        return HttpResponse(404, [("content-type", "text/xml")], b"<UnknownOperationException/>\n")
    model = load_service(misrouted.service) if misrouted.service else None
    return write_error(model, misrouted.protocol, misrouted.error, request_id)


def _load(request: HttpRequest) -> None:
    """Bring a spooled document into memory. Raises RequestTooLarge."""
    assert request.spooled is not None
    data = request.spooled.read(_DOCUMENT_BYTES_MAX + 1)
    request.spooled.close()
    request.spooled = None
    if len(data) > _DOCUMENT_BYTES_MAX:
        raise RequestTooLarge()
    request.body = data


def _closing(request: HttpRequest, reply: Reply) -> Reply:
    def reply_and_close(response: HttpResponse) -> None:
        reply(response)
        if request.spooled is not None:
            request.spooled.close()

    return reply_and_close


def _with_cors(origin: str, reply: Reply) -> Reply:
    def reply_with_cors(response: HttpResponse) -> None:
        response.headers.extend(cors_headers(origin))
        reply(response)

    return reply_with_cors
