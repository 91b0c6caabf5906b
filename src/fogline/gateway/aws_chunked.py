"""The `aws-chunked` content encoding: S3 bodies sent in signed chunks, with checksums as trailers."""

from __future__ import annotations

from fogline.aws.errors import AwsError
from fogline.ports.http import HttpRequest

_SIZE_DIGITS_MAX = 16


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
        # Bounded by the server's limit for bodies; only uploads come this way.
        request.spooled.seek(0)
        data = request.spooled.read()
    else:
        data = request.body
    request.body, trailers = _decode(data)
    request.spooled = None
    expected = request.headers.get("x-amz-decoded-content-length")
    if expected is not None and expected != str(len(request.body)):
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
        digits = data[at:end].partition(b";")[0].strip()
        if not digits or len(digits) > _SIZE_DIGITS_MAX:
            raise IncompleteBody()
        try:
            size = int(digits, 16)
        except ValueError:
            raise IncompleteBody() from None
        at = end + 2
        if size == 0:
            return b"".join(parts), data[at:]
        if size < 0 or at + size + 2 > len(data) or data[at + size : at + size + 2] != b"\r\n":
            raise IncompleteBody()
        parts.append(data[at : at + size])
        at += size + 2
