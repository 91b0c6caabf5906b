"""Conditional requests: by entity tag and by time, for reads, copies and writes.

Precedence as RFC 9110 has it: tags go before times.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.services.s3.errors import (
    NoSuchKey,
    NotImplementedHeader,
    NotModified,
    PreconditionFailed,
)
from fogline.services.s3.tables import Object


def _matches(tags: str, found: Object) -> bool:
    wanted = [tag.strip().removeprefix("W/").strip('"') for tag in tags.split(",")]
    return "*" in wanted or found.etag in wanted


def _second(instant: int) -> int:
    return instant // 1000


def check_read(request: Mapping[str, Any], found: Object) -> None:
    """Raises NotModified or PreconditionFailed where a read should not be answered."""
    modified = _second(found.modified_at)
    tags, since = request.get("IfMatch"), request.get("IfUnmodifiedSince")
    if tags is not None:
        if not _matches(tags, found):
            raise PreconditionFailed("If-Match")
    elif since is not None and modified > _second(since):
        raise PreconditionFailed("If-Unmodified-Since")
    tags, since = request.get("IfNoneMatch"), request.get("IfModifiedSince")
    if tags is not None:
        if _matches(tags, found):
            raise NotModified()
    elif since is not None and modified <= _second(since):
        raise NotModified()


def check_copy(request: Mapping[str, Any], source: Object, now: int) -> None:
    """Raises PreconditionFailed where a source should not be copied.

    An IfModifiedSince that lies in the future is no condition, as recorded from AWS.
    """
    modified = _second(source.modified_at)
    tags, since = request.get("CopySourceIfMatch"), request.get("CopySourceIfUnmodifiedSince")
    if tags is not None:
        if not _matches(tags, source):
            raise PreconditionFailed("x-amz-copy-source-If-Match")
    elif since is not None and modified > _second(since):
        raise PreconditionFailed("x-amz-copy-source-If-Unmodified-Since")
    tags, since = request.get("CopySourceIfNoneMatch"), request.get("CopySourceIfModifiedSince")
    if tags is not None:
        if _matches(tags, source):
            raise PreconditionFailed("x-amz-copy-source-If-None-Match")
    elif since is not None and since <= now and modified <= _second(since):
        raise PreconditionFailed("x-amz-copy-source-If-Modified-Since")


def check_write(request: Mapping[str, Any], found: Object | None) -> None:
    """Raises what stands against replacing `found`, the latest version of a key, if there is one."""
    exists = found is not None and not found.is_marker
    unless, only = request.get("IfNoneMatch"), request.get("IfMatch")
    if unless is not None and only is not None:
        raise _not_accepted(
            "If-Match,If-None-Match", "Multiple conditional request headers present in the request"
        )
    if unless is not None:
        if unless != "*":
            raise _not_accepted("If-None-Match")
        if exists:
            raise PreconditionFailed("If-None-Match")
    if only is not None:
        if only == "*":
            raise _not_accepted("If-Match")
        if found is None or not exists:
            raise NoSuchKey(request["Key"])
        if only.strip('"') != found.etag:
            raise PreconditionFailed("If-Match")


def _not_accepted(header: str, text: str | None = None) -> NotImplementedHeader:
    text = text or f"We don't accept the provided value of {header} header for this API"
    return NotImplementedHeader(members={"Header": header, "additionalMessage": text})
