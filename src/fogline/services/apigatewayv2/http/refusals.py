"""Refusals: what an HTTP API answers in place of its integration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import orjson


class Kind(NamedTuple):
    status: int
    message: str
    body: bytes


def _kind(status: int, message: str) -> Kind:
    return Kind(status, message, orjson.dumps({"message": message}))


BAD_REQUEST = _kind(400, "Bad Request")
UNAUTHORIZED = _kind(401, "Unauthorized")
FORBIDDEN = _kind(403, "Forbidden")
NOT_FOUND = _kind(404, "Not Found")
TOO_LARGE = _kind(413, "Request Entity Too Large")
TOO_MANY = _kind(429, "Too Many Requests")
HEADERS_TOO_LARGE = _kind(431, "Request Header Fields Too Large")
INTERNAL = _kind(500, "Internal Server Error")
NOT_IMPLEMENTED = _kind(501, "Not Implemented")
UNAVAILABLE = _kind(503, "Service Unavailable")


class Refused(Exception):
    """The request ends here. `reason` is for logs: what a developer has to know to set it right."""

    def __init__(
        self,
        kind: Kind,
        reason: str = "",
        *,
        headers: Sequence[tuple[str, str]] = (),
        message: str = "",
    ) -> None:
        super().__init__(reason or kind.message)
        self.kind = kind
        self.reason = reason or kind.message
        self.headers = headers
        self.message = message or kind.message

    @property
    def body(self) -> bytes:
        if self.message == self.kind.message:
            return self.kind.body
        return orjson.dumps({"message": self.message})
