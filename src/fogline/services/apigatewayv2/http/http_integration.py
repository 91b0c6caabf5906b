"""HTTP proxy integrations: requests are passed on to somebody's own server, and its answers back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from fogline.aws.http_events import Reply
from fogline.aws.http_events.answers import is_safe
from fogline.background.outgoing import OutgoingFailed
from fogline.services.apigatewayv2.http.asking import failed
from fogline.services.apigatewayv2.http.compiled import Integration
from fogline.services.apigatewayv2.http.exchange import Exchange
from fogline.services.apigatewayv2.http.expressions import with_stage_variables
from fogline.services.apigatewayv2.http.parameter_mapping import Sent, sent_request
from fogline.services.apigatewayv2.http.query import spelled_query
from fogline.services.apigatewayv2.http.refusals import INTERNAL, UNAVAILABLE
from fogline.services.apigatewayv2.http.routes import DEFAULT
from fogline.services.apigatewayv2.runtime import Runtime

_ANSWER_BYTES_MAX = 10 * 1024 * 1024
_PLACE = re.compile(r"\{([A-Za-z0-9._:-]+)\+?\}")
_PATH_SAFE = "/:@+,;=~!$'()*&"
_NOT_SENT = frozenset(("accept-encoding", "content-length", "host"))
"""The HTTP client asks for those encodings that it can undo."""
_NOT_SENT_BACK = frozenset(
    (
        "connection", "content-encoding", "content-length", "date", "keep-alive", "te", "trailer",
        "transfer-encoding", "upgrade",
    )
)  # fmt: skip
"""Bodies come decompressed from the HTTP client, and every answer of ours has a date."""


async def answer_http(runtime: Runtime, exchange: Exchange, integration: Integration) -> Reply:
    """Raises Refused."""
    if integration.is_private:
        raise failed(
            exchange,
            UNAVAILABLE,
            "Fogline has no VPC links: give the integration the connection type INTERNET and an address.",
        )
    sent = sent_request(exchange, integration.changes)
    url = address(exchange, integration, sent)
    if not url.startswith(("http://", "https://")):
        raise failed(exchange, INTERNAL, f"its IntegrationUri is no address: {url[:300]}")
    method = integration.method if integration.method not in ("", "ANY") else exchange.method
    began = runtime.clock.now()
    try:
        answer = await runtime.outgoing.send(
            method,
            url,
            headers=_headers(exchange, sent),
            body=exchange.body,
            timeout_seconds=integration.timeout_seconds,
            answer_bytes_max=_ANSWER_BYTES_MAX + 1,
        )
    except OutgoingFailed as lost:
        raise failed(exchange, UNAVAILABLE, f"{method} {url[:300]} failed: {lost}") from None
    if len(answer.body) > _ANSWER_BYTES_MAX:
        raise failed(exchange, INTERNAL, f"the answer of {url[:300]} has more than 10 MB")
    exchange.facts |= {
        "integrationLatency": runtime.clock.now() - began,
        "integrationStatus": answer.status,
        "integration": {"status": answer.status},
    }
    headers = [
        (name, value)
        for name, value in answer.fields
        if name not in _NOT_SENT_BACK and is_safe(value)
    ]
    return Reply(answer.status, headers, answer.body)


def address(exchange: Exchange, integration: Integration, sent: Sent) -> str:
    """Where a request goes: the integration's address, with path variables, path and query."""
    uri = with_stage_variables(integration.uri, exchange)
    uri, _, own_query = uri.partition("?")
    if sent.path is not None:
        uri = _origin(uri) + quote("/" + sent.path.lstrip("/"), safe=_PATH_SAFE + "%")
    else:
        uri = _filled(uri, exchange.path_parameters)
        if exchange.route_key == DEFAULT:
            uri = uri.rstrip("/") + exchange.site.path
    query = spelled_query(sent.query) if sent.has_new_query else exchange.raw_query
    query = "&".join(each for each in (own_query, query) if each)
    return f"{uri}?{query}" if query else uri


def _origin(uri: str) -> str:
    scheme, found, rest = uri.partition("://")
    return f"{scheme}{found}{rest.partition('/')[0]}"


def _filled(uri: str, parameters: Mapping[str, str]) -> str:
    if "{" not in uri:
        return uri

    def value_of(found: re.Match[str]) -> str:
        name = found[1]
        return quote(parameters[name], safe=_PATH_SAFE) if name in parameters else found[0]

    return _PLACE.sub(value_of, uri)


def _headers(exchange: Exchange, sent: Sent) -> list[tuple[str, str]]:
    headers = [
        (name, value)
        for name, value in sent.headers.items()
        if name not in _NOT_SENT and is_safe(value)
    ]
    address, host = exchange.source_ip, exchange.host
    forwarded = f"by={address};for={address};host={host};proto={exchange.scheme}"
    given = exchange.headers.get("forwarded")
    headers = [pair for pair in headers if pair[0] not in ("forwarded", "via", "x-amzn-trace-id")]
    headers.append(("forwarded", f"{given}, {forwarded}" if given else forwarded))
    headers.append(("via", "HTTP/1.1 AmazonAPIGateway"))
    headers.append(("x-amzn-trace-id", exchange.trace_header))
    return headers
