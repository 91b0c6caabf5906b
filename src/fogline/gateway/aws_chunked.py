"""The `aws-chunked` content encoding: S3 bodies sent in signed chunks, with checksums as trailers."""

from __future__ import annotations

import tempfile
from typing import BinaryIO

from fogline.aws.errors import AwsError
from fogline.ports.http import HttpRequest

_SIZE_DIGITS_MAX = 16
_LINE_BYTES_MAX = 4_096
_TRAILER_BYTES_MAX = 64 * 1024
_COPIED_BYTES = 1024 * 1024


class IncompleteBody(AwsError):
    """The chunks of a body are not well-formed, or are not as long as was said."""

    message = "The request body terminated unexpectedly"


def is_chunked(request: HttpRequest) -> bool:
    """True when the body is wrapped in signed (or unsigned, trailing) chunks."""
    headers = request.headers
    return headers.get("x-amz-content-sha256", "").startswith("STREAMING-") or (
        "aws-chunked" in headers.get("content-encoding", "")
    )


def unwrap(request: HttpRequest) -> None:
    """Replace the body by what the chunks carry, and add trailers to the headers.

    Signatures of chunks are not checked. Raises IncompleteBody when the chunks do not add up.
    """
    if request.spooled is not None:
        request.spooled, size, trailers = _decode_file(request.spooled)
    else:
        request.body, trailers = _decode(request.body)
        size = len(request.body)
    expected = request.headers.get("x-amz-decoded-content-length")
    if expected is not None and expected != str(size):
        raise IncompleteBody()
    for line in trailers.split(b"\r\n"):
        name, colon, value = line.partition(b":")
        if colon:
            key = name.decode("latin-1").strip().lower()
            request.headers.setdefault(key, value.decode("latin-1").strip())
    encodings = [
        each.strip()
        for each in request.headers.get("content-encoding", "").split(",")
        if each.strip() not in ("", "aws-chunked")
    ]
    if encodings:
        request.headers["content-encoding"] = ",".join(encodings)
    else:
        request.headers.pop("content-encoding", None)


def _decode(data: bytes) -> tuple[bytes, bytes]:
    parts: list[bytes] = []
    at = 0
    while True:
        end = data.find(b"\r\n", at)
        if end < 0:
            raise IncompleteBody()
        size = _chunk_size(data[at : end + 2])
        at = end + 2
        if size == 0:
            return b"".join(parts), data[at:]
        if at + size + 2 > len(data) or data[at + size : at + size + 2] != b"\r\n":
            raise IncompleteBody()
        parts.append(data[at : at + size])
        at += size + 2


def _decode_file(source: BinaryIO) -> tuple[BinaryIO, int, bytes]:
    """The same for a body in a file: what its chunks carry in another, how long that is, the trailers."""
    source.seek(0)
    target = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the request
    total = 0
    with source:
        while size := _chunk_size(source.readline(_LINE_BYTES_MAX)):
            total += size
            while size:
                part = source.read(min(size, _COPIED_BYTES))
                if not part:
                    raise IncompleteBody()
                target.write(part)
                size -= len(part)
            if source.read(2) != b"\r\n":
                raise IncompleteBody()
        trailers = source.read(_TRAILER_BYTES_MAX)
    target.seek(0)
    return target, total, trailers


def _chunk_size(line: bytes) -> int:
    digits = line.partition(b";")[0].strip()
    if not line.endswith(b"\r\n") or not digits or len(digits) > _SIZE_DIGITS_MAX:
        raise IncompleteBody()
    try:
        size = int(digits, 16)
    except ValueError:
        raise IncompleteBody() from None
    if size < 0:
        raise IncompleteBody()
    return size
