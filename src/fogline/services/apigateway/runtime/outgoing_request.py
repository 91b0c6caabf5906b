"""The request that an integration is sent: address, headers, query and body, as mappings and templates make them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from fogline.apis.fields import Headers
from fogline.apis.stage_variables import with_stage_variables
from fogline.services.apigateway.runtime.bodies import request_body
from fogline.services.apigateway.runtime.exchange import Exchange
from fogline.services.apigateway.runtime.integration import Integration

_PLACE = re.compile(r"\{([A-Za-z0-9._:+-]+)\}")


@dataclass(slots=True)
class OutgoingRequest:
    uri: str
    verb: str
    headers: Headers
    query: dict[str, list[str]]
    body: bytes


def mapped_request(exchange: Exchange, integration: Integration) -> OutgoingRequest:
    """What a custom integration sends: nothing of the caller's but what is mapped. Raises Fault."""
    places = integration.mapped(exchange)
    body, content_type = request_body(exchange, integration)
    headers = Headers(
        (
            ("Accept", "application/json"),
            ("Content-Type", content_type),
            ("User-Agent", f"AmazonAPIGateway_{exchange.site.api.id}"),
            ("x-amzn-apigateway-api-id", exchange.site.api.id),
        )
    )
    query: dict[str, list[str]] = {}
    _put(exchange, places["header"], headers, places["querystring"], query)
    paths = {name: values[-1] for name, values in places["path"].items()}
    if not exchange.has_no_variables:
        overrides = exchange.variables().request_overrides
        for name, values in overrides.headers.items():
            headers.put(name, values)
        query.update(overrides.querystring)
        paths.update(overrides.path)
    return OutgoingRequest(
        filled_uri(exchange, integration, paths), _verb(exchange, integration), headers, query, body
    )


def passed_request(exchange: Exchange, integration: Integration) -> OutgoingRequest:
    """What a proxy integration sends: all of the caller's, and beside it what is mapped. Raises Fault."""
    places = integration.mapped(exchange)
    headers = Headers(
        (name, value) for name, value in exchange.headers.pairs() if name.lower() != "host"
    )
    headers.put("x-amzn-apigateway-api-id", [exchange.site.api.id])
    query = {name: list(values) for name, values in exchange.query.items()}
    _put(exchange, places["header"], headers, places["querystring"], query)
    paths = dict(exchange.path_parameters)
    paths.update({name: values[-1] for name, values in places["path"].items()})
    uri = filled_uri(exchange, integration, paths)
    return OutgoingRequest(uri, _verb(exchange, integration), headers, query, exchange.body)


def _put(
    exchange: Exchange,
    mapped_headers: dict[str, list[str]],
    headers: Headers,
    mapped_query: dict[str, list[str]],
    query: dict[str, list[str]],
) -> None:
    for name, values in mapped_headers.items():
        headers.put(name, values)
    query.update(mapped_query)


def _verb(exchange: Exchange, integration: Integration) -> str:
    return exchange.method if integration.verb in ("", "ANY") else integration.verb


def filled_uri(exchange: Exchange, integration: Integration, paths: dict[str, str]) -> str:
    """The address with stage variables and path parameters in it."""
    uri = with_stage_variables(integration.uri, exchange.site.variables)
    if "{" not in uri:
        return uri
    greedy = dict(paths.items())

    def value_of(found: re.Match[str]) -> str:
        name = found[1].removesuffix("+")
        return quote(greedy[name], safe="/:@+,;=~!$'()*") if name in greedy else found[0]

    return _PLACE.sub(value_of, uri)
