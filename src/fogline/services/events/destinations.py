"""API destinations: where they are found, whether they can be called, and the request that calls one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from fogline.aws.arn import find_arn, make_arn
from fogline.aws.http_parameters import filled_path
from fogline.ports.api_destinations import HttpCall
from fogline.services.events.authorization import with_headers, with_query
from fogline.services.events.connections import AUTHORIZED, find_connection
from fogline.services.events.service import Events
from fogline.store.documents import Document
from fogline.store.store import Tx

_OWN_HEADERS = (
    ("Content-Type", "application/json; charset=utf-8"),
    ("User-Agent", "Amazon/EventBridge/ApiDestinations"),
    ("Range", "bytes=0-1048575"),
)

_STRIPPED = frozenset(
    name.lower()
    for name in (
        "A-IM",
        "Accept-Charset",
        "Accept-Datetime",
        "Accept-Encoding",
        "Cache-Control",
        "Connection",
        "Content-Encoding",
        "Content-Length",
        "Content-MD5",
        "Date",
        "Expect",
        "Forwarded",
        "From",
        "Host",
        "HTTP2-Settings",
        "If-Match",
        "If-Modified-Since",
        "If-None-Match",
        "If-Range",
        "If-Unmodified-Since",
        "Max-Forwards",
        "Origin",
        "Pragma",
        "Proxy-Authorization",
        "Range",
        "Referer",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "User-Agent",
        "Upgrade",
        "Via",
        "Warning",
    )
)
"""Headers that a target may not set: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html"""


def arn_of(account: str, region: str, document: Document) -> str:
    resource = f"api-destination/{document['name']}/{document['id']}"
    return make_arn("events", region, account, resource)


def find_destination(events: Events, tx: Tx, arn_text: str) -> Document | None:
    """The API destination of that ARN, which is another one once it was deleted and made anew."""
    arn = find_arn(arn_text)
    if arn is None or arn.service != "events":
        return None
    kind, _, rest = arn.resource.partition("/")
    name, _, id_ = rest.partition("/")
    if kind != "api-destination":
        return None
    found = events.tables.calls.destinations.find(tx, arn.account, arn.region, name)
    return found if found is not None and found["id"] == id_ else None


def state_of(events: Events, tx: Tx, document: Document) -> str:
    """ACTIVE while its connection is authorized."""
    connection = find_connection(events, tx, document["connection"])
    return "ACTIVE" if connection is not None and connection["state"] == AUTHORIZED else "INACTIVE"


def call_of(document: Document, body: bytes, parameters: Mapping[str, Any]) -> HttpCall:
    """The request, with what a target's HttpParameters put into it, before its connection adds anything."""
    query = list((parameters.get("QueryStringParameters") or {}).items())
    headers = [
        (name, value)
        for name, value in (parameters.get("HeaderParameters") or {}).items()
        if name.lower() not in _STRIPPED
    ]
    url = _with_path(document["endpoint"], parameters.get("PathParameterValues") or ())
    carries_body = document["method"] not in ("GET", "HEAD")
    return HttpCall(
        document["method"],
        with_query(url, query),
        with_headers(_OWN_HEADERS, headers),
        body if carries_body else b"",
    )


def _with_path(url: str, values: Sequence[str]) -> str:
    """Each `*` of the path by the next value; one without a value stays what it is."""
    if "*" not in url:
        return url
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=filled_path(parts.path, values)))
