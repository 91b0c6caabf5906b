"""The road of a request through an HTTP API: its route, who calls, how often; then the integration."""

from __future__ import annotations

import logging
from urllib.parse import unquote

from fogline.apis.addresses import Address
from fogline.apis.fields import parse_query
from fogline.apis.front import extended_id
from fogline.apis.requests import body_of, raw_headers, source_ip, trace_header
from fogline.aws.call import Trace
from fogline.aws.http_events import Reply
from fogline.ports.http import HttpRequest, HttpResponse
from fogline.services.apigatewayv2.http.admission import admit
from fogline.services.apigatewayv2.http.compiled import HttpApi, Integration, Route
from fogline.services.apigatewayv2.http.cors import is_preflight
from fogline.services.apigatewayv2.http.exchange import Exchange
from fogline.services.apigatewayv2.http.http_integration import answer_http
from fogline.services.apigatewayv2.http.lambda_integration import answer_lambda
from fogline.services.apigatewayv2.http.parameter_mapping import changed_reply
from fogline.services.apigatewayv2.http.records import record
from fogline.services.apigatewayv2.http.refusals import (
    HEADERS_TOO_LARGE,
    INTERNAL,
    NOT_FOUND,
    TOO_LARGE,
    UNAVAILABLE,
    Kind,
    Refused,
)
from fogline.services.apigatewayv2.http.service_integration import answer_service
from fogline.services.apigatewayv2.http.throttling import throttle
from fogline.services.apigatewayv2.runtime import Runtime
from fogline.services.apigatewayv2.sites import DEFAULT_STAGE, Site

log = logging.getLogger("fogline.apigatewayv2")

_BODY_BYTES_MAX = 10 * 1024 * 1024
_NOT_TOLD = frozenset(
    (
        "connection", "expect", "keep-alive", "proxy-connection", "te", "trailer",
        "transfer-encoding", "upgrade",
    )
)  # fmt: skip
_JSON = ("Content-Type", "application/json")
_GARBAGE = (AttributeError, IndexError, KeyError, TypeError, ValueError)
"""What reading a document that is not as it should be may raise."""


class HttpApis:
    """Answers requests to HTTP APIs."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def answer(
        self, request: HttpRequest, site: Site, address: Address, trace: Trace
    ) -> HttpResponse:
        """The answer to one request; raises nothing, whatever the API's documents say."""
        runtime = self._runtime
        if site.deployed is None:
            return self._nothing(f"{site.api_id} has no stage {site.stage_name}, or nothing in it")
        try:
            api = site.deployed.http
        except _GARBAGE:
            log.exception("API %s: its deployment %s is unreadable", site.api_id, site.deployed.id)
            return self._plain(INTERNAL)
        if api.is_endpoint_disabled and not address.domain:
            return self._nothing(f"{site.api_id} has its default endpoint disabled")
        exchange = _exchange(runtime, request, site, api, address, trace)
        try:
            reply = await run(runtime, exchange)
        except Refused as refused:
            reply = _refused(exchange, refused)
        except _GARBAGE:
            log.exception("%s: its documents can not be understood", _place(exchange))
            reply = Reply(INTERNAL.status, [_JSON], INTERNAL.body)
        headers = reply.headers
        if api.cors is not None and not exchange.facts.get("isPreflight"):
            headers = api.cors.put(headers, exchange.headers.get("origin", ""))
        headers.append(("Apigw-Requestid", exchange.request_id))
        response = HttpResponse(reply.status, headers, reply.body)
        await record(runtime, exchange, response)
        return response

    def _nothing(self, reason: str) -> HttpResponse:
        log.info("404 Not Found: API %s", reason)
        return self._plain(NOT_FOUND)

    def _plain(self, kind: Kind) -> HttpResponse:
        id = extended_id(self._runtime.ids.bytes(14))
        return HttpResponse(kind.status, [_JSON, ("Apigw-Requestid", id)], kind.body)


async def run(runtime: Runtime, exchange: Exchange) -> Reply:
    """What the API answers. Raises Refused."""
    if len(exchange.body) > _BODY_BYTES_MAX:
        raise Refused(TOO_LARGE, "the body has more than 10 MB")
    if _head_bytes(exchange) > runtime.limits.head_bytes_max:
        raise Refused(
            HEADERS_TOO_LARGE,
            f"the request line and the values of headers have more than {runtime.limits.head_bytes_max:,} bytes",
        )
    cors, method = exchange.api.cors, exchange.method
    found = exchange.api.routes.find(method, exchange.site.path)
    if found is None:
        if cors is not None and method == "OPTIONS":
            return _preflight(exchange)
        raise Refused(NOT_FOUND, f"no route for {method} {exchange.path[:200]}")
    route, exchange.path_parameters = found
    exchange.route = route
    throttle(runtime, exchange)
    is_asked = cors is not None and is_preflight(method, exchange.headers)
    try:
        await admit(runtime, exchange, route)
    except Refused as refused:
        if is_asked:
            refused.reason += (
                f" (a preflight request takes the route {route.key}, which wants authorization: give the API "
                "a route `OPTIONS /{proxy+}` without it)"
            )
            log.warning("%s: %s", _place(exchange), refused.reason)
        raise
    if is_asked:
        return _preflight(exchange)
    return await _integrate(runtime, exchange, route)


