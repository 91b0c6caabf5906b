"""What readers ask of S3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO, NamedTuple, Protocol


class Page(NamedTuple):
    """Some of the objects of a bucket."""

    contents: Sequence[Mapping[str, Any]]
    """As `ListObjectsV2` answers them: ETag, Key, LastModified (milliseconds), Size, StorageClass."""
    token: str | None
    """Where the next page begins; None behind the last one."""


class Fetch(Protocol):
    """Reads objects. Requests are those of S3's API; refusals are raised as ItemReaderFailed."""

    def get_object(self, request: Mapping[str, Any]) -> BinaryIO:
        """The object's content, open for reading and seeking. The reader closes it."""

    def list_objects(self, request: Mapping[str, Any], token: str | None) -> Page:
        """A page of the listing that the request asks for."""
