"""Request parameters: from an expression such as `route.request.querystring.token` to its values in one exchange.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-data-mapping.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from fogline.services.apigatewayv2.websocket.exchange import Exchange
from fogline.services.apigatewayv2.websocket.selection import stringified

_PLACES = {"multivalueheader": "header", "multivaluequerystring": "querystring"}


class Mapped(NamedTuple):
    """What is mapped to an integration's request, by where it goes there."""

    header: dict[str, list[str]]
    querystring: dict[str, list[str]]
    path: dict[str, list[str]]


def values_of(expression: str, exchange: Exchange) -> list[str]:
    """All values of a source; none where it names nothing."""
    if len(expression) > 1 and expression[0] == expression[-1] == "'":
        return [expression[1:-1]]
    name = expression.removeprefix("route.")
    where, _, rest = name.removeprefix("request.").partition(".")
    if where == "multivalueheader":
        return exchange.headers.all(rest)
    if where == "multivaluequerystring":
        return exchange.query.get(rest, [])
    if name == "request.body":
        return [exchange.body]
    value: Any = exchange.value(name)
    return [] if value is None else [stringified(value)]


def mapped(parameters: Mapping[str, str], exchange: Exchange) -> Mapped:
    """The parameters that have a value."""
    places = Mapped({}, {}, {})
    for name, expression in parameters.items():
        where, _, rest = name.removeprefix("integration.request.").partition(".")
        place = getattr(places, _PLACES.get(where, where), None)
        if rest and place is not None:
            values = values_of(expression, exchange)
            if values:
                place[rest] = values
    return places


def missing(parameters: Mapping[str, Any], exchange: Exchange) -> list[str]:
    """The names of those that a route requires and a client did not send."""
    return [
        name.rpartition(".")[2]
        for name, constraints in parameters.items()
        if (constraints or {}).get("Required") and not values_of(name, exchange)
    ]
