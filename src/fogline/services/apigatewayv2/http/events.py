"""Events: what functions behind HTTP APIs are told of a request, in either payload format.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

from typing import Any

from fogline.apis.fields import last_values
from fogline.aws.http_events import clock_text, encoded_body, proxy_event, request_context
from fogline.services.apigatewayv2.http.exchange import Exchange
from fogline.services.apigatewayv2.http.parameter_mapping import Sent
from fogline.services.apigatewayv2.http.query import spelled_query

_CAPITALS = {
    name.lower(): name
    for name in (
        "Content-Length", "Content-Type", "Host", "User-Agent", "X-Amzn-Trace-Id",
        "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto",
    )
}  # fmt: skip
"""The headers that events of payload format 1.0 spell so, and all others in lower case (seen on AWS)."""


def told_headers(exchange: Exchange, sent: Sent) -> dict[str, str]:
    """The headers of an event: those that are sent, and what API Gateway knows of the way on which they came."""
    headers = {
        "content-length": str(len(exchange.body)),
        "x-amzn-trace-id": f"Root={exchange.trace.trace_id}",
        "x-forwarded-for": exchange.source_ip,
        "x-forwarded-port": exchange.port,
        "x-forwarded-proto": exchange.scheme,
    }
    headers.update(sent.headers)
    return headers


def event_2(exchange: Exchange, sent: Sent) -> dict[str, Any]:
    """Payload format 2.0."""
    site, known = exchange.site, exchange.authorized
    context = request_context(
        account=site.account,
        api=site.api_id,
        host=exchange.domain_name,
        prefix=exchange.domain_prefix,
        method=exchange.method,
        path=exchange.told_path if sent.path is None else sent.path,
        source_ip=exchange.source_ip,
        user_agent=exchange.headers.get("user-agent", ""),
        request_id=exchange.request_id,
        route_key=exchange.route_key,
        stage=site.stage_name,
        now=exchange.now,
        authorizer={known.kind: known.value} if known is not None else None,
    )
    return proxy_event(
        context=context,
        raw_query=spelled_query(sent.query) if sent.has_new_query else exchange.raw_query,
        headers=told_headers(exchange, sent),
        query=sent.query,
        body=exchange.body,
        path_parameters=exchange.path_parameters,
        stage_variables=site.variables,
    )


def event_1(exchange: Exchange, sent: Sent) -> dict[str, Any]:
    """Payload format 1.0, as HTTP APIs have it."""
    route = exchange.route
    assert route is not None, "only a route has an integration"
    told = told_headers(exchange, sent)
    body, is_base64 = None, False
    if exchange.body:
        body, is_base64 = encoded_body(exchange.body, told.get("content-type", ""))
    headers = {_CAPITALS.get(name, name): value for name, value in told.items()}
    multi = {name: [value] for name, value in headers.items()}
    for name, values in _several(exchange).items():
        if headers.get(name) == ",".join(values):
            multi[name], headers[name] = values, values[-1]
    return {
        "version": "1.0",
        "resource": route.resource,
        "path": exchange.sent_path if sent.path is None else sent.path,
        "httpMethod": exchange.method,
        "headers": headers,
        "multiValueHeaders": multi,
        "queryStringParameters": last_values(sent.query) or None,
        "multiValueQueryStringParameters": sent.query or None,
        "requestContext": context_1(exchange),
        "pathParameters": dict(exchange.path_parameters) or None,
        "stageVariables": dict(exchange.site.variables) or None,
        "body": body,
        "isBase64Encoded": is_base64,
    }


def context_1(exchange: Exchange) -> dict[str, Any]:
    """The member `requestContext` of payload format 1.0."""
    site, route = exchange.site, exchange.route
    authorizer = exchange.authorizer()
    return {
        "accountId": site.account,
        "apiId": site.api_id,
        **({"authorizer": authorizer} if authorizer else {}),
        "domainName": exchange.domain_name,
        "domainPrefix": exchange.domain_prefix,
        "extendedRequestId": exchange.request_id,
        "httpMethod": exchange.method,
        "identity": exchange.identity(),
        "path": exchange.sent_path,
        "protocol": "HTTP/1.1",
        "requestId": exchange.request_id,
        "requestTime": clock_text(exchange.now),
        "requestTimeEpoch": exchange.now,
        "resourceId": exchange.route_key,
        "resourcePath": route.resource if route is not None else "",
        "stage": site.stage_name,
    }


def _several(exchange: Exchange) -> dict[str, list[str]]:
    """The headers that came more than once."""
    found: dict[str, list[str]] = {}
    for name, value in exchange.raw_headers:
        key = name.decode("latin-1").lower()
        found.setdefault(_CAPITALS.get(key, key), []).append(value.decode("latin-1"))
    return {name: values for name, values in found.items() if len(values) > 1}
