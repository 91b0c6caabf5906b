"""Addresses of AWS integrations: `arn:aws:apigateway:REGION:[SUBDOMAIN.]SERVICE:path|action/...`."""

from __future__ import annotations

import re
from typing import NamedTuple

_ADDRESS = re.compile(
    r"arn:[a-z0-9-]+:apigateway:([a-z0-9-]+):(?:(.+)\.)?([a-zA-Z0-9-]+):(path|action)/(.*)",
    re.DOTALL,
)
_FUNCTION = re.compile(r"/?2015-03-31/functions/(.+)/invocations/?")
_STREAMING = re.compile(r"/?2021-11-15/functions/(.+)/response-streaming-invocations/?")


class IntegrationAddress(NamedTuple):
    region: str
    subdomain: str
    service: str
    action: str
    """"" for an address by path."""
    path: str


def read_address(uri: str) -> IntegrationAddress | None:
    found = _ADDRESS.fullmatch(uri)
    if found is None:
        return None
    region, subdomain, service, kind, rest = found.groups()
    is_action = kind == "action"
    return IntegrationAddress(
        region,
        subdomain or "",
        service,
        rest.partition("?")[0].partition("&")[0] if is_action else "",
        "" if is_action else rest,
    )


def function_of(uri: str) -> str | None:
    """The function that an address invokes, by its ARN; None for any other address."""
    address = read_address(uri)
    if address is None or address.service != "lambda" or address.action:
        return None
    found = _FUNCTION.fullmatch(address.path) or _STREAMING.fullmatch(address.path)
    return found[1] if found else None


def is_streaming(uri: str) -> bool:
    """True for an address whose function streams its answer."""
    return uri.rstrip("/").endswith("/response-streaming-invocations")
