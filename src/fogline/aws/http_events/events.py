"""The events of payload format 2.0, and the parts of them that other formats share."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

_TEXT_TYPES = ("text/", "application/json", "application/javascript", "application/xml")
_PROTOCOL = "HTTP/1.1"


def clock_text(now: int) -> str:
    """A moment (ms) as the Common Log Format has it: `12/Mar/2020:19:03:58 +0000`."""
    return _second_text(now // 1000)


@lru_cache(8)
def _second_text(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")


def encoded_body(body: bytes, content_type: str) -> tuple[str, bool]:
    """A body as text if its type is one of texts, else in base64; and whether it is that."""
    if content_type.startswith(_TEXT_TYPES):
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(body).decode(), True


def cookies_of(header: str) -> list[str]:
    """The cookies of a Cookie header, one by one."""
    return [cookie.strip() for cookie in header.split(";")]


def joined_values(query: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Each parameter with all its values, between commas."""
    return {
        name: values[0] if len(values) == 1 else ",".join(values) for name, values in query.items()
    }


def request_context(
    *,
    account: str,
    api: str,
    host: str,
    prefix: str,
    method: str,
    path: str,
    source_ip: str,
    user_agent: str,
    request_id: str,
    route_key: str,
    stage: str,
    now: int,
    authorizer: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The member `requestContext`; `authorizer` is in it where somebody was authorized."""
    context: dict[str, Any] = {"accountId": account, "apiId": api}
    if authorizer is not None:
        context["authorizer"] = authorizer
    # The host with its port: functions make addresses of it that have to lead back here.
    context |= {
        "domainName": host,
        "domainPrefix": prefix,
        "http": {
            "method": method,
            "path": path,
            "protocol": _PROTOCOL,
            "sourceIp": source_ip,
            "userAgent": user_agent,
        },
        "requestId": request_id,
        "routeKey": route_key,
        "stage": stage,
        "time": clock_text(now),
        "timeEpoch": now,
    }
    return context


def proxy_event(
    *,
    context: Mapping[str, Any],
    raw_query: str,
    headers: Mapping[str, str],
    query: Mapping[str, Sequence[str]],
    body: bytes,
    path_parameters: Mapping[str, str] | None = None,
    stage_variables: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The event. Header names are lower-case; cookies stand apart from them."""
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": context["routeKey"],
        "rawPath": context["http"]["path"],
        "rawQueryString": raw_query,
    }
    cookies = headers.get("cookie")
    if cookies is not None:
        event["cookies"] = cookies_of(cookies)
        headers = {name: value for name, value in headers.items() if name != "cookie"}
    event["headers"] = headers
    if query:
        event["queryStringParameters"] = joined_values(query)
    event["requestContext"] = context
    if path_parameters:
        event["pathParameters"] = path_parameters
    if stage_variables:
        event["stageVariables"] = stage_variables
    is_base64 = False
    if body:
        event["body"], is_base64 = encoded_body(body, headers.get("content-type", ""))
    event["isBase64Encoded"] = is_base64
    return event
