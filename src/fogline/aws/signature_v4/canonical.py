"""The canonical request: one spelling of a request, on which its signer and we agree."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote_from_bytes, unquote_to_bytes

from fogline.aws.signature_v4.reading import Fields, Signature

_UNSIGNED = "UNSIGNED-PAYLOAD"
_PARAMETERS_MAX = 1_000
"""No request to an API has more; so many bytes are not sorted for anybody."""


class SignedRequest(NamedTuple):
    """A request as it was sent: path and query percent-encoded, neither changed nor sorted."""

    method: str
    path: str
    query: str
    fields: Fields
    body: bytes


def fields_of(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, Sequence[bytes]]:
    """Headers by their names, out of what was sent."""
    fields: dict[str, Sequence[bytes]] = {}
    for name, value in headers:
        key = name.decode("latin-1").lower()
        fields[key] = (*fields[key], value) if key in fields else (value,)
    return fields


def canonical_request(
    signature: Signature, request: SignedRequest, payload_hash: str, host: bytes | None = None
) -> bytes:
    """The canonical request; `host` stands for the header where it is given."""
    fields: Mapping[str, Sequence[bytes]] = request.fields
    if host is not None:
        fields = {**fields, "host": (host,)}
    path = canonical_path(request.path, is_encoded_once=signature.service == "s3")
    head = f"{request.method}\n{path}\n{canonical_query(request.query)}\n"
    lines = [
        name.encode("utf-8", "replace")
        + b":"
        + b",".join([b" ".join(value.split()) for value in fields.get(name, ())])
        for name in signature.names
    ]
    tail = f"\n\n{';'.join(signature.names)}\n{payload_hash}"
    return head.encode() + b"\n".join(lines) + tail.encode("utf-8", "replace")


def canonical_path(path: str, *, is_encoded_once: bool = False) -> str:
    """A path without empty and relative segments, encoded once more; S3 alone takes it as it is."""
    if is_encoded_once:
        return path
    if "//" in path or "/." in path:
        path = _normalized(path)
    return quote_from_bytes(path.encode("latin-1", "replace"), safe="/~") or "/"


def _normalized(path: str) -> str:
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment and segment != ".":
            kept.append(segment)
    whole = "/" + "/".join(kept)
    return f"{whole}/" if kept and path.endswith("/") else whole


def canonical_query(query: str) -> str:
    """The parameters, each encoded AWS's way, in their order; not the signature itself."""
    if not query:
        return ""
    pairs = []
    for pair in query.split("&", _PARAMETERS_MAX)[:_PARAMETERS_MAX]:
        name, _, value = pair.partition("=")
        if name and name != "X-Amz-Signature":
            pairs.append((_encoded(name), _encoded(value)))
    pairs.sort()
    return "&".join([f"{name}={value}" for name, value in pairs])


def _encoded(text: str) -> str:
    """A part of a query, whose encoding is the client's own, in that of AWS."""
    if text.isalnum() and text.isascii():
        return text
    return quote_from_bytes(
        unquote_to_bytes(text.replace("+", " ").encode("latin-1", "replace")), safe=""
    )


def payload_hash_of(signature: Signature, body: bytes) -> tuple[str, bool]:
    """What stands for the body, and whether that is true of it. Lambda wants every body signed."""
    said = signature.payload_hash
    if said == _UNSIGNED:
        return said, not body or signature.service != "lambda"
    if said.startswith("STREAMING-"):
        return said, True
    own = hashlib.sha256(body).hexdigest()
    return said or own, not said or said.lower() == own
