"""The bounds of S3, as AWS sets them, and how we keep contents."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    inline_bytes_max: int = 16_384
    """Contents up to this size live in the row of their object, larger ones in files."""
    page_keys_max: int = 1_000
    key_bytes_max: int = 1_024
    metadata_bytes_max: int = 2_048
    object_tags_max: int = 10
    bucket_tags_max: int = 50
    notifications_max: int = 100
    part_number_max: int = 10_000
    part_bytes_min: int = 5 * 1024 * 1024
    """Of all parts but the last."""
    put_bytes_max: int = 5 * 1024 * 1024 * 1024
    deleted_keys_max: int = 1_000
    garbage_seconds: int = 900
    """How long contents stay after their last object is gone: reads of it may be under way."""