def _head_bytes(exchange: Exchange) -> int:
    """How much the request line and the values of headers are."""
    line = len(exchange.method) + len(exchange.sent_path) + len(exchange.raw_query) + 11
    return line + sum(map(len, exchange.headers.values()))


def _preflight(exchange: Exchange) -> Reply:
    """The API's own answer to a browser that asks what it may do."""
    assert exchange.api.cors is not None, "without CORS there is nothing to say"
    exchange.facts["isPreflight"] = True
    return Reply(204, exchange.api.cors.preflight(exchange.headers.get("origin", "")), b"")


async def _integrate(runtime: Runtime, exchange: Exchange, route: Route) -> Reply:
    integration = route.integration
    if integration is None:
        raise Refused(INTERNAL, f"the route {route.key} has no integration")
    began = runtime.clock.now()
    try:
        reply = await _answer(runtime, exchange, integration)
    except Refused as refused:
        if refused.kind is UNAVAILABLE and not integration.is_private:
            exchange.facts["integrationLatency"] = runtime.clock.now() - began
        raise
    changes = integration.reply_changes
    if changes:
        return changed_reply(exchange, reply, changes.get(str(reply.status)) or [])
    return reply


async def _answer(runtime: Runtime, exchange: Exchange, integration: Integration) -> Reply:
    kind = integration.kind
    if kind == "AWS_PROXY":
        if integration.subtype:
            return await answer_service(runtime, exchange, integration)
        return await answer_lambda(runtime, exchange, integration)
    if kind == "HTTP_PROXY":
        return await answer_http(runtime, exchange, integration)
    raise Refused(INTERNAL, f"HTTP APIs have no integrations of the type {kind[:50]}")


def _refused(exchange: Exchange, refused: Refused) -> Reply:
    kind = refused.kind
    exchange.facts["error"] = {
        "message": refused.message,
        "messageString": f'"{refused.message}"',
        "responseType": _RESPONSE_TYPES.get(kind.status, "DEFAULT_5XX"),
    }
    if kind.status >= 500:
        integration = exchange.route.integration if exchange.route is not None else None
        at = f", integration {integration.id}" if integration is not None else ""
        log.warning("%s%s: %s", _place(exchange), at, refused.reason[:1_500])
    else:
        log.debug("%s: %s: %s", _place(exchange), kind.message, refused.reason[:500])
    return Reply(kind.status, [_JSON, *refused.headers], refused.body)


_RESPONSE_TYPES = {
    400: "BAD_REQUEST_PARAMETERS",
    401: "UNAUTHORIZED",
    403: "ACCESS_DENIED",
    404: "MISSING_AUTHENTICATION_TOKEN",
    413: "REQUEST_TOO_LARGE",
    429: "THROTTLED",
    431: "REQUEST_TOO_LARGE",
    500: "INTEGRATION_FAILURE",
    503: "INTEGRATION_TIMEOUT",
}


def _place(exchange: Exchange) -> str:
    site = exchange.site
    what = f"{exchange.method} {exchange.path[:200]}"
    route = f" (route {exchange.route.key})" if exchange.route is not None else ""
    return f"API {site.api_id}/{site.stage_name}: {what}{route}"


def _exchange(
    runtime: Runtime,
    request: HttpRequest,
    site: Site,
    api: HttpApi,
    address: Address,
    trace: Trace,
) -> Exchange:
    path, sent = site.path, address.sent_path
    if "%" in sent:
        path, sent = unquote(path), unquote(sent)
    told = sent
    if address.domain:
        # Functions see named stages also where callers do not, and never the base path (seen on AWS).
        told = path if site.stage_name == DEFAULT_STAGE else f"/{site.stage_name}{path}"
    return Exchange(
        site=site,
        api=api,
        method=request.method,
        path=path,
        told_path=told,
        sent_path=sent,
        base_path=address.base_path,
        domain=address.domain,
        headers={name: value for name, value in request.headers.items() if name not in _NOT_TOLD},
        raw_headers=raw_headers(request),
        raw_query=request.query,
        query=parse_query(request.query),
        body=body_of(request, _BODY_BYTES_MAX),
        host=request.headers.get("host", ""),
        scheme=request.scheme,
        request_id=extended_id(runtime.ids.bytes(14)),
        now=runtime.clock.now(),
        trace=trace,
        trace_header=trace_header(request, trace),
        source_ip=source_ip(request),
        caller=request.caller,
        request=request,
    )
