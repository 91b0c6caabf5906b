"""Lists of what is in a bucket."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.services.s3.errors import InvalidArgument
from fogline.services.s3.listing import (
    Page,
    Position,
    behind,
    make_page,
    start_after,
    url_encoded,
)
from fogline.services.s3.lookup import Request, Result, owner_of, require_bucket
from fogline.services.s3.service import S3
from fogline.services.s3.tables import NULL_VERSION, Bucket, Listed

if TYPE_CHECKING:
    from types_boto3_s3 import type_defs as types


def encoder_of(request: Request) -> Callable[[str], str]:
    """How keys are written in the answer."""
    encoding = request.get("EncodingType")
    if encoding is None:
        return str
    if encoding != "url":
        raise InvalidArgument(
            "Invalid Encoding Method specified in Request", "encoding-type", encoding
        )
    return url_encoded


def count_of(request: Request, member: str, argument: str, most: int) -> int:
    """How many entries a page may have."""
    asked = request.get(member)
    if asked is None:
        return most
    if asked < 0:
        raise InvalidArgument(
            f"Argument {argument} must be an integer between 0 and 2147483647", argument, asked
        )
    return min(int(asked), most)


def _page(s3: S3, bucket_name: Request, since: bytes, limit: int) -> tuple[Bucket, Page[Listed]]:
    request = bucket_name
    with s3.store.read() as tx:
        bucket = require_bucket(s3, tx, request)

        def fetch(at: Position, until: bytes | None, count: int) -> list[Listed]:
            return s3.tables.current(tx, bucket, at[0], until, count)

        page = make_page(
            fetch,
            prefix=request.get("Prefix") or "",
            delimiter=request.get("Delimiter") or "",
            since=(since, None),
            limit=limit,
        )
    return bucket, page


def _shown(listed: Listed, encode: Callable[[str], str]) -> dict[str, Any]:
    return {
        "Key": encode(listed.key.decode()),
        "LastModified": listed.modified_at // 1000 * 1000,
        "ETag": f'"{listed.etag}"',
        "ChecksumAlgorithm": [listed.algorithm] if listed.algorithm else None,
        "ChecksumType": listed.checksum_type if listed.algorithm else None,
        "Size": listed.size,
        "StorageClass": listed.storage_class,
    }


def list_objects(s3: S3, call: Call, request: types.ListObjectsRequestTypeDef) -> Result:
    encode = encoder_of(request)
    limit = count_of(request, "MaxKeys", "maxKeys", s3.limits.page_keys_max)
    prefix, delimiter = request.get("Prefix") or "", request.get("Delimiter") or ""
    marker = request.get("Marker") or ""
    bucket, page = _page(s3, request, start_after(marker, prefix, delimiter), limit)
    owner = owner_of(bucket)
    return {
        "Name": bucket.name,
        "Prefix": encode(prefix),
        "Marker": encode(marker),
        # Without a delimiter, clients take the last key for the next marker.
        "NextMarker": encode(page.last) if page.is_truncated and delimiter else None,
        "MaxKeys": limit,
        "Delimiter": encode(delimiter) if delimiter else None,
        "EncodingType": request.get("EncodingType"),
        "IsTruncated": page.is_truncated,
        "Contents": [{**_shown(listed, encode), "Owner": owner} for listed in page.entries] or None,
        "CommonPrefixes": _prefixes(page, encode),
    }


def _prefixes(page: Page[Any], encode: Callable[[str], str]) -> list[dict[str, str]] | None:
    return [{"Prefix": encode(prefix)} for prefix in page.prefixes] or None


def list_objects_v2(s3: S3, call: Call, request: types.ListObjectsV2RequestTypeDef) -> Result:
    encode = encoder_of(request)
    limit = count_of(request, "MaxKeys", "max-keys", s3.limits.page_keys_max)
    prefix, delimiter = request.get("Prefix") or "", request.get("Delimiter") or ""
    token, after = request.get("ContinuationToken"), request.get("StartAfter") or ""
    if token is not None:
        since = start_after(_token_key(token), prefix, delimiter)
    else:
        since = behind(after.encode()) if after else b""
    bucket, page = _page(s3, request, since, limit)
    owner = {"Owner": owner_of(bucket)} if request.get("FetchOwner") else {}
    return {
        "Name": bucket.name,
        "Prefix": encode(prefix),
        "StartAfter": encode(after) if after and token is None else None,
        "ContinuationToken": token,
        "NextContinuationToken": _token(page.last) if page.is_truncated else None,
        "KeyCount": page.count,
        "MaxKeys": limit,
        "Delimiter": encode(delimiter) if delimiter else None,
        "EncodingType": request.get("EncodingType"),
        "IsTruncated": page.is_truncated,
        "Contents": [{**_shown(listed, encode), **owner} for listed in page.entries] or None,
        "CommonPrefixes": _prefixes(page, encode),
    }


def _token(last: str) -> str:
    """A continuation token; it has no character that a URL would change."""
    return base64.urlsafe_b64encode(b"1" + last.encode()).decode().rstrip("=")


def _token_key(token: str) -> str:
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        if raw[:1] != b"1":
            raise ValueError(token)
        return raw[1:].decode()
    except (binascii.Error, ValueError):
        raise InvalidArgument(
            "The continuation token provided is incorrect", "continuation-token"
        ) from None


def list_object_versions(
    s3: S3, call: Call, request: types.ListObjectVersionsRequestTypeDef
) -> Result:
    encode = encoder_of(request)
    limit = count_of(request, "MaxKeys", "max-keys", s3.limits.page_keys_max)
    prefix, delimiter = request.get("Prefix") or "", request.get("Delimiter") or ""
    marker, version = request.get("KeyMarker") or "", request.get("VersionIdMarker")
    if version is not None and not request.get("KeyMarker"):
        raise InvalidArgument(
            "A version-id marker cannot be specified without a key marker.",
            "version-id-marker",
            version,
        )
    with s3.store.read() as tx:
        bucket = require_bucket(s3, tx, request)
        since: Position = (start_after(marker, prefix, delimiter), None)
        if version:
            if version != NULL_VERSION and len(version) != 32:
                raise InvalidArgument("Invalid version id specified", "version-id-marker", version)
            last = s3.tables.find_object(tx, bucket, marker, version)
            if last is not None:
                since = (marker.encode(), last.number)

        def fetch(at: Position, until: bytes | None, count: int) -> list[Listed]:
            return s3.tables.versions(tx, bucket, at[0], at[1], until, count)

        page = make_page(
            fetch,
            prefix=prefix,
            delimiter=delimiter,
            since=since,
            limit=limit,
            after=lambda listed: (listed.key, listed.number),
        )
    owner = owner_of(bucket)
    versions: list[dict[str, Any]] = []
    markers: list[dict[str, Any]] = []
    for listed in page.entries:
        shown = {
            **_shown(listed, encode),
            "VersionId": listed.version,
            "IsLatest": listed.is_latest,
            "Owner": owner,
        }
        if listed.is_marker:
            names = ("Key", "LastModified", "VersionId", "IsLatest", "Owner")
            markers.append({name: shown[name] for name in names})
        else:
            versions.append(shown)
    last_version = page.entries[-1].version if page.entries else None
    ends_with_prefix = bool(page.prefixes) and page.prefixes[-1] == page.last
    return {
        "Name": bucket.name,
        "Prefix": encode(prefix),
        "KeyMarker": encode(marker),
        "VersionIdMarker": version or "",
        "NextKeyMarker": encode(page.last) if page.is_truncated else None,
        "NextVersionIdMarker": last_version if page.is_truncated and not ends_with_prefix else None,
        "MaxKeys": limit,
        "Delimiter": encode(delimiter) if delimiter else None,
        "EncodingType": request.get("EncodingType"),
        "IsTruncated": page.is_truncated,
        "Versions": versions or None,
        "DeleteMarkers": markers or None,
        "CommonPrefixes": _prefixes(page, encode),
    }
