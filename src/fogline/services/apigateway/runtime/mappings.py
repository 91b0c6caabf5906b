"""Mappings of parameters: from an expression such as `method.request.header.X` to its value in one exchange.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import orjson

from fogline.apis.fields import Headers
from fogline.aws.jsonpath import InvalidPath, PathFailed, Work, compile_path
from fogline.services.apigateway.runtime.exchange import Exchange

_KEPT_MAX = 4_096
_STEPS_MAX = 100_000


class Reply:
    """What an integration answered, as mappings see it."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: Headers, body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body


Read = Callable[[Exchange, Reply | None], list[str] | None]
"""All values of a source; None for none."""


@lru_cache(_KEPT_MAX)
def source(expression: str) -> Read:
    """What reads the values that an expression names; one that names nothing reads None."""
    if len(expression) > 1 and expression[0] == expression[-1] == "'":
        static = [expression[1:-1]]
        return lambda exchange, reply: static
    front, _, name = expression.partition(".")
    if front == "context":
        return lambda exchange, reply: _texts(_within(_context(exchange), name))
    if front == "stageVariables":
        return lambda exchange, reply: _texts(exchange.site.variables.get(name))
    if expression.startswith("method.request."):
        return _from_request(expression.removeprefix("method.request."))
    if expression.startswith("integration.response."):
        return _from_reply(expression.removeprefix("integration.response."))
    return _nothing


def _nothing(exchange: Exchange, reply: Reply | None) -> None:
    return None


def _context(exchange: Exchange) -> dict[str, Any]:
    return exchange.context()


def _from_request(place: str) -> Read:
    where, _, name = place.partition(".")
    if where == "header":
        return lambda exchange, reply: exchange.headers.all(name)[-1:] or None
    if where == "multivalueheader":
        return lambda exchange, reply: exchange.headers.all(name) or None
    if where == "querystring":
        return lambda exchange, reply: exchange.query.get(name, [])[-1:] or None
    if where == "multivaluequerystring":
        return lambda exchange, reply: exchange.query.get(name) or None
    if where == "path":
        return lambda exchange, reply: _texts(exchange.path_parameters.get(name))
    if where.startswith("body"):
        path = place.removeprefix("body")
        if not path:
            return lambda exchange, reply: [exchange.text()]
        return lambda exchange, reply: _in_body(exchange.body, path)
    return _nothing


def _from_reply(place: str) -> Read:
    where, _, name = place.partition(".")
    if where == "header":
        return lambda exchange, reply: (reply.headers.all(name)[-1:] or None) if reply else None
    if where == "multivalueheader":
        return lambda exchange, reply: (reply.headers.all(name) or None) if reply else None
    if where.startswith("body"):
        path = place.removeprefix("body")
        if not path:
            return lambda exchange, reply: (
                [reply.body.decode("utf-8", "replace")] if reply else None
            )
        return lambda exchange, reply: _in_body(reply.body, path) if reply else None
    return _nothing


def _within(values: Any, name: str) -> Any:
    for part in name.split("."):
        if not isinstance(values, Mapping):
            return None
        values = values.get(part)
    return values


def _in_body(body: bytes, path: str) -> list[str] | None:
    try:
        compiled = compile_path(f"${path}")
        return _texts(compiled.value(orjson.loads(body), Work(_STEPS_MAX)))
    except (InvalidPath, PathFailed, orjson.JSONDecodeError):
        return None


def _texts(value: Any) -> list[str] | None:
    if value is None:
        return None
    return [value if isinstance(value, str) else orjson.dumps(value).decode()]
