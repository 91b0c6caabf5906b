"""Headers of answers: API Gateway's own, and what becomes of those that integrations may not set."""

from __future__ import annotations

from fogline.services.apigateway.runtime.exchange import Exchange

_REMAPPED = frozenset(
    (
        "authorization", "connection", "content-length", "content-md5", "date", "expect", "host",
        "max-forwards", "proxy-authenticate", "server", "trailer", "upgrade", "user-agent",
        "www-authenticate", "x-amzn-requestid",
    )
)  # fmt: skip
"""Recorded: test_apigateway_header_remapping_aws."""
DROPPED_OF_REPLIES = frozenset(("transfer-encoding", "keep-alive"))
DROPPED_OF_REQUESTS = frozenset(
    (
        "connection", "content-length", "content-md5", "expect", "keep-alive", "max-forwards",
        "proxy-authenticate", "proxy-connection", "server", "te", "trailer", "transfer-encoding",
        "upgrade", "www-authenticate",
    )
)  # fmt: skip
"""Recorded at the same place: headers of a request that no integration is told."""


def sent_back(name: str) -> str:
    """The name under which a header of an integration reaches the caller."""
    return f"x-amzn-Remapped-{name}" if name.lower() in _REMAPPED else name


def is_safe(text: str) -> bool:
    """True if the text may stand in a header."""
    return "\r" not in text and "\n" not in text and "\0" not in text


def own_headers(exchange: Exchange) -> list[tuple[str, str]]:
    """What API Gateway puts into every answer."""
    return [
        ("x-amzn-RequestId", exchange.request_id),
        ("x-amz-apigw-id", exchange.extended_id),
    ]
