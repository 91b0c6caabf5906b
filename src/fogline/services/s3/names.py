"""Names of buckets, keys, tags and storage classes: what S3 refuses."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from fogline.services.s3.errors import (
    BadRequest,
    InvalidArgument,
    InvalidBucketName,
    InvalidStorageClass,
    InvalidTag,
    KeyTooLongError,
    MalformedXML,
    MetadataTooLarge,
)
from fogline.services.s3.limits import Limits

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_TAG = re.compile(r"[\w\s.:/=+\-@]*")
_STORAGE_CLASSES = frozenset(
    (
        "STANDARD",
        "REDUCED_REDUNDANCY",
        "STANDARD_IA",
        "ONEZONE_IA",
        "INTELLIGENT_TIERING",
        "GLACIER",
        "DEEP_ARCHIVE",
        "GLACIER_IR",
    )
)


def check_bucket_name(name: str) -> None:
    """Raises InvalidBucketName for a name that a new bucket cannot have."""
    if _BUCKET.fullmatch(name) is None or ".." in name or ".-" in name or "-." in name:
        raise InvalidBucketName(name)
    if name.startswith(("xn--", "sthree-")) or name.endswith(("-s3alias", "--ol-s3")):
        raise InvalidBucketName(name)
    try:
        ipaddress.IPv4Address(name)
    except ValueError:
        return
    raise InvalidBucketName(name)


def check_key(key: str, limits: Limits) -> None:
    size = len(key.encode())
    if size > limits.key_bytes_max:
        raise KeyTooLongError(members={"Size": size, "MaxSizeAllowed": limits.key_bytes_max})


def check_metadata(metadata: Mapping[str, str], limits: Limits) -> None:
    size = sum(len(key.encode()) + len(value.encode()) for key, value in metadata.items())
    if size > limits.metadata_bytes_max:
        raise MetadataTooLarge(members={"Size": size, "MaxSizeAllowed": limits.metadata_bytes_max})


def checked_storage_class(name: str | None) -> str:
    if name is not None and name not in _STORAGE_CLASSES:
        raise InvalidStorageClass(members={"StorageClassRequested": name})
    return name or "STANDARD"


def tags_of_header(header: str | None, limits: Limits) -> dict[str, str]:
    """The tags in `x-amz-tagging`, which is written like a query."""
    if not header:
        return {}
    pairs = parse_qsl(header, keep_blank_values=True)
    if len({key for key, _ in pairs}) < len(pairs):
        raise InvalidArgument(
            "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without"
            " tag name duplicates.",
            "x-amz-tagging",
            header,
        )
    return checked_tags([{"Key": key, "Value": value} for key, value in pairs], limits)


def checked_tags(
    tags: Sequence[Mapping[str, Any]], limits: Limits, *, of_bucket: bool = False
) -> dict[str, str]:
    """Tags by their keys, in the order given."""
    most = limits.bucket_tags_max if of_bucket else limits.object_tags_max
    if len(tags) > most:
        what = "Bucket" if of_bucket else "Object"
        raise BadRequest(f"{what} tags cannot be greater than {most}")
    checked: dict[str, str] = {}
    for tag in tags:
        key, value = tag.get("Key"), tag.get("Value")
        if key is None or value is None:
            raise MalformedXML()
        if not 1 <= len(key) <= 128 or _TAG.fullmatch(key) is None:
            raise InvalidTag("The TagKey you have provided is invalid", members={"TagKey": key})
        if len(value) > 256 or _TAG.fullmatch(value) is None:
            raise InvalidTag(
                "The TagValue you have provided is invalid",
                members={"TagKey": key, "TagValue": value},
            )
        if key in checked:
            raise InvalidTag(
                "Cannot provide multiple Tags with the same key", members={"TagKey": key}
            )
        checked[key] = value
    return checked


def check_own_tags(tags: Mapping[str, str]) -> None:
    """Refuse tags that only AWS's own services may set."""
    for key in tags:
        if key.startswith("aws:"):
            raise InvalidTag(
                'User-defined tag keys can\'t start with "aws:". This prefix is reserved for system tags.'
                ' Remove "aws:" from your tag keys and try again.'
            )
