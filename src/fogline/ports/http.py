"""HTTP as the gateway and the few services that answer HTTP themselves see it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol, runtime_checkable

from fogline.aws.call import Principal, Trace
from fogline.ports.websockets import WebSocketHandler


@dataclass(frozen=True, slots=True)
class InnerCaller:
    """Who asks from inside, and need not sign for it: a role, or a service on behalf of something it runs."""

    principal: Principal
    service: str = ""
    source_arn: str = ""


@dataclass(slots=True)
class HttpRequest:
    """One request.

    `target` is the request target as it was sent (path and query, percent-encoded). Header names are
    lower-case; a header that came twice is joined by `,`. The body is in `body`, unless it was larger than the
    server keeps in memory: then `body` is empty and `spooled` is a file at its beginning. `raw_headers` are the
    headers as they were sent, for those who must tell their spelling, or each of several values. `scheme` is how
    it came: `http` or `https`.
    """

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""
    spooled: BinaryIO | None = None
    raw_headers: Sequence[tuple[bytes, bytes]] = ()
    scheme: str = "http"
    caller: InnerCaller | None = None

    @property
    def path(self) -> str:
        """The percent-encoded path, without the query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """The raw query string, without its question mark."""
        return self.target.partition("?")[2]


@dataclass(slots=True)
class HttpResponse:
    """One answer. A body that is an iterator is sent in chunks as it yields.

    An answer with an `upgrade` has status 101: from then on the connection is a WebSocket. It answers a request whose
    header `upgrade` is `websocket`, of which the server has made sure that it is one. `headers` may choose a
    subprotocol; those of the handshake are the server's.
    """

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes | AsyncIterator[bytes] = b""
    upgrade: WebSocketHandler | None = None


def request_from_inside(
    method: str,
    target: str,
    fields: Sequence[tuple[str, str]],
    body: bytes,
    caller: InnerCaller | None,
) -> HttpRequest:
    """A request that came over no wire, with these headers and the length of its body."""
    fields = [*fields, ("Content-Length", str(len(body)))] if body else fields
    headers: dict[str, str] = {}
    for name, value in fields:
        key = name.lower()
        headers[key] = f"{headers[key]},{value}" if key in headers else value
    raw = [(name.encode(), value.encode()) for name, value in fields]
    return HttpRequest(method, target, headers, body, raw_headers=raw, caller=caller)


async def whole_body(response: HttpResponse, bytes_max: int) -> bytes:
    """The body of an answer, up to the first piece that goes beyond the bound."""
    body = response.body
    if isinstance(body, bytes):
        return body
    parts: list[bytes] = []
    size = 0
    async for part in body:
        size += len(part)
        if size > bytes_max:
            break
        parts.append(part)
    return b"".join(parts)


class CutShort(Exception):
    """Raised by a body that cannot go on: the connection is closed, so that whoever reads it knows."""


class Endpoint(Protocol):
    """HTTP that is not the AWS API: function URLs, callbacks, our own pages."""

    def matches(self, host: str, path: str) -> bool:
        """True when this endpoint answers that host (lower-case, without port) and percent-encoded path."""

    async def answer(self, request: HttpRequest, trace: Trace) -> HttpResponse:
        """The answer to one request. A failure that escapes is answered 500 and logged."""


@runtime_checkable
class BrowserEndpoint(Endpoint, Protocol):
    """An endpoint of users' own making: they say what browsers may do with it, by CORS, and it answers preflights."""

    def knows_host(self, host: str) -> bool:
        """True for a host that is only known here because a user has given it to something of theirs."""
