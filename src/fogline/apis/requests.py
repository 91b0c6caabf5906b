"""What APIs of every kind take from a request: its fields, its body, and the trace it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address

from fogline.aws.call import Trace
from fogline.ports.http import HttpRequest

_THIS_MACHINE = "127.0.0.1"


def raw_headers(request: HttpRequest) -> Sequence[tuple[bytes, bytes]]:
    """The headers as they were sent, or as near to it as is known."""
    return request.raw_headers or [
        (name.encode(), value.encode("latin-1", "replace"))
        for name, value in request.headers.items()
    ]


def source_ip(request: HttpRequest) -> str:
    """Where the request comes from: as whoever passed it on says, else this machine."""
    given = request.headers.get("x-forwarded-for")
    if given is None:
        return _THIS_MACHINE
    first = given.partition(",")[0].strip()
    try:
        return str(ip_address(first))
    except ValueError:
        return _THIS_MACHINE


def body_of(request: HttpRequest, bytes_max: int) -> bytes:
    """The body; of a larger one, just enough to tell."""
    if request.spooled is None:
        return request.body
    data = request.spooled.read(bytes_max + 1)
    request.spooled.close()
    return data


def trace_header(request: HttpRequest, trace: Trace) -> str:
    """The trace as the integration and the caller are told it: with what the caller said, whole."""
    given = request.headers.get("x-amzn-trace-id", "")
    if "Root=" in given and len(given) < 500:
        return given if "Parent=" in given else f"{given};Parent={trace.id};Sampled=1"
    return f"Root={trace.trace_id};Parent={trace.id};Sampled=1"
