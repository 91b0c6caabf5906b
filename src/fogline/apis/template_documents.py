"""Documents that templates give: of an API, written in the template or kept in S3, and of its parts."""

from __future__ import annotations

import json
from typing import Any

from fogline.ports.resources import Context, Properties, ResourceRefused

_BODY_BYTES_MAX = 6 * 1024 * 1024


def as_text(value: Any) -> str:
    """A document that may be given as text or as what it says."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def body_of(context: Context, properties: Properties, tag: str) -> bytes | None:
    """What `Body` or `BodyS3Location` of an API give; `tag` is how its kind spells the object's ETag.

    Raises ResourceRefused.
    """
    written = properties.get("Body")
    if written is not None:
        return as_text(written).encode()
    location = properties.get("BodyS3Location")
    if location is None:
        return None
    request = {
        "Bucket": location.get("Bucket"),
        "Key": location.get("Key"),
        "VersionId": location.get("Version"),
        "IfMatch": location.get(tag),
    }
    body = context.ask("s3", "GetObject", request)["Body"]
    content: bytes = body if isinstance(body, bytes) else body.read(_BODY_BYTES_MAX + 1)
    if len(content) > _BODY_BYTES_MAX:
        raise ResourceRefused(f"The document in {request['Key']} is too large.")
    return content
