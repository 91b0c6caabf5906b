"""Parameter mapping: what an integration changes of a request before it is sent, and of an answer.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from fogline.aws.http_events import Reply
from fogline.aws.http_events.answers import is_safe
from fogline.services.apigatewayv2.http.exchange import Exchange
from fogline.services.apigatewayv2.http.expressions import Answer, Read, expression, text_of
from fogline.services.apigatewayv2.parameter_mappings import is_reserved

_KEY = re.compile(r"(append|overwrite|remove):(header|querystring)\.(.+)", re.DOTALL)
_PATHS = ("overwrite:path", "overwrite.path")
_STATUS = "overwrite:statuscode"
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


class Change(NamedTuple):
    action: str
    """`append`, `overwrite` or `remove`."""
    place: str
    name: str
    read: Read


@dataclass(slots=True)
class Sent:
    """What an integration is sent. `raw_query` and `path` are as the client sent them unless they were changed."""

    headers: dict[str, str]
    query: dict[str, list[str]]
    path: str | None = None
    """In place of the request's own."""
    has_new_query: bool = False


def read_changes(parameters: Any) -> list[Change]:
    """The changes that a mapping's keys name; what names none, or a reserved header, changes nothing."""
    changes: list[Change] = []
    if not isinstance(parameters, Mapping):
        return changes
    for key, source in parameters.items():
        read = expression(str(source))
        found = _KEY.fullmatch(key)
        if key in _PATHS:
            changes.append(Change("overwrite", "path", "", read))
        elif key == _STATUS:
            changes.append(Change("overwrite", "status", "", read))
        elif found is not None:
            action, place, name = found.groups()
            if place == "header":
                name = name.lower()
                if is_reserved(name) or not _HEADER_NAME.fullmatch(name):
                    continue
            changes.append(Change(action, place, name, read))
    return changes


def sent_request(exchange: Exchange, changes: list[Change]) -> Sent:
    """What the integration is sent."""
    if not changes:
        return Sent(exchange.headers, exchange.query)
    sent = Sent(dict(exchange.headers), {name: [*each] for name, each in exchange.query.items()})
    for change in changes:
        found = text_of(change.read(exchange, None))
        if change.action != "remove" and (found is None or not is_safe(found)):
            continue
        value = found or ""
        if change.place == "path":
            sent.path = value
        elif change.place == "header":
            _change_header(sent.headers, change, value)
        elif change.place == "querystring":
            sent.has_new_query = True
            if change.action == "remove":
                sent.query.pop(change.name, None)
            elif change.action == "append":
                sent.query.setdefault(change.name, []).append(value)
            else:
                sent.query[change.name] = [value]
    return sent


def _change_header(headers: dict[str, str], change: Change, value: str) -> None:
    name = change.name
    if change.action == "remove":
        headers.pop(name, None)
    elif change.action == "append" and name in headers:
        headers[name] = f"{headers[name]},{value}"
    else:
        headers[name] = value


def changed_reply(exchange: Exchange, reply: Reply, changes: list[Change]) -> Reply:
    """An answer as its status code's mapping makes it."""
    if not changes:
        return reply
    seen: dict[str, str] = {}
    for name, value in reply.headers:
        key = name.lower()
        seen[key] = f"{seen[key]},{value}" if key in seen else value
    answer = Answer(seen, reply.body)
    status, headers = reply.status, list(reply.headers)
    for change in changes:
        found = text_of(change.read(exchange, answer))
        if change.place == "status":
            status = _status(found, status)
        elif change.place == "header":
            if change.action != "append":
                headers = [pair for pair in headers if pair[0].lower() != change.name]
            if change.action != "remove" and found is not None and is_safe(found):
                headers.append((change.name, found))
    return Reply(status, headers, reply.body)


def _status(value: str | None, status: int) -> int:
    if value is not None and len(value) == 3 and value.isascii() and value.isdigit():
        return int(value) if 200 <= int(value) <= 599 else status
    return status
