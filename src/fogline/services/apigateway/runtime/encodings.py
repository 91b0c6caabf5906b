"""Content encodings: bodies that come compressed, and answers that leave so, where an API has compression.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gzip-compression-decompression.html
"""

from __future__ import annotations

import asyncio
import zlib

from fogline.ports.http import HttpResponse
from fogline.services.apigateway.runtime.exchange import Exchange
from fogline.services.apigateway.runtime.faults import (
    REQUEST_TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE,
    Fault,
)

_ENCODING = "content-encoding"
_WINDOWS = {"gzip": 31, "deflate": 15}
_RAW_DEFLATE = -15
"""What many clients send and call deflate: without the envelope of zlib."""
_LEVEL = 6
_AT_ONCE_BYTES_MAX = 64 * 1024
"""Larger bodies are compressed beside the loop."""


def unpack(exchange: Exchange, body_bytes_max: int) -> None:
    """Decompress the body of a request that says it is compressed. Raises Fault."""
    threshold = _threshold(exchange)
    encoding = (exchange.headers.find(_ENCODING) or "identity").strip().lower()
    if threshold is None or encoding == "identity" or len(exchange.body) < threshold:
        return
    if encoding not in _WINDOWS:
        raise Fault(UNSUPPORTED_MEDIA_TYPE, f"Unsupported content encoding {encoding[:100]}")
    body = _unpacked(exchange.body, _WINDOWS[encoding], body_bytes_max)
    if body is None and encoding == "deflate":
        body = _unpacked(exchange.body, _RAW_DEFLATE, body_bytes_max)
    if body is None:
        raise Fault(UNSUPPORTED_MEDIA_TYPE, f"The body is not compressed by {encoding}")
    exchange.body = body
    exchange.headers.drop(_ENCODING)


def _unpacked(body: bytes, window: int, bytes_max: int) -> bytes | None:
    """None if it is not what it is said to be. Raises Fault."""
    unpacking = zlib.decompressobj(window)
    try:
        whole = unpacking.decompress(body, bytes_max + 1)
    except zlib.error:
        return None
    if len(whole) > bytes_max:
        raise Fault(REQUEST_TOO_LARGE, "The decompressed request is too large")
    return whole if unpacking.eof else None


async def packed(exchange: Exchange, response: HttpResponse) -> HttpResponse:
    """The answer, compressed if the API does that with answers of its size and the caller asks for it."""
    threshold = _threshold(exchange)
    body = response.body
    if threshold is None or not isinstance(body, bytes) or len(body) < max(threshold, 1):
        return response
    encoding = _wanted(exchange.headers.find("accept-encoding") or "")
    if encoding is None or any(name.lower() == _ENCODING for name, _ in response.headers):
        return response
    window = _WINDOWS[encoding]
    if len(body) > _AT_ONCE_BYTES_MAX:
        body = await asyncio.to_thread(_compressed, body, window)
    else:
        body = _compressed(body, window)
    headers = [*response.headers, ("Content-Encoding", encoding)]
    return HttpResponse(response.status, headers, body)


def _compressed(body: bytes, window: int) -> bytes:
    packing = zlib.compressobj(_LEVEL, zlib.DEFLATED, window)
    return packing.compress(body) + packing.flush()


def _threshold(exchange: Exchange) -> int | None:
    size: int | None = exchange.site.api.settings.get("minimumCompressionSize")
    return size


def _wanted(accepted: str) -> str | None:
    """The encoding to use: the first known one among those that the caller likes best."""
    best, chosen = 0.0, None
    for each in accepted.lower().split(","):
        name, _, rest = each.partition(";")
        quality = _quality(rest.strip())
        if quality > best:
            best, chosen = quality, None
        if quality == best and chosen is None and name.strip() in _WINDOWS:
            chosen = name.strip()
    return chosen if best else None


def _quality(text: str) -> float:
    if not text.startswith("q="):
        return 1.0
    try:
        return float(text[2:])
    except ValueError:
        return 0.0
