"""Expressions: values that are taken from a request or from an answer, as `$request.header.x`, alone or in a text.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from fogline.services.apigatewayv2.http.exchange import Exchange
from fogline.services.apigatewayv2.websocket.reading import parsed, value_at, within

_KEPT_MAX = 4_096
_SELECTED_BYTES_MAX = 100 * 1024
_VARIABLE = re.compile(
    r"\$\{(?P<wrapped>(?:request|response|context|stageVariables)[.\[][^{}]*)\}"
    r"|\$(?P<bare>context\.authorizer\.claims\.[\w-]+(?::[\w-]+)*"
    r"|(?:request|response|context|stageVariables)(?:\.[\w-]+|\[[^\]]*\])+)"
)


class Answer(NamedTuple):
    """What an integration answered, as expressions see it; header names are lower-case."""

    headers: dict[str, str]
    body: bytes


Read = Callable[[Exchange, Answer | None], Any]
"""The value, None where there is none."""


def text_of(value: Any) -> str | None:
    """A value as it stands in a header or in a text."""
    if value is None or isinstance(value, str):
        return value
    return orjson.dumps(value).decode()


@lru_cache(_KEPT_MAX)
def expression(source: str) -> Read:
    """What reads the value; a text with variables in it is a text where some of them are nothing."""
    found = list(_VARIABLE.finditer(source))
    if not found:
        return lambda exchange, answer: source
    if len(found) == 1 and found[0].span() == (0, len(source)):
        return _variable(_name(found[0]))
    parts: list[str | Read] = []
    at = 0
    for each in found:
        parts.append(source[at : each.start()])
        parts.append(_variable(_name(each)))
        at = each.end()
    parts.append(source[at:])

    def read(exchange: Exchange, answer: Answer | None) -> str:
        return "".join(
            [
                each if isinstance(each, str) else text_of(each(exchange, answer)) or ""
                for each in parts
            ]
        )

    return read


def _name(found: re.Match[str]) -> str:
    return found["wrapped"] or found["bare"]


def _variable(name: str) -> Read:
    front, _, rest = name.partition(".")
    if front == "context":
        return lambda exchange, answer: within({**exchange.context(), **exchange.facts}, rest)
    if front == "stageVariables":
        return lambda exchange, answer: exchange.site.variables.get(rest)
    place, _, key = rest.partition(".")
    if front == "response":
        return _of_answer(place, key, rest)
    if place == "header":
        lower = key.lower()
        return lambda exchange, answer: exchange.headers.get(lower)
    if place == "querystring":
        return lambda exchange, answer: _joined(exchange.query.get(key))
    if place == "path":
        if not key:
            return lambda exchange, answer: exchange.path
        return lambda exchange, answer: exchange.path_parameters.get(key)
    if rest == "body":
        return lambda exchange, answer: exchange.text() or None
    if rest.startswith(("body.", "body[")):
        path = rest.removeprefix("body")
        return lambda exchange, answer: value_at(exchange.document(), path)
    if rest == "method":
        return lambda exchange, answer: exchange.method
    return lambda exchange, answer: None


def _of_answer(place: str, key: str, rest: str) -> Read:
    if place == "header":
        lower = key.lower()
        return lambda exchange, answer: answer.headers.get(lower) if answer else None
    if rest == "body":
        return lambda exchange, answer: answer.body.decode("utf-8", "replace") if answer else None
    if rest.startswith(("body.", "body[")):
        path = rest.removeprefix("body")
        return lambda exchange, answer: (
            value_at(parsed(answer.body[:_SELECTED_BYTES_MAX]), path) if answer else None
        )
    return lambda exchange, answer: None


def _joined(values: list[str] | None) -> str | None:
    return ",".join(values) if values else None


def with_stage_variables(text: str, exchange: Exchange) -> str:
    """The text with `${stageVariables.name}` filled in; what is not there leaves nothing."""
    if "${" not in text:
        return text
    return text_of(expression(text)(exchange, None)) or ""
